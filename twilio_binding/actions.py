"""The actions of a phone for Python programs: `phone(uid).sendSMS(to, text)` and so on.

Names and arguments are those of the add-on. Every action returns a `Result` that is true when it succeeded; the two
media actions return the URL, or None.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue
from typing import Any

from twilio_binding.mqtt import Client, Result

Numbers = str | Sequence[str]
"""One recipient, or several of them."""

Events = SimpleQueue[tuple[str, dict[str, Any]]]
"""Channel and payload of each event, in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone thing of the sidecar."""

    client: Client
    uid: str

    def sendSMS(self, to: Numbers, message: str | None, mediaUrl: Numbers | None = None) -> Result:  # noqa: N802, N803
        """Send a text, a picture, or both."""
        return self._call("sendSMS", to=_plain(to), message=message, mediaUrl=_plain(mediaUrl))

    def sendWhatsApp(self, to: Numbers, message: str | None, mediaUrl: Numbers | None = None) -> Result:  # noqa: N802, N803
        """Send a WhatsApp message."""
        return self._call("sendWhatsApp", to=_plain(to), message=message, mediaUrl=_plain(mediaUrl))

    def makeCall(self, to: Numbers, twiml: str) -> Result:  # noqa: N802
        """Make a call that carries out TwiML."""
        return self._call("makeCall", to=_plain(to), twiml=twiml)

    def makeTTSCall(self, to: Numbers, text: str, voice: str | None = None) -> Result:  # noqa: N802
        """Make a call that says a text."""
        return self._call("makeTTSCall", to=_plain(to), text=text, voice=voice)

    def respondWithTwiml(self, callSid: str, twiml: str) -> Result:  # noqa: N802, N803
        """Answer a call that waits."""
        return self._call("respondWithTwiml", callSid=callSid, twiml=twiml)

    def createItemMediaUrl(self, itemName: str) -> str | None:  # noqa: N802, N803
        """A public URL, valid for five minutes, for the picture of an Image item."""
        return _url(self._call("createItemMediaUrl", itemName=itemName))

    def createProxyMediaUrl(self, sourceUrl: str) -> str | None:  # noqa: N802, N803
        """A public URL, valid for five minutes, for what a local URL has now."""
        return _url(self._call("createProxyMediaUrl", sourceUrl=sourceUrl))

    def _call(self, action: str, **args: object) -> Result:
        return self.client.call(self.uid, action, args)


def connect(
    url: str = "mqtt://127.0.0.1:1883", *, base: str = "twilio", name: str = "", timeout: float = 10.0
) -> Client:
    """A client of the sidecar; use it in a `with` statement."""
    return Client(url, base=base, name=name, timeout=timeout)


def phone(uid: str, client: Client | None = None) -> Phone:
    """The phone thing `uid`; without a client one is shared that connects as TWILIO_BINDING_MQTT__URL says."""
    return Phone(client or shared(), uid)


def listen(uid: str, *channels: str, client: Client | None = None) -> Events:
    """The events of trigger channels of the phone thing `uid` from now on, to be taken with `get()`.

    Who listens to `call-received` or `dtmf-received` is expected to answer the calls.
    """
    came: Events = SimpleQueue()
    connection = client or shared()
    for channel in channels:
        connection.on(uid, channel, lambda event, channel=channel: came.put((channel, event)))  # type: ignore[misc]
    return came


@cache
def shared() -> Client:
    """The client of this process, connected as TWILIO_BINDING_MQTT__URL says."""
    client = connect(os.environ.get("TWILIO_BINDING_MQTT__URL", "mqtt://127.0.0.1:1883"))
    client.start()
    atexit.register(client.stop)
    return client


def _plain(values: Numbers | None) -> str | list[str] | None:
    return values if values is None or isinstance(values, str) else list(values)


def _url(result: Result) -> str | None:
    return str(result.details.get("url")) if result else None
