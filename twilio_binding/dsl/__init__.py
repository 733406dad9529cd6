"""openHAB's textual configuration: `.things` files for the service, `.items` files for the sandbox.

Grammar, parsing and following of files belong here; the meaning of things and parameters is in `model.configuration`.
"""

from twilio_binding.dsl.follower import ThingsFollower
from twilio_binding.dsl.nodes import ItemNode, MetadataNode
from twilio_binding.dsl.parser import DslError, parse_items, parse_things
from twilio_binding.dsl.source import Calling, ThingsFiles, call_here

__all__ = [
    "Calling",
    "DslError",
    "ItemNode",
    "MetadataNode",
    "ThingsFiles",
    "ThingsFollower",
    "call_here",
    "parse_items",
    "parse_things",
]
