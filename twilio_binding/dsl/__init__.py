"""openHAB's textual configuration: `.things` for us, `.items` for the sandbox."""

from twilio_binding.dsl.loader import load_things
from twilio_binding.dsl.nodes import ItemNode, MetadataNode, ParameterNode, Place, ThingNode
from twilio_binding.dsl.parser import DslError, parse_items, parse_things
from twilio_binding.dsl.problem import Problem
from twilio_binding.dsl.source import ThingsFiles

__all__ = [
    "DslError",
    "ItemNode",
    "MetadataNode",
    "ParameterNode",
    "Place",
    "Problem",
    "ThingNode",
    "ThingsFiles",
    "load_things",
    "parse_items",
    "parse_things",
]
