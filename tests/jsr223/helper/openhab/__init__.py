"""The parts of openHAB's Python helper library that rules on trigger channels need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scope


class _Event:
    def __init__(self, event: str) -> None:
        self._event = event

    def getEvent(self) -> str:  # noqa: N802 - openHAB's name
        """The payload."""
        return self._event


class rule:  # noqa: N801 - the library's name
    """Registers a function with (module, input) as a rule; its result is lost, as in the real library."""

    def __init__(self, name: str | None = None, triggers: list[Any] | None = None) -> None:
        self._name = name
        self._triggers = triggers or []

    def __call__(self, function: Callable[[Any, dict[str, Any]], object]) -> Callable[[Any, dict[str, Any]], object]:
        """Register it."""
        for trigger in self._triggers:
            scope.rules.add(self._name, trigger.channel, lambda event: function(None, {"event": _Event(str(event))}))
        return function
