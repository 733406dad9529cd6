"""Incoming texts and calls of the demo, and their effects in openHAB."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.stack import Stack
from twilio_binding.sandbox.twilio import CallReport
from twilio_binding.sandbox.waiting import PATIENCE, SandboxError, until

SENDER = "+15559876543"


class Observer:
    """Simulates incoming texts and calls, waits for their effects, and counts them. Methods raise `SandboxError`."""

    def __init__(self, stack: Stack) -> None:
        self._openhab, self._twilio = stack.openhab, stack.twilio
        self.counts: dict[str, int] = {}
        self.times: dict[str, list[float]] = {}

    def receive(self, body: str, *, sender: str = SENDER, media: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
        """Simulate an incoming text that the service must accept. Returns the webhook with its answer."""
        exchange = self._twilio.receive_sms(body, sender=sender, media=media)
        self.expect(exchange["status"] == 200, f"a text was answered {exchange['status']} {exchange['error']}")
        self.took("answer to a text", exchange["ms"])
        self.count("messages received")
        return exchange

    def call(self, script: list[str]) -> CallReport:
        """Simulate an incoming call that must end without an application error."""
        report = self._twilio.call(script)
        self.expect(not report.error, f"the caller hears an application error: {report.error} {report.reason}")
        self.count("calls received")
        return report

    def events(self, channel: str) -> list[dict[str, Any]]:
        """The payloads of all trigger events of a channel, oldest first."""
        triggers = self._openhab.triggers(channel=f"{PHONE}:{channel}")
        return [json.loads(str(trigger["payload"])) for trigger in triggers]

    def trigger(
        self, channel: str, condition: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE
    ) -> dict[str, Any]:
        """Wait for a trigger event whose payload meets `condition`. Returns the payload."""
        found: dict[str, Any] = until(
            lambda: next((event for event in reversed(self.events(channel)) if condition(event)), None),
            f"trigger {channel}",
            seconds,
        )
        return found

    def item(self, item: str, state: str) -> None:
        """Wait until an item has this state."""
        until(lambda: self._openhab.states(item)[-1:] == [state], f"item {item}")

    def expect(self, condition: object, otherwise: str) -> None:
        """Raise `SandboxError` with the text `otherwise` unless the condition is true."""
        if not condition:
            raise SandboxError(otherwise)

    def count(self, what: str) -> None:
        """Add one to the count of `what`."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def took(self, what: str, milliseconds: float) -> None:
        """Note how many milliseconds `what` took."""
        self.times.setdefault(what, []).append(milliseconds)
