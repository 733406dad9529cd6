"""The actions of a phone as methods, for Python programs and for rules inside openHAB."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from .results import Result

Numbers = str | Sequence[str]
"""One recipient, or several of them."""


class SendOptions(TypedDict, total=False):
    """Options of a send: `emergency` ignores the limits except that of emergencies.

    After `notAfter` (local time if it has no zone), the send is refused as `expired`.
    """

    emergency: bool
    notAfter: datetime | None


class ThingMethods(ABC):
    """The actions of one thing, over any transport."""

    __slots__ = ()

    uid: str
    """UID of the thing."""

    @abstractmethod
    def _call(self, action: str, args: Mapping[str, object]) -> Result:
        """Request an action. Arguments are in order; None means not given."""


class ActionMethods(ThingMethods):
    """Names and arguments are those of the Java add-on.

    Each action returns a `Result`, which is true if it succeeded; the two media actions return the URL, or None.
    """

    __slots__ = ()

    def sendSMS(
        self, to: Numbers, message: str | None, mediaUrl: Numbers | None = None, **options: Unpack[SendOptions]
    ) -> Result:
        """Send a text, a picture, or both."""
        return self._send("sendSMS", to, options, {"message": message, "mediaUrl": mediaUrl})

    def sendWhatsApp(
        self, to: Numbers, message: str | None, mediaUrl: Numbers | None = None, **options: Unpack[SendOptions]
    ) -> Result:
        """Send a WhatsApp message."""
        return self._send("sendWhatsApp", to, options, {"message": message, "mediaUrl": mediaUrl})

    def makeCall(self, to: Numbers, twiml: str, **options: Unpack[SendOptions]) -> Result:
        """Make a call that carries out TwiML."""
        return self._send("makeCall", to, options, {"twiml": twiml})

    def makeTTSCall(self, to: Numbers, text: str, voice: str | None = None, **options: Unpack[SendOptions]) -> Result:
        """Make a call that says a text."""
        return self._send("makeTTSCall", to, options, {"text": text, "voice": voice})

    def respondWithTwiml(self, callSid: str, twiml: str) -> Result:
        """Answer a waiting call."""
        return self._call("respondWithTwiml", {"callSid": callSid, "twiml": twiml})

    def createItemMediaUrl(self, itemName: str) -> str | None:
        """A public URL, valid for five minutes, for the picture of an Image item."""
        return self._call("createItemMediaUrl", {"itemName": itemName}).url

    def createProxyMediaUrl(self, sourceUrl: str) -> str | None:
        """A public URL, valid for five minutes, for the current picture at a local URL."""
        return self._call("createProxyMediaUrl", {"sourceUrl": sourceUrl}).url

    def _send(self, action: str, to: Numbers, options: SendOptions, args: Mapping[str, object]) -> Result:
        given = {"to": to, **args, "emergency": options.get("emergency") or None}
        until = options.get("notAfter")
        given["notAfter"] = None if until is None else round(until.timestamp() * 1000)
        return self._call(action, {name: _plain(value) for name, value in given.items()})


def _plain(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
