"""The events of the script inside openHAB: it checks signatures, remembers ids, and knows its things."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.protocol.calls import SignedCalls
from twilio_binding.protocol.events import (
    BridgeEvent,
    EventAnswer,
    Outcome,
    answer_in_order,
    decode_events,
    encode_answers,
)
from twilio_binding.protocol.notifications import Notification

Handle = Callable[[BridgeEvent], None]


class Script:
    """The script. `handle` carries out an event if `status_of` says that its thing is ONLINE."""

    def __init__(
        self, *, status_of: Callable[[str], str | None], handle: Handle, is_new: Callable[[str], bool]
    ) -> None:
        self._status_of = status_of
        self._handle = handle
        self._is_new = is_new
        self._answers: SignedCalls | None = None
        self.events = 0
        self.calls = 0
        self.notifications: list[Notification] = []

    @property
    def is_loaded(self) -> bool:
        """Whether the script is loaded, so that its servlet exists."""
        return self._answers is not None

    def load(self, secret: str) -> None:
        """Load or reload the script with this secret."""
        self._answers = SignedCalls(secret, {"events": self._take_all, "notify": self._notify}, unexpected=_fail)

    def unload(self) -> None:
        """Remove the script."""
        self._answers = None

    def call(self, name: str, body: bytes, header: str) -> tuple[int, bytes, str]:
        """Answer a call of the service. Returns status, body and signature."""
        self.calls += 1
        assert self._answers is not None
        answered = self._answers.answer(name, body, header)
        return answered.status, answered.body, answered.signature

    def _notify(self, body: bytes) -> bytes:
        self.notifications.append(Notification.decode(body))
        return b"{}"

    def _take_all(self, body: bytes) -> bytes:
        return encode_answers(answer_in_order(decode_events(body), self._take))

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


def _fail(error: BaseException) -> None:
    raise error
