"""openHAB's textual configuration: `.things` for us, `.items` for the sandbox."""

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
