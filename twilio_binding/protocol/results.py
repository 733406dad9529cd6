"""Results of actions for rules and programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from .json_fields import json_object
from .json_text import to_json
from .replies import Reply
from .values import dataclass, field

_KNOWN = ("ok", "sid", "status", "code", "message", "retryable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of an action; true in a condition if it succeeded.

    `code` and `message` say why it failed, `retryable` whether the same request may succeed later, and `retry_at` from
    when on (local time, None if unknown). For a list of recipients, `results` has one result for each, with the
    recipient in `to`. `details` has everything else in the reply.
    """

    ok: bool
    sid: str = ""
    status: str = ""
    code: str = ""
    message: str = ""
    retryable: bool = False
    retry_at: datetime | None = None
    to: str = ""
    results: tuple[Result, ...] = ()
    details: dict[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether the action succeeded."""
        return self.ok

    @property
    def url(self) -> str | None:
        """The URL from a media action; None if it failed."""
        return str(self.details.get("url")) if self.ok else None

    @classmethod
    def of(cls, reply: Reply) -> Result:
        """The result in a reply."""
        return cls(
            ok=reply.ok,
            code=reply.code,
            message=reply.message,
            retryable=reply.retryable,
            retry_at=datetime.fromtimestamp(reply.retry_at).astimezone() if reply.retry_at else None,
            sid=_text(reply.result, "sid"),
            status=_text(reply.result, "status"),
            to=_text(reply.result, "to"),
            results=_of_recipients(reply.result),
            details=reply.result,
        )

    @classmethod
    def read(cls, text: str) -> Result:
        """The result in the output of `result_text`."""
        body = json_object(text)
        return cls(
            ok=body.get("ok") is True,
            code=_text(body, "code"),
            message=_text(body, "message"),
            retryable=body.get("retryable") is True,
            sid=_text(body, "sid"),
            status=_text(body, "status"),
            to=_text(body, "to"),
            results=_of_recipients(body),
            details={name: value for name, value in body.items() if name not in _KNOWN},
        )


def result_text(reply: Reply) -> str:
    """The whole result as JSON text: ok, sid, status, code, message, retryable, and everything else in the reply."""
    body: dict[str, object] = {"ok": reply.ok, "sid": "", "status": ""} | reply.result
    body |= {"code": reply.code, "message": reply.message, "retryable": reply.retryable}
    return to_json(body)


def _text(result: Mapping[str, object], name: str) -> str:
    return str(result.get(name, ""))


def _of_recipients(result: Mapping[str, object]) -> tuple[Result, ...]:
    entries = result.get("results")
    if not isinstance(entries, list):
        return ()
    return tuple(Result.of(Reply.of_recipient(entry)) for entry in entries if isinstance(entry, dict))
