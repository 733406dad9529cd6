"""The configuration of things from files or openHAB: nodes, and the checks that turn them into things.

The texts of configuration errors are here; the parameters themselves, with defaults, are in `protocol`.
"""

from twilio_binding.model.configuration.kept import Good, Loaded, load_or_keep
from twilio_binding.model.configuration.loader import load_things
from twilio_binding.model.configuration.nodes import ParameterNode, Place, Scalar, ThingNode
from twilio_binding.model.configuration.problem import Problem
from twilio_binding.model.configuration.public_url import doubts
from twilio_binding.model.configuration.storable import storable_configuration, storable_node

__all__ = [
    "Good",
    "Loaded",
    "ParameterNode",
    "Place",
    "Problem",
    "Scalar",
    "ThingNode",
    "doubts",
    "load_or_keep",
    "load_things",
    "storable_configuration",
    "storable_node",
]
