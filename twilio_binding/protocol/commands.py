"""Commands to channels over MQTT: the plain value, or JSON with an id and a deadline."""

from __future__ import annotations

from typing import Literal

from .errors import Refusal
from .json_text import from_json, to_json
from .topics import RequestTopics
from .values import dataclass

MAX_COMMAND_BYTES = 16 * 1024
_MAX_ID_LENGTH = 128

Way = Literal["mqtt", "script", "stream"]
"""The way of a command: from a program, from the script inside openHAB, or from openHAB's event stream."""
_OF_SCRIPT = "openhab"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to a channel of a thing.

    `id` is "" if copies cannot be recognised; `deadline` is in seconds since 1970, 0 for none.
    """

    thing: str
    channel: str
    value: str
    way: Way = "mqtt"
    id: str = ""
    deadline: float = 0.0

    def encode(self) -> bytes:
        """The JSON form, which the script publishes."""
        body: dict[str, object] = {"value": self.value, "id": self.id, "source": _OF_SCRIPT}
        if self.deadline:
            body["deadline"] = round(self.deadline * 1000)
        return to_json(body).encode()


def read_command(topics: RequestTopics, topic: str, payload: bytes) -> Command:
    """Read a command; raises `Refusal`. A JSON object with a `value` is the long form, everything else is the value itself."""
    thing, channel = topics.split_command(topic)
    if len(payload) > MAX_COMMAND_BYTES:
        raise Refusal("too_large", f"a command can have at most {MAX_COMMAND_BYTES} bytes; this one has {len(payload)}")
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise Refusal("malformed", f"the command is not UTF-8 (byte {error.start + 1})") from None
    body = _long_form(text)
    if body is None:
        return Command(thing=thing, channel=channel, value=text)
    value, command_id, deadline = body["value"], body.get("id", ""), body.get("deadline", 0)
    if not isinstance(value, str):
        raise Refusal("malformed", '"value" must be a string')
    if not isinstance(command_id, str) or len(command_id) > _MAX_ID_LENGTH:
        raise Refusal("malformed", f'"id" must be a string of at most {_MAX_ID_LENGTH} characters')
    if isinstance(deadline, bool) or not isinstance(deadline, int | float) or not 0 <= deadline < 1e15:
        raise Refusal("malformed", '"deadline" must be a time in milliseconds since 1970')
    way: Way = "script" if body.get("source") == _OF_SCRIPT else "mqtt"
    return Command(thing=thing, channel=channel, value=value, way=way, id=command_id, deadline=deadline / 1000)


def _long_form(text: str) -> dict[str, object] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        body = from_json(text.encode())
    except ValueError:
        return None
    return body if isinstance(body, dict) and "value" in body else None
