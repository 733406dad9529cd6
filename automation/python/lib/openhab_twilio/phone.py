"""The actions of a phone as plain calls: `phone("twilio:phone:home:main").sendSMS("+15551234567", "The door is open")`.

Inside openHAB they go through the phone's own actions, in other Pythons through the sidecar's MQTT client.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from twilio_binding.actions import Phone as OutsidePhone
    from twilio_binding.mqtt import Result as OutsideResult

    AnyPhone: TypeAlias = "Phone | OutsidePhone"
    AnyResult: TypeAlias = "Result | OutsideResult"

Numbers = str | Sequence[str]
"""One recipient, or several of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of an action; true in a condition when it succeeded.

    `code` and `message` tell why it did not, `retryable` whether the same may succeed later.
    """

    ok: bool
    sid: str = ""
    status: str = ""
    code: str = ""
    message: str = ""
    retryable: bool = False
    details: dict[str, object] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether the action succeeded."""
        return self.ok


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone thing of this openHAB; `actions` gives the actions object of scope and thing, or nothing."""

    uid: str
    actions: Any = field(repr=False)

    def sendSMS(self, to: Numbers, message: str | None, mediaUrl: Numbers | None = None) -> Result:  # noqa: N803
        """Send a text, a picture, or both."""
        return self._call("sendSMS", _text(to), message, *(() if mediaUrl is None else (_text(mediaUrl),)))

    def sendWhatsApp(self, to: Numbers, message: str | None, mediaUrl: Numbers | None = None) -> Result:  # noqa: N803
        """Send a WhatsApp message."""
        return self._call("sendWhatsApp", _text(to), message, *(() if mediaUrl is None else (_text(mediaUrl),)))

    def makeCall(self, to: Numbers, twiml: str) -> Result:
        """Make a call that carries out TwiML."""
        return self._call("makeCall", _text(to), twiml)

    def makeTTSCall(self, to: Numbers, text: str, voice: str | None = None) -> Result:
        """Make a call that says a text."""
        return self._call("makeTTSCall", _text(to), text, *(() if voice is None else (voice,)))

    def respondWithTwiml(self, callSid: str, twiml: str) -> Result:  # noqa: N803
        """Answer a call that waits."""
        return self._call("respondWithTwiml", callSid, twiml)

    def createItemMediaUrl(self, itemName: str) -> str | None:  # noqa: N803
        """A public URL, valid for five minutes, for the picture of an Image item."""
        return _url(self._call("createItemMediaUrl", itemName))

    def createProxyMediaUrl(self, sourceUrl: str) -> str | None:  # noqa: N803
        """A public URL, valid for five minutes, for what a local URL has now."""
        return _url(self._call("createProxyMediaUrl", sourceUrl))

    def _call(self, action: str, *values: str | None) -> Result:
        found = self.actions.get("twilio", self.uid)
        if found is None:
            return Result(ok=False, code="unknown_thing", message=f"openHAB runs no phone {self.uid}", retryable=True)
        text = getattr(found, f"{action}Result")(*values)
        if text is None:
            return Result(ok=False, code="bridge_away", message="the bridge script is not loaded now", retryable=True)
        return read_result(str(text))


def phone(uid: str) -> AnyPhone:
    """The phone thing `uid`."""
    try:
        from scope import actions  # noqa: PLC0415 - only openHAB has it
    except ImportError:
        from twilio_binding import actions as outside  # noqa: PLC0415

        return outside.phone(uid)
    return Phone(uid, actions)


def read_result(text: str) -> Result:
    """The result in the JSON text that the actions ending in Result give."""
    body = json.loads(text)
    known = ("ok", "sid", "status", "code", "message", "retryable")
    return Result(
        **{name: body[name] for name in known if name in body},
        details={name: value for name, value in body.items() if name not in known},
    )


def _text(values: Numbers) -> str:
    return values if isinstance(values, str) else json.dumps(list(values))


def _url(result: Result) -> str | None:
    return str(result.details.get("url")) if result else None
