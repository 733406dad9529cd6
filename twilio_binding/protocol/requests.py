"""Requests of actions over MQTT."""

from __future__ import annotations

from typing import TypeGuard

from .errors import Refusal
from .json_text import from_json, to_json
from .topics import RequestTopics
from .values import dataclass, field

VERSION = 1
MAX_REQUEST_BYTES = 64 * 1024
MAX_ID_LENGTH = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for an action of a thing.

    `id` is empty for the short form, which is not idempotent; `reply_to` is empty if nobody waits; `deadline` is in
    seconds since the epoch, 0 for none.
    """

    thing: str
    action: str
    args: dict[str, object] = field(default_factory=dict)
    id: str = ""
    reply_to: str = ""
    deadline: float = 0.0
    correlation: bytes = b""

    def encode(self) -> bytes:
        """The long form as JSON."""
        body: dict[str, object] = {"id": self.id, "args": self.args}
        if self.reply_to:
            body["replyTo"] = self.reply_to
        if self.deadline:
            body["deadline"] = round(self.deadline * 1000)
        return to_json(body).encode()


def read_request(topics: RequestTopics, topic: str, payload: bytes) -> Request:
    """Read a request in its long or short form; raises `Refusal` if it is invalid.

    The short form is the arguments alone, without id and reply topic.
    """
    thing, action = topics.split_action(topic)
    if len(payload) > MAX_REQUEST_BYTES:
        raise Refusal("too_large", f"a request can have at most {MAX_REQUEST_BYTES} bytes; this one has {len(payload)}")
    try:
        body = from_json(payload)
    except ValueError:
        raise Refusal("malformed", "the request is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise Refusal("malformed", "the request must be a JSON object")
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


def addressee(topics: RequestTopics, payload: bytes) -> tuple[str, str]:
    """Id and reply topic of a refused request, if they can be read; otherwise ("", "")."""
    try:
        body = from_json(payload[:MAX_REQUEST_BYTES])
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    request_id, reply_to = body.get("id", ""), body.get("replyTo", "")
    usable = isinstance(reply_to, str) and topics.is_reply(reply_to)
    return (request_id if _is_id(request_id) else ""), (reply_to if usable else "")


def _args(args: object) -> dict[str, object]:
    if not isinstance(args, dict):
        raise Refusal("malformed", '"args" must be a JSON object')
    return args


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= MAX_ID_LENGTH and value.isprintable()


def _id(value: object) -> str:
    if not _is_id(value):
        raise Refusal("malformed", f'"id" must be a string of at most {MAX_ID_LENGTH} characters')
    return value


def _reply_to(topics: RequestTopics, value: object) -> str:
    if not isinstance(value, str) or (value and not topics.is_reply(value)):
        raise Refusal("bad_reply_topic", f'"replyTo" must lie under {topics.base}/reply/')
    return value


def _deadline(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e15:
        raise Refusal("malformed", '"deadline" must be a time in milliseconds since 1970')
    return value / 1000
