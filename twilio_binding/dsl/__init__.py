"""openHAB's textual configuration: `.things` for us, `.items` for the sandbox."""

from twilio_binding.dsl.nodes import ItemNode, MetadataNode
from twilio_binding.dsl.parser import DslError, parse_items, parse_things
from twilio_binding.dsl.source import ThingsFiles

__all__ = ["DslError", "ItemNode", "MetadataNode", "ThingsFiles", "parse_items", "parse_things"]
