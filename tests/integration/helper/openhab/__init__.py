"""The parts of openHAB's Python helper library that the examples need, over REST."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import openhab_items

from .triggers import GenericCronTrigger, ItemStateChangeTrigger

Rule = Callable[[object, object], object]
_tick = threading.Event()


@dataclass(frozen=True, slots=True)
class Item:
    """An item."""

    name: str

    def getState(self) -> str:  # noqa: N802 - openHAB's name
        """Its state."""
        return openhab_items.state(self.name)

    def sendCommand(self, value: str) -> None:  # noqa: N802 - openHAB's name
        """Send it a command."""
        assert openhab_items.command(self.name, value)


class Registry:
    """The items."""

    getItem = Item  # noqa: N815 - openHAB's name


class rule:  # noqa: N801 - the library's name
    """Registers a function with (module, input) as a rule; a job for every minute runs five times a second."""

    def __init__(self, name: str, triggers: list[GenericCronTrigger | ItemStateChangeTrigger]) -> None:
        self._name = name
        self._triggers = triggers

    def __call__(self, function: Rule) -> Rule:
        """Register it."""
        for trigger in self._triggers:
            target = self._ticking if isinstance(trigger, GenericCronTrigger) else self._following
            threading.Thread(target=target, args=(function, trigger), name=self._name, daemon=True).start()
        return function

    def _ticking(self, function: Rule, _trigger: GenericCronTrigger) -> None:
        while not _tick.wait(0.2):
            function(None, None)

    def _following(self, function: Rule, trigger: ItemStateChangeTrigger) -> None:
        for state in openhab_items.changes(trigger.item_name):
            if trigger.state in (None, state):
                function(None, None)
