"""Limits on sends: per hour, per day, and against loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from twilio_binding.clock import local_time
from twilio_binding.protocol.errors import Refusal

HOUR = 3600.0
DAY = 86400.0

Kind = Literal["message", "call", "emergency", "alarm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings; 0 means no limit. `loop_seconds` is in seconds."""

    messages_per_hour: int = 0
    messages_per_day: int = 0
    calls_per_hour: int = 0
    calls_per_day: int = 0
    emergencies_per_day: int = 0
    loop_sends: int = 0
    loop_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `most` sends within `seconds`: of an account, or of one phone to one recipient."""

    code: Literal["ceiling", "loop_guard"]
    what: str
    most: int
    seconds: float
    per_recipient: bool = False

    def free_at(self, nth_newest: float | None, now: float) -> float | None:
        """When the next send is permitted, None for now. `nth_newest` is the time of the send that is `most` sends back."""
        if nth_newest is None or not now - self.seconds < nth_newest <= now + self.seconds:
            return None  # if it is far in the future, the clock was set back; that must not block for years
        return nth_newest + self.seconds

    def refusal(self, free_at: float, now: float) -> Refusal:
        """Why the send is refused, and until when."""
        minutes = max(1, round((free_at - now) / 60))
        local = local_time(free_at)
        when = f"free again at {local:%H:%M} (in {minutes} min)"
        return Refusal(self.code, f"{self.what}: {when}", retryable=True, retry_at=free_at)


def kind_of(*, is_call: bool, emergency: bool, alarm: bool = False) -> Kind:
    """The kind of a send for limits; emergencies have their own limit and do not count towards others, nor do alarms."""
    if alarm:
        return "alarm"
    if emergency:
        return "emergency"
    return "call" if is_call else "message"


def limits_for(kind: Kind, limits: Limits) -> Sequence[Limit]:
    """The limits of this kind of send; alarms have theirs in `alarms.pacing`."""
    if kind == "alarm":
        return ()
    if kind == "emergency":
        found = [_ceiling("emergencies", "day", limits.emergencies_per_day)]
    elif kind == "call":
        found = [_ceiling("calls", "hour", limits.calls_per_hour), _ceiling("calls", "day", limits.calls_per_day)]
    else:
        found = [
            _ceiling("messages", "hour", limits.messages_per_hour),
            _ceiling("messages", "day", limits.messages_per_day),
        ]
    if kind != "emergency":
        found.append(_loop(limits))
    return [limit for limit in found if limit.most]


def _ceiling(what: str, span: Literal["hour", "day"], most: int) -> Limit:
    seconds = HOUR if span == "hour" else DAY
    text = f"the account's limit of {most} {what} per {span} is reached ([limits] {what}_per_{span})"
    return Limit(code="ceiling", what=text, most=most, seconds=seconds)


def _loop(limits: Limits) -> Limit:
    minutes = f"{limits.loop_seconds / 60:g}"
    text = f"{limits.loop_sends} sends to one recipient within {minutes} min look like a loop ([limits] loop_sends)"
    return Limit(code="loop_guard", what=text, most=limits.loop_sends, seconds=limits.loop_seconds, per_recipient=True)
