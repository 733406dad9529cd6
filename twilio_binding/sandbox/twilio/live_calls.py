"""Calls that a user makes or answers with the phone in the console, and the numbers that ring there."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from twilio_binding.sandbox.twilio.background import Interruptible
from twilio_binding.sandbox.twilio.pad import LivePad
from twilio_binding.sandbox.twilio.resources import Resource

_MOST = 20
_RINGS = 60.0
"""Seconds for which a phone rings, as with Twilio."""
_LOOK = 0.2


class LiveCall:
    """One call on the phone in the console. `going_on` has all calls in progress, by SID."""

    def __init__(self, resource: Resource, going_on: Mapping[str, Interruptible]) -> None:
        self.pad = LivePad()
        self._resource = resource
        self._going_on = going_on
        self._is_over = False

    @property
    def rings(self) -> bool:
        """Whether this is an outgoing call that rings."""
        return self._resource["direction"] != "inbound" and not self.pad.is_answered and not self._is_over

    def ring(self, is_over: Callable[[], bool]) -> str:
        """Ring until the call is answered, declined or over. Returns the status with which the call will end."""
        until = time.monotonic() + _RINGS
        while time.monotonic() < until and not is_over():
            is_answered = self.pad.wait_for_answer(_LOOK)
            if is_answered is not None:
                return "completed" if is_answered else "busy"
        return "no-answer"

    def hang_up(self) -> None:
        """Hang up; decline a call that rings."""
        rings = self.rings
        self.pad.hang_up()
        going_on = self._going_on.get(self._resource["sid"])
        if going_on is not None and not rings:
            going_on.hang_up()

    def end(self, reason: str) -> None:
        """End the call with this reason."""
        self._is_over = True
        self.pad.hear("over", reason)

    def state(self, since: int, seconds: float) -> dict[str, Any]:
        """What was heard, and the Gather that waits. Returns when there is news since version `since`, or after `seconds`."""
        told = self.pad.state(since, seconds)
        return told | {"status": self._resource["status"], "over": self._is_over}

    def outline(self) -> dict[str, str]:
        """SID and numbers of the call."""
        return {"sid": self._resource["sid"], "from": self._resource["from"], "to": self._resource["to"]}


class LiveCalls:
    """The newest calls by SID, and the `numbers` that ring on the phone in the console."""

    def __init__(self) -> None:
        self.calls: OrderedDict[str, LiveCall] = OrderedDict()
        self.numbers: set[str] = set()

    def add(self, resource: Resource, going_on: Mapping[str, Interruptible]) -> LiveCall:
        """Add a call. If there are more than 20, the oldest one ends."""
        call = self.calls[str(resource["sid"])] = LiveCall(resource, going_on)
        if len(self.calls) > _MOST:
            self.calls.popitem(last=False)[1].hang_up()
        return call

    def ringing(self) -> list[dict[str, str]]:
        """The calls that ring."""
        return [call.outline() for call in tuple(self.calls.values()) if call.rings]
