"""The status of a message or call, from all callbacks in any order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from twilio_binding.history.ports import PastEvent, StoredSend
from twilio_binding.model.call_statuses import FINAL
from twilio_binding.model.delivery_statuses import FAILED
from twilio_binding.model.message_statuses import ARRIVED
from twilio_binding.model.progress import furthest_status, told_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The final or latest status; `reason` says why it failed. `seconds` is the duration of a call, "" if unknown."""

    status: str
    reason: str = ""
    seconds: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether the message or call did not reach anybody."""
        return self.status in FAILED

    @property
    def has_arrived(self) -> bool:
        """Whether the message is on the recipient's phone."""
        return self.status in ARRIVED

    @property
    def is_over(self) -> bool:
        """Whether the call is over."""
        return self.status in FINAL


def furthest(events: Iterable[PastEvent], send: StoredSend | None = None) -> Delivered:
    """The latest status of a message or call; for our own, `send` is its record in the outbox."""
    status, reason, seconds = "", "", ""
    if send is not None:
        if send.problem:
            return Delivered(status="failed", reason=send.problem)
        status = send.status or ("" if send.sid else "waiting")
    for event in events:
        payload = event.payload
        seconds = str(payload.get("callDuration", seconds))
        status = furthest_status(status, payload)
        if told_status(payload) == status:
            reason = _reason(payload.get("errorMeaning") or payload.get("errorMessage"), payload.get("errorCode"))
    return Delivered(status=status, reason=reason, seconds=seconds)


def _reason(text: object, code: object) -> str:
    number = f"Twilio error {code}" if code else ""
    return f"{text} ({number})" if text and number else str(text or number)
