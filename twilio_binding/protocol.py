"""The MQTT protocol, version 1: topics, requests and replies.

Only the standard library is used, because the same file runs inside openHAB's Python (GraalPy).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

VERSION = 1
MAX_REQUEST_BYTES = 64 * 1024
MAX_ID_LENGTH = 128


class Refusal(Exception):  # noqa: N818 - it is the word of the protocol, and not every refusal is an error of ours
    """A request that is answered with an error instead of being carried out.

    `code` is stable and machine readable; `retryable` says whether the same may succeed later, `retry_at` from when
    on (seconds since the epoch, 0 when that is not known).
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_at: float = 0.0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_at = retry_at


# Made once, and read without `json.loads`: that takes ten times as long in GraalPy, where callers wait for it.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder()
_BLANKS = " \t\n\r"


def to_json(body: Mapping[str, object]) -> str:
    """JSON text without blanks, every character as it is."""
    return _ENCODER.encode(body)


def from_json(payload: bytes | str) -> object:
    """The value of a JSON text in UTF-8; raises ValueError for anything else."""
    text = (payload.decode("utf-8") if isinstance(payload, bytes) else payload).strip(_BLANKS)
    try:
        value, end = _DECODER.raw_decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end < len(text):  # GraalPy counts characters beyond U+FFFF twice here
        raise ValueError("more than one value")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """All topics below one base topic."""

    base: str = "twilio"

    @property
    def status(self) -> str:
        """Retained `online` or `offline` of the sidecar (its last will)."""
        return f"{self.base}/status"

    @property
    def things(self) -> str:
        """Retained JSON array of the things with status and properties."""
        return f"{self.base}/things"

    @property
    def inbox(self) -> str:
        """Retained JSON array of the numbers that are no things yet, as entries of openHAB's inbox."""
        return f"{self.base}/inbox"

    @property
    def bridge(self) -> str:
        """Retained: what the script inside openHAB offers."""
        return f"{self.base}/bridge"

    @property
    def service(self) -> str:
        """Retained: which service acts, where there are several."""
        return f"{self.base}/service"

    @property
    def probe(self) -> str:
        """A request of the service to itself, which shows whether requests reach it."""
        return f"{self.base}/action/service/probe"

    @property
    def actions(self) -> str:
        """Subscription for all action requests."""
        return f"{self.base}/action/+/+"

    @property
    def listeners(self) -> str:
        """Subscription for what programs outside openHAB say they listen to."""
        return f"{self.base}/listener/+"

    def event(self, thing: str, channel: str) -> str:
        """Topic of a trigger channel's events."""
        return f"{self.base}/event/{thing}/{channel}"

    def state(self, thing: str, channel: str) -> str:
        """Topic of a state channel's retained state."""
        return f"{self.base}/state/{thing}/{channel}"

    def action(self, thing: str, action: str) -> str:
        """Topic on which `action` of `thing` is requested."""
        return f"{self.base}/action/{thing}/{action}"

    def reply(self, client: str, request_id: str) -> str:
        """Topic of one reply."""
        return f"{self.base}/reply/{client}/{request_id}"

    def listener(self, client: str) -> str:
        """Topic on which `client` says what it listens to."""
        return f"{self.base}/listener/{client}"

    def kind(self, topic: str) -> str:
        """What kind of topic it is, such as `twilio/event`."""
        return f"{self.base}/{topic[len(self.base) + 1 :].partition('/')[0]}"

    def is_reply(self, topic: str) -> bool:
        """Whether a reply may be published on `topic`: below `<base>/reply/`, without wildcards."""
        return (
            topic.startswith(f"{self.base}/reply/")
            and not set(topic) & set("+#")
            and topic.isprintable()
            and len(topic) <= 512
        )

    def split_action(self, topic: str) -> tuple[str, str]:
        """Thing UID and action name of an action topic; raises `Refusal` for any other topic."""
        prefix = f"{self.base}/action/"
        parts = topic[len(prefix) :].split("/") if topic.startswith(prefix) else []
        if len(parts) != 2 or not all(parts):
            raise Refusal("bad_topic", f"an action is requested on {prefix}<thing UID>/<action>")
        return parts[0], parts[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for an action of a thing.

    `id` is empty for the short form, which is not idempotent; `reply_to` is empty when nobody waits;
    `deadline` is in seconds since the epoch, 0 for none.
    """

    thing: str
    action: str
    args: dict[str, object] = field(default_factory=dict)
    id: str = ""
    reply_to: str = ""
    deadline: float = 0.0
    correlation: bytes = b""

    def encode(self) -> bytes:
        """The long form as it travels."""
        body: dict[str, object] = {"id": self.id, "args": self.args}
        if self.reply_to:
            body["replyTo"] = self.reply_to
        if self.deadline:
            body["deadline"] = round(self.deadline * 1000)
        return to_json(body).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of a request: a result, or an error with code, message and whether (and when) to try again."""

    id: str
    ok: bool
    result: dict[str, object] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    retryable: bool = False
    retry_at: float = 0.0

    @classmethod
    def refused(cls, request_id: str, refusal: Refusal) -> Reply:
        """The reply that tells of `refusal`."""
        return cls(
            id=request_id,
            ok=False,
            code=refusal.code,
            message=refusal.message,
            retryable=refusal.retryable,
            retry_at=refusal.retry_at,
        )

    @property
    def error(self) -> dict[str, object]:
        """The error as it travels; `retryAt` (milliseconds since the epoch) only where it is known."""
        error: dict[str, object] = {"code": self.code, "message": self.message, "retryable": self.retryable}
        if self.retry_at:
            error["retryAt"] = round(self.retry_at * 1000)
        return error

    def encode(self) -> bytes:
        """The reply as it travels."""
        body: dict[str, object] = {"id": self.id, "ok": self.ok}
        if self.ok:
            body["result"] = self.result
        else:
            body["error"] = self.error
            if self.result:
                body["result"] = self.result
        # Half a character must not keep a reply from going out.
        return to_json(body).encode("utf-8", "replace")

    @classmethod
    def decode(cls, payload: bytes | str) -> Reply:
        """Read a reply; raises ValueError when it is none."""
        body = from_json(payload)
        if not isinstance(body, dict) or not isinstance(body.get("ok"), bool):
            raise ValueError("not a reply")  # noqa: TRY004 - its text is wrong, not its type
        result = body.get("result")
        return cls._read(str(body.get("id", "")), body["ok"], result if isinstance(result, dict) else {}, body)

    @classmethod
    def of_recipient(cls, entry: dict[str, object]) -> Reply:
        """What became of one of several recipients, from its entry in `results`; it has no id."""
        return cls._read("", "error" not in entry, {key: entry[key] for key in entry if key != "error"}, entry)

    @classmethod
    def _read(cls, request_id: str, ok: bool, result: dict[str, object], told: dict[str, object]) -> Reply:  # noqa: FBT001
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


def read_request(topics: Topics, topic: str, payload: bytes) -> Request:
    """Read a request in its long or short form; raises `Refusal` when it cannot be carried out.

    The short form is the arguments alone. It has no id and no reply topic.
    """
    thing, action = topics.split_action(topic)
    if len(payload) > MAX_REQUEST_BYTES:
        raise Refusal("too_large", f"a request may have {MAX_REQUEST_BYTES} bytes, this one has {len(payload)}")
    try:
        body = from_json(payload)
    except ValueError:
        raise Refusal("malformed", "the request is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise Refusal("malformed", "the request is not a JSON object")
    if "args" not in body:
        if body.keys() & {"id", "replyTo", "deadline"}:
            raise Refusal("malformed", 'the request has no "args"; put the arguments of the action there')
        return Request(thing=thing, action=action, args=body)
    return Request(
        thing=thing,
        action=action,
        args=_args(body["args"]),
        id=_id(body.get("id", "")),
        reply_to=_reply_to(topics, body.get("replyTo", "")),
        deadline=_deadline(body.get("deadline", 0)),
    )


def addressee(topics: Topics, payload: bytes) -> tuple[str, str]:
    """Id and reply topic of a request that was refused, as far as they can be made out; ("", "") else."""
    try:
        body = from_json(payload[:MAX_REQUEST_BYTES])
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    request_id, reply_to = body.get("id", ""), body.get("replyTo", "")
    usable = isinstance(reply_to, str) and topics.is_reply(reply_to)
    return (request_id if _is_id(request_id) else ""), (reply_to if usable else "")


def _seconds(milliseconds: object) -> float:
    if not isinstance(milliseconds, (int, float)) or not 0 < milliseconds < 1e15:
        return 0.0
    return milliseconds / 1000


def _args(args: object) -> dict[str, object]:
    if not isinstance(args, dict):
        raise Refusal("malformed", '"args" is not a JSON object')
    return args


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_ID_LENGTH and value.isprintable()


def _id(value: object) -> str:
    if not _is_id(value):
        raise Refusal("malformed", f'"id" is not a text of at most {MAX_ID_LENGTH} characters')
    return value


def _reply_to(topics: Topics, value: object) -> str:
    if not isinstance(value, str) or (value and not topics.is_reply(value)):
        raise Refusal("bad_reply_topic", f'"replyTo" must lie under {topics.base}/reply/')
    return value


def _deadline(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e15:
        raise Refusal("malformed", '"deadline" is not a time in milliseconds since 1970')
    return value / 1000
