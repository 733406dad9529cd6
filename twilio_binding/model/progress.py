"""The order of statuses of a message or call, because Twilio reports them in any order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio_binding.model import call_statuses, message_statuses

_MESSAGE = ("", "accepted", "scheduled", "queued", "sending", "sent", "delivered", "read")


def told_status(payload: Mapping[str, Any]) -> str:
    """The status in a status callback; "" if there is none."""
    return str(payload.get("messageStatus") or payload.get("callStatus") or "")


def furthest_status(known: str, payload: Mapping[str, Any]) -> str:
    """The known status after a status callback: the new one, unless it is earlier."""
    told = told_status(payload)
    if not told:
        return known
    is_past = call_statuses.is_past(told, known) if "callSid" in payload else _rank(told) < _rank(known)
    return known if is_past else told


def _rank(status: str) -> int:
    if status in message_statuses.FAILED:
        return len(_MESSAGE)
    return _MESSAGE.index(status) if status in _MESSAGE else 0
