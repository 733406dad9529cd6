"""Prepares a configuration for storage: PINs are salted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from twilio_binding.model.configuration.nodes import ThingNode
from twilio_binding.model.pins import salted

_PIN = "pin"


def storable_node(node: ThingNode) -> ThingNode:
    """The node without secrets that must not be stored readably."""
    parameters = tuple(
        replace(one, values=tuple(salted(str(value)) for value in one.values)) if one.name == _PIN else one
        for one in node.parameters
    )
    return replace(node, parameters=parameters)


def storable_configuration(configuration: Mapping[str, Any] | None) -> dict[str, Any]:
    """The same for a configuration from openHAB."""
    return {name: salted(str(value)) if name == _PIN else value for name, value in (configuration or {}).items()}
