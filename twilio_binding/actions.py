"""The actions of a phone for Python programs: `phone(uid).sendSMS(to, text)` and so on.

Names and arguments are those of the add-on. Every action returns a `Result` that is true when it succeeded; the two
media actions return the URL, or None. Sends also take `emergency`, which lifts the limits except for that of emergencies,
and `notAfter`, after which the send is of no use and is refused as `expired` (without a zone it is local time).
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from queue import SimpleQueue
from typing import Any

from twilio_binding.clock import milliseconds
from twilio_binding.mqtt import Client, Result

Numbers = str | Sequence[str]
"""One recipient, or several of them."""

Events = SimpleQueue[tuple[str, dict[str, Any]]]
"""Channel and payload of each event, in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone thing of the service."""

    client: Client
    uid: str

    def sendSMS(  # noqa: N802
        self,
        to: Numbers,
        message: str | None,
        mediaUrl: Numbers | None = None,  # noqa: N803
        *,
        emergency: bool = False,
        notAfter: datetime | None = None,  # noqa: N803
    ) -> Result:
        """Send a text, a picture, or both."""
        return self._send(
            "sendSMS", to, emergency=emergency, until=notAfter, message=message, mediaUrl=_plain(mediaUrl)
        )

    def sendWhatsApp(  # noqa: N802
        self,
        to: Numbers,
        message: str | None,
        mediaUrl: Numbers | None = None,  # noqa: N803
        *,
        emergency: bool = False,
        notAfter: datetime | None = None,  # noqa: N803
    ) -> Result:
        """Send a WhatsApp message."""
        return self._send(
            "sendWhatsApp", to, emergency=emergency, until=notAfter, message=message, mediaUrl=_plain(mediaUrl)
        )

    def makeCall(  # noqa: N802
        self,
        to: Numbers,
        twiml: str,
        *,
        emergency: bool = False,
        notAfter: datetime | None = None,  # noqa: N803
    ) -> Result:
        """Make a call that carries out TwiML."""
        return self._send("makeCall", to, emergency=emergency, until=notAfter, twiml=twiml)

    def makeTTSCall(  # noqa: N802
        self,
        to: Numbers,
        text: str,
        voice: str | None = None,
        *,
        emergency: bool = False,
        notAfter: datetime | None = None,  # noqa: N803
    ) -> Result:
        """Make a call that says a text."""
        return self._send("makeTTSCall", to, emergency=emergency, until=notAfter, text=text, voice=voice)

    def respondWithTwiml(self, callSid: str, twiml: str) -> Result:  # noqa: N802, N803
        """Answer a call that waits."""
        return self._call("respondWithTwiml", callSid=callSid, twiml=twiml)

    def createItemMediaUrl(self, itemName: str) -> str | None:  # noqa: N802, N803
        """A public URL, valid for five minutes, for the picture of an Image item."""
        return _url(self._call("createItemMediaUrl", itemName=itemName))

    def createProxyMediaUrl(self, sourceUrl: str) -> str | None:  # noqa: N802, N803
        """A public URL, valid for five minutes, for what a local URL has now."""
        return _url(self._call("createProxyMediaUrl", sourceUrl=sourceUrl))

    def _send(self, action: str, to: Numbers, *, emergency: bool, until: datetime | None, **args: object) -> Result:
        ends = milliseconds(until.timestamp()) if until is not None else None
        return self._call(action, to=_plain(to), **args, emergency=emergency or None, notAfter=ends)

    def _call(self, action: str, **args: object) -> Result:
        return self.client.call(self.uid, action, args)


def connect(
    url: str = "mqtt://127.0.0.1:1883",
    *,
    base: str = "twilio",
    name: str = "",
    timeout: float = 10.0,
    ca_file: str = "",
) -> Client:
    """A client of the service; use it in a `with` statement. `ca_file` is what mqtt.ca_file is for the service."""
    return Client(url, base=base, name=name, timeout=timeout, ca_file=ca_file)


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
    """The client of this process, connected as TWILIO_BINDING_MQTT__URL, __BASE_TOPIC and __CA_FILE say."""
    client = connect(
        os.environ.get("TWILIO_BINDING_MQTT__URL", "mqtt://127.0.0.1:1883"),
        base=os.environ.get("TWILIO_BINDING_MQTT__BASE_TOPIC", "twilio"),
        ca_file=os.environ.get("TWILIO_BINDING_MQTT__CA_FILE", ""),
    )
    client.start()
    atexit.register(client.stop)
    return client


def _plain(values: Numbers | None) -> str | list[str] | None:
    return values if values is None or isinstance(values, str) else list(values)


def _url(result: Result) -> str | None:
    return str(result.details.get("url")) if result else None
