"""Prints the outcome of a send: line by line, or as JSON at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import click

from twilio_binding.cli.terminal import tell_json
from twilio_binding.masking import mask_number
from twilio_binding.model.delivery_statuses import FAILED
from twilio_binding.model.message_statuses import ARRIVED
from twilio_binding.protocol.results import Result

_ARRIVED = ARRIVED | {"completed"}
_NOT_KNOWN = ("timeout", "unknown")
"""Codes of sends that may have been sent."""
_FAILURE = {"code": "errorCode", "message": "errorMeaning"}
INTERRUPTED = 130
"""The exit code after Ctrl-C."""


@dataclass(slots=True)
class _Recipient:
    to: str
    result: Result
    statuses: list[tuple[str, float]] = field(default_factory=list)
    failure: dict[str, object] = field(default_factory=dict)

    @property
    def has_arrived(self) -> bool:
        return any(status in _ARRIVED for status, _ in self.statuses)

    @property
    def has_failed(self) -> bool:
        is_refused = not self.result and self.result.code not in _NOT_KNOWN
        return is_refused or any(status in FAILED for status, _ in self.statuses)

    @property
    def is_followed(self) -> bool:
        """Whether it was sent, and another status may follow."""
        return bool(self.result) and not self.has_arrived and not self.has_failed


class Outcome:
    """The outcome of one request. With `seconds`, its statuses are awaited for so long; `shown` formats numbers."""

    def __init__(
        self, request_id: str, *, seconds: float | None, as_json: bool, shown: Callable[[str], str] = mask_number
    ) -> None:
        self._request_id = request_id
        self._seconds = seconds
        self._as_json = as_json
        self._shown = shown
        self._began = time.monotonic()
        self._deadline = 0.0
        self._recipients: list[_Recipient] = []

    @property
    def seconds_left(self) -> float:
        """Seconds to wait for the next status; 0 if none is expected."""
        is_open = any(one.is_followed for one in self._recipients)
        return max(0.0, self._deadline - time.monotonic()) if is_open else 0.0

    @property
    def exit_code(self) -> int:
        """0 if everything went well, 1 if something was not sent or did not arrive, 3 while that is unknown."""
        if any(one.has_failed for one in self._recipients):
            return 1
        is_open = any(one.is_followed if one.result else True for one in self._recipients)
        is_refused = any(not one.result for one in self._recipients)
        return 3 if is_refused or (is_open and self._seconds is not None) else 0

    def answered(self, to: Sequence[str], result: Result) -> None:
        """Note the reply of the service."""
        self._recipients = [
            _Recipient(to=one.to, result=one) for one in result.results or [replace(result, to=one) for one in to]
        ]
        self._deadline = time.monotonic() + (self._seconds or 0.0)
        for one in self._recipients:
            if one.result:
                self._came(one, one.result.status, one.result.sid)
            else:
                click.echo(f"Error: {self._shown(one.to)}: {one.result.message} ({_why(one.result)})", err=True)
        if any(one.result.code in _NOT_KNOWN for one in self._recipients):
            self._hint("It may have been sent.")

    def status(self, event: Mapping[str, Any]) -> None:
        """Note a status of a message or call."""
        sid = event.get("messageSid") or event.get("callSid")
        for one in self._recipients:
            if one.result.sid and one.result.sid == sid:
                one.failure = {name: event[key] for name, key in _FAILURE.items() if event.get(key)}
                self._came(one, str(event.get("messageStatus") or event.get("callStatus")), _told(one.failure))

    def interrupted(self) -> None:
        """Note that the user pressed Ctrl-C."""
        if self._seconds is not None:
            self._seconds = round(time.monotonic() - self._began, 1)
        if self._recipients:
            click.echo("Interrupted. The last known status is shown.", err=True)
        else:
            self._hint("Interrupted. It may have been sent.")

    def finish(self, **more: object) -> None:
        """Print the JSON, if that is wanted, or what is still open."""
        if self._as_json:
            told = {"ok": self.exit_code == 0 and bool(self._recipients), "id": self._request_id} | more
            told["results"] = [self._json(one) for one in self._recipients]
            tell_json(told)
        elif self._seconds is not None:
            for one in self._recipients:
                if one.is_followed:
                    text = f"{self._shown(one.to)}: still {one.statuses[-1][0]} after {self._seconds:g} s"
                    click.echo(text, err=True)

    def _came(self, one: _Recipient, status: str, more: str) -> None:
        seconds = time.monotonic() - self._began
        one.statuses.append((status, seconds))
        if not self._as_json:
            colour = "green" if status in _ARRIVED else "red" if status in FAILED else None
            name = click.style(f"{status:<11}", fg=colour)
            click.echo(f"{self._shown(one.to)}  {name} {seconds:6.2f} s  {more}".rstrip())

    def _hint(self, text: str) -> None:
        click.echo(
            f"{text} To see the outcome, repeat the command with --id {self._request_id}; nothing is sent twice.",
            err=True,
        )

    def _json(self, one: _Recipient) -> dict[str, object]:
        result = one.result
        told: dict[str, object] = {
            "to": self._shown(one.to),
            "ok": bool(result) and not one.has_failed,
            "sid": result.sid,
            "status": one.statuses[-1][0] if one.statuses else "",
            "statuses": [{"status": status, "seconds": round(seconds, 3)} for status, seconds in one.statuses],
        }
        told |= {name: result.details[name] for name in ("segments", "encoding") if name in result.details}
        if not result:
            error = {"code": result.code, "message": result.message, "retryable": result.retryable}
            told["error"] = error | ({"retryAt": result.retry_at.isoformat()} if result.retry_at else {})
        elif one.has_failed:
            told["error"] = {"code": "", "message": "", "retryable": False} | one.failure
        return told


def _told(failure: Mapping[str, object]) -> str:
    return " ".join(f"{value}" for value in failure.values())


def _why(result: Result) -> str:
    again = f"; try again after {result.retry_at:%Y-%m-%d %H:%M:%S}" if result.retry_at else ""
    return f"{result.code}{again}"
