"""The triggers of the helper library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemStateChangeTrigger:
    """A state of an item that changes."""

    item_name: str
    state: str | None = None


@dataclass(frozen=True, slots=True)
class GenericCronTrigger:
    """A repeating time."""

    cron_expression: str
