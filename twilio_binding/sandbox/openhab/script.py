"""The bridge script inside openHAB, as far as events go: it checks signatures, remembers ids, and knows its things."""

from __future__ import annotations

import time
from collections.abc import Callable

from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.script import (
    STATUSES,
    BridgeEvent,
    EventAnswer,
    Outcome,
    decode_events,
    encode_answers,
    encode_refusal,
)
from twilio_binding.protocol.signing import Gate, sign_answer

Handle = Callable[[BridgeEvent], None]


class Script:
    """Loaded with a secret; `handle` carries out an event of a thing that `status_of` says is ONLINE."""

    def __init__(
        self, *, status_of: Callable[[str], str | None], handle: Handle, is_new: Callable[[str], bool]
    ) -> None:
        self._status_of = status_of
        self._handle = handle
        self._is_new = is_new
        self._gate: Gate | None = None
        self._secret = ""
        self.events = 0
        self.calls = 0

    @property
    def is_loaded(self) -> bool:
        """Whether its servlet is there."""
        return self._gate is not None

    def load(self, secret: str) -> None:
        """Load it, or load it again."""
        self._secret, self._gate = secret, Gate(secret)

    def unload(self) -> None:
        """Take it away."""
        self._gate = None

    def call(self, name: str, body: bytes, header: str) -> tuple[int, bytes, str]:
        """Status, body and signature of the answer to a call."""
        self.calls += 1
        nonce, status = "", 200
        try:
            assert self._gate is not None
            nonce = self._gate.admit(name, body, header, time.time())
            if name != "events":
                raise Refusal("unknown_call", f"there is no call {name}")  # noqa: TRY301
            answer = encode_answers([self._take(event) for event in decode_events(body)])
        except Refusal as refusal:
            status, answer = STATUSES[refusal.code], encode_refusal(refusal, time.time())
        return status, answer, sign_answer(self._secret, nonce, status, answer)

    def _take(self, event: BridgeEvent) -> EventAnswer:
        outcome: Outcome = "done"
        status = self._status_of(event.thing)
        if status is None:
            outcome = "unknown_thing"
        elif status != "ONLINE":
            outcome = "not_ready"
        elif not self._is_new(event.id):
            outcome = "seen"
        else:
            self.events += 1
            self._handle(event)
        return EventAnswer(id=event.id, outcome=outcome)
