"""The things that openHAB has and does not run, for which events wait."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from twilio_binding.incoming.ports import Delivery

_log = structlog.get_logger(__name__)


class WaitingThings:
    """Each is named in the log once, until its events are delivered."""

    def __init__(self) -> None:
        self._things: set[str] = set()

    @property
    def reason(self) -> str:
        """Which things events wait for, in words; "" for none."""
        return "; ".join(f"{thing} is not ready in openHAB; its events wait" for thing in sorted(self._things))

    def note(self, tried: Sequence[Delivery], left: Sequence[Delivery]) -> None:
        """Of the events that were tried, some have to wait."""
        waiting = {delivery.event.thing for delivery in left}
        for thing in waiting - self._things:
            _log.warning("openhab.thing_not_ready", thing=thing)
        self._things = self._things - {delivery.event.thing for delivery in tried} | waiting
