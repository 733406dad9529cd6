"""Replies to requests over MQTT."""

from __future__ import annotations

from .errors import TwilioBindingError
from .json_text import from_json, to_bytes
from .values import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The reply to a request: a result, or an error with code, message and whether (and when) to try again."""

    id: str
    ok: bool
    result: dict[str, object] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    retryable: bool = False
    retry_at: float = 0.0

    @classmethod
    def refused(cls, request_id: str, error: TwilioBindingError) -> Reply:
        """The reply for an error."""
        return cls(
            id=request_id,
            ok=False,
            code=error.code,
            message=error.message,
            retryable=error.retryable,
            retry_at=error.retry_at,
        )

    @property
    def error(self) -> dict[str, object]:
        """The error as JSON; `retryAt` (milliseconds since the epoch) only if it is known."""
        error: dict[str, object] = {"code": self.code, "message": self.message, "retryable": self.retryable}
        if self.retry_at:
            error["retryAt"] = round(self.retry_at * 1000)
        return error

    def encode(self) -> bytes:
        """The reply as JSON."""
        body: dict[str, object] = {"id": self.id, "ok": self.ok}
        if self.ok:
            body["result"] = self.result
        else:
            body["error"] = self.error
            if self.result:
                body["result"] = self.result
        return to_bytes(body)

    @classmethod
    def decode(cls, payload: bytes | str) -> Reply:
        """Read a reply; raises ValueError if it is invalid."""
        body = from_json(payload)
        told = body if isinstance(body, dict) else {}
        ok = told.get("ok")
        if ok is not True and ok is not False:
            raise ValueError("not a reply")
        result = told.get("result")
        return cls._read(
            told, request_id=str(told.get("id", "")), ok=ok, result=result if isinstance(result, dict) else {}
        )

    @classmethod
    def of_recipient(cls, entry: dict[str, object]) -> Reply:
        """The reply for one of several recipients, from its entry in `results`; it has no id."""
        result = {key: entry[key] for key in entry if key != "error"}
        return cls._read(entry, request_id="", ok="error" not in entry, result=result)

    @classmethod
    def _read(cls, told: dict[str, object], *, request_id: str, ok: bool, result: dict[str, object]) -> Reply:
        error = told.get("error")
        if not isinstance(error, dict):
            error = {}
        return cls(
            id=request_id,
            ok=ok,
            result=result,
            code=str(error.get("code", "")),
            message=str(error.get("message", "")),
            retryable=bool(error.get("retryable", False)),
            retry_at=_seconds(error.get("retryAt")),
        )


def _seconds(milliseconds: object) -> float:
    if not isinstance(milliseconds, (int, float)) or not 0 < milliseconds < 1e15:
        return 0.0
    return milliseconds / 1000
