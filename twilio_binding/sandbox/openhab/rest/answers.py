"""Answers of openHAB's REST API, peculiarities included."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from twilio_binding.sandbox.openhab.events import gson
from twilio_binding.sandbox.openhab.streams import Stream

JSON = "application/json"
TEXT = "text/plain"
HTML = "text/html"
ALLOW = (("Allow", "DELETE,POST,GET,PUT,OPTIONS,HEAD"),)
NO_SERVICE = b"<html><body>No service was found.</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete answer. `cached` marks answers that openHAB sends with a Vary header."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    varies: bool = False


Reply = Answer | Stream | None
"""An answer, a stream that stays open, or None: the client waits for ever."""


class Refused(Exception):  # noqa: N818 - an answer that ends the work on a request, not an error of ours
    """Ends the request with `answer`."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def as_json(value: object, status: int = 200) -> Answer:
    """`value` as JSON."""
    return Answer(status=status, body=gson(value).encode(), content_type=JSON)


def as_text(value: str) -> Answer:
    """`value` as plain text."""
    return Answer(status=200, body=value.encode(), content_type=TEXT)


def done() -> Answer:
    """The answer to most successful changes: 200, `text/plain`, no body."""
    return Answer(status=200, content_type=TEXT)


def empty(status: int) -> Answer:
    """Only a status, without a body."""
    return Answer(status=status)


def unknown_path() -> Answer:
    """The answer to a path that no resource has."""
    return Answer(status=404, headers=ALLOW)


def wrong_method() -> Answer:
    """The answer to a method that the resource does not have."""
    return Answer(status=405, headers=ALLOW)


def error(status: int, message: str, entity: object = None) -> Answer:
    """An error in openHAB's JSON form. `entity` is the thing that a conflict concerns."""
    body: dict[str, object] = {"error": {"message": message, "http-code": status}}
    if entity is not None:
        body["entity"] = entity
    return as_json(body, status)


def crash(status: int, message: str, java_class: str, cause: str = "") -> Answer:
    """An exception inside openHAB: JSON that is encoded as a JSON string once more."""
    detail = {"class": java_class, "message": message, "localized-message": message}
    detail |= {"cause": cause} if cause else {}
    inner = gson({"error": {"message": message, "http-code": status, "exception": detail}})
    return Answer(status=status, body=json.dumps(inner, ensure_ascii=False).encode(), content_type=JSON)


def no_media_type() -> Answer:
    """The answer to a body without a content type."""
    return crash(415, "HTTP 415 Unsupported Media Type", "javax.ws.rs.WebApplicationException")


def bad_json(body: str) -> Answer:
    """The answer to a body that is not JSON."""
    message = f"java.io.EOFException: End of input at line 1 column {len(body) + 1} path $."
    return crash(500, message, "com.google.gson.JsonSyntaxException", "java.io.EOFException")


def varying(answer: Answer) -> Answer:
    """The same answer with a Vary header, because it depends on what the client accepts."""
    return replace(answer, varies=True)
