"""What came in or went out, as a line for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from twilio_binding.clock import local_time
from twilio_binding.store.history import Happened
from twilio_binding.store.past_sends import PastRecipient, PastSend

_SHOWN = ("messageSid", "callSid", "messageStatus", "callStatus", "state", "step", "by", "contact", "way", "status")
_MASKED = ("from", "to")
Shown = Callable[[str], str]
"""Formats a phone number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of the list; `at` is in seconds since 1970."""

    at: float
    line: str
    told: dict[str, object]


def of_event(event: Happened, shown: Shown, *, with_payload: bool) -> Listed:
    """The entry of an event in the journal. Without its payload, it contains no texts."""
    payload = _read(event.payload)
    outline = {name: shown(str(payload[name])) for name in _MASKED if payload.get(name)}
    outline |= {name: str(payload[name]) for name in _SHOWN if payload.get(name)}
    became, how = _became(event)
    more = event.payload if with_payload else "  ".join(f"{name}={value}" for name, value in outline.items())
    told: dict[str, object] = {"direction": "in", "id": event.id, "time": _time(event.received), "thing": event.thing}
    told |= {"channel": event.channel, "outcome": became, **outline}
    for name, lanes in (("waitsFor", event.waits_for), ("setAside", event.set_aside)):
        told |= {name: list(lanes)} if lanes else {}
    at = local_time(event.received).isoformat(" ", "seconds")
    return Listed(
        at=event.received,
        line=f"{event.id}  {at}  {event.thing}:{event.channel or '-'}  {how}  {more}".rstrip(),
        told=told | ({"payload": payload} if with_payload else {}),
    )


def of_send(send: PastSend, shown: Shown, *, with_payload: bool) -> Listed:
    """The entry of a request in the outbox. Without its payload, it contains no texts."""
    became = "waiting" if send.is_open else _ended(send)
    at = local_time(send.stored).isoformat(" ", "seconds")
    everybody = ", ".join(_recipient(one, shown) for one in send.recipients)
    line = f"out  {at}  {send.thing}:{send.action}  {became.replace('_', ' ')}  to={everybody}"
    told: dict[str, object] = {"direction": "out", "id": send.id, "time": _time(send.stored), "thing": send.thing}
    told |= {"action": send.action, "outcome": became, "recipients": [_told(one, shown) for one in send.recipients]}
    return Listed(
        at=send.stored,
        line=f"{line}  {send.args}" if with_payload else line,
        told=told | ({"payload": _read(send.args)} if with_payload else {}),
    )


def _became(event: Happened) -> tuple[str, str]:
    if event.waits_for:
        return "waiting", f"waits for {' and '.join(event.waits_for)}"
    if event.set_aside:
        return "set_aside", f"not delivered to {' and '.join(event.set_aside)}"
    if event.given_up:
        return "given_up", f"given up for {' and '.join(event.given_up)}"
    return ("limited", "limited") if event.limited else ("delivered", "delivered")


def _ended(send: PastSend) -> str:
    refused = sum(bool(one.code) for one in send.recipients)
    return "sent" if not refused else "not_sent" if refused == len(send.recipients) else "partly_sent"


def _recipient(one: PastRecipient, shown: Shown) -> str:
    known = " ".join(part for part in (one.status, one.code, one.sid) if part)
    return f"{shown(one.to)} ({known})" if known else shown(one.to)


def _told(one: PastRecipient, shown: Shown) -> dict[str, object]:
    told: dict[str, object] = {"to": shown(one.to), "sid": one.sid, "status": one.status}
    return told | ({"error": {"code": one.code, "message": one.message}} if one.code else {})


def _time(seconds: float) -> str:
    return local_time(seconds).isoformat(timespec="milliseconds")


def _read(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
