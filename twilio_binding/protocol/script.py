"""The door into openHAB, version 1: what the sidecar and the script inside openHAB say to each other.

The sidecar posts JSON, signed as in `bridge_signing`, to the script's servlet, `<openHAB>/twilio/bridge/<call>`:

- `hello`: answered with the `Announcement`, which also stands retained on the MQTT topic `<base>/bridge`.
- `events`: `{"events": [...]}`, at most `MAX_EVENTS`, answered with `{"answers": [...]}`, one an event, same order.

Refusals are `{"error": {"code", "message", "retryable", "now"}}` with the status of `STATUSES`; `now` is the script's
clock in milliseconds. Only the standard library is used, because the same file runs inside openHAB's Python (GraalPy).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from .errors import Refusal
from .json_text import from_json, to_json

VERSION = 1
PATH = "/twilio/bridge"
MAX_EVENTS = 200
STATUSES = {
    "malformed": 400,
    "other_version": 400,
    "bad_signature": 403,
    "clock": 403,
    "unknown_call": 404,
    "replayed": 409,
    "too_large": 413,
    "failed": 500,
    "unloading": 503,
}

Outcome = Literal["done", "seen", "unknown_thing", "unknown_channel", "not_ready", "bad_state", "failed"]
"""What became of an event. `seen`: its id had been done before, nothing was done now. `not_ready`: openHAB has the
thing, and its handler does not run (yet); `bad_state`: a state cannot be read, the others and the trigger went out."""
FINAL: frozenset[Outcome] = frozenset(("done", "seen", "bad_state"))
"""Outcomes after which the event must not be sent again."""

Feature = Literal["events", "actions", "inbox", "proxy", "cloud"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEvent:
    """States of a thing in order, then a trigger (channel "" when there is none); `id` is unique for all time."""

    id: str
    thing: str
    states: tuple[tuple[str, str], ...] = ()
    channel: str = ""
    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAnswer:
    """What became of the event `id`; `text` says why for people."""

    id: str
    outcome: Outcome
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What the script offers. `instance` changes with each load of the script.

    `cloud_url` stands for `/twilio/callback`, "" for none; `cloud_expires` is in seconds since the epoch.
    """

    instance: str
    bridge: str
    openhab: str = ""
    path: str = PATH
    features: tuple[str, ...] = ()
    cloud_url: str = ""
    cloud_expires: float = 0.0
    version: int = VERSION

    def encode(self) -> bytes:
        """The announcement as it travels."""
        body: dict[str, object] = {
            "version": self.version,
            "instance": self.instance,
            "bridge": self.bridge,
            "openhab": self.openhab,
            "path": self.path,
            "features": self.features,
        }
        if self.cloud_url:
            body["cloud"] = {"url": self.cloud_url, "expires": round(self.cloud_expires * 1000)}
        return _encode(body)

    @classmethod
    def decode(cls, payload: bytes | str) -> Announcement | None:
        """Read an announcement; None when the script has gone (nothing, or an empty object); raises `Refusal`."""
        body = _object(payload) if payload else {}
        if not body:
            return None
        cloud, features = body.get("cloud"), body.get("features")
        cloud = cloud if isinstance(cloud, dict) else {}
        return cls(
            instance=_text(body, "instance"),
            bridge=_text(body, "bridge"),
            openhab=_text(body, "openhab"),
            path=_text(body, "path"),
            features=tuple(str(name) for name in features) if isinstance(features, list) else (),
            cloud_url=_text(cloud, "url"),
            cloud_expires=_number(cloud, "expires") / 1000,
            version=int(_number(body, "version")),
        )


GONE = b"{}"
"""The announcement of a script that has gone; also its last will."""


def encode_events(events: Sequence[BridgeEvent]) -> bytes:
    """The body of `events`."""
    return _encode(
        {
            "events": [
                {
                    "id": event.id,
                    "thing": event.thing,
                    "states": [list(state) for state in event.states],
                    "channel": event.channel,
                    "payload": event.payload,
                }
                for event in events
            ]
        }
    )


def decode_events(body: bytes) -> list[BridgeEvent]:
    """Read the body of `events`; raises `Refusal`."""
    found = _list(body, "events")
    if len(found) > MAX_EVENTS:
        raise Refusal("too_large", f"at most {MAX_EVENTS} events at a time")
    return [
        BridgeEvent(
            id=_text(entry, "id"),
            thing=_text(entry, "thing"),
            states=tuple(_pair(state) for state in _items(entry.get("states"))),
            channel=_text(entry, "channel"),
            payload=_text(entry, "payload"),
        )
        for entry in found
    ]


def encode_answers(answers: Sequence[EventAnswer]) -> bytes:
    """The answer to `events`."""
    return _encode({"answers": [{"id": one.id, "outcome": one.outcome, "text": one.text} for one in answers]})


def decode_answers(body: bytes) -> list[EventAnswer]:
    """Read the answer to `events`; raises `Refusal`."""
    return [
        EventAnswer(id=_text(entry, "id"), outcome=_outcome(_text(entry, "outcome")), text=_text(entry, "text"))
        for entry in _list(body, "answers")
    ]


def encode_refusal(refusal: Refusal, now: float) -> bytes:
    """The body of a refusal."""
    error = {"code": refusal.code, "message": refusal.message, "retryable": refusal.retryable}
    return _encode({"error": error | {"now": round(now * 1000)}})


def decode_refusal(body: bytes) -> Refusal:
    """Read a refusal; one of its own when it cannot be read."""
    try:
        error = _mapping(_object(body).get("error"))
        return Refusal(_text(error, "code"), _text(error, "message"), retryable=error.get("retryable") is True)
    except Refusal as refusal:
        return refusal


def _encode(body: Mapping[str, object]) -> bytes:
    return to_json(body).encode("utf-8", "replace")


def _object(payload: bytes | str) -> dict[str, object]:
    try:
        return _mapping(from_json(payload))
    except ValueError:
        raise Refusal("malformed", "this is not JSON in UTF-8") from None


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refusal("malformed", "a JSON object is missing where one belongs")
    return value


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Refusal("malformed", "a JSON array is missing where one belongs")
    return value


def _list(body: bytes, name: str) -> list[dict[str, object]]:
    return [_mapping(entry) for entry in _items(_object(body).get(name))]


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refusal("malformed", f'"{name}" is not a text')
    return value


def _number(body: Mapping[str, object], name: str) -> float:
    value = body.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refusal("malformed", f'"{name}" is not a number')
    return value


def _pair(value: object) -> tuple[str, str]:
    pair = _items(value)
    if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
        raise Refusal("malformed", "a state is not a channel and a text")
    return str(pair[0]), str(pair[1])


def _outcome(value: str) -> Outcome:
    for outcome in get_args(Outcome):
        if outcome == value:
            return outcome  # type: ignore[no-any-return]
    raise Refusal("malformed", "there is no such outcome")
