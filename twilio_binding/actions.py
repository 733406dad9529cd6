"""The actions of things for Python programs: `phone(uid).sendSMS(to, text)`, `contact(uid).send(text)` and so on."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from queue import SimpleQueue
from typing import Any

from twilio_binding.mqtt import Client
from twilio_binding.protocol.action_methods import ActionMethods, Numbers, ThingMethods
from twilio_binding.protocol.contact_methods import AlarmMethods, ContactMethods
from twilio_binding.protocol.results import Result

__all__ = ["Events", "Numbers", "Phone", "Result", "alarm", "connect", "contact", "listen", "phone", "shared"]

Events = SimpleQueue[tuple[str, dict[str, Any]]]
"""Channel and payload of each event, in order."""


@dataclass(frozen=True, slots=True)
class _OverMqtt(ThingMethods):
    """A thing whose actions are sent to the service over MQTT."""

    client: Client
    uid: str

    def _call(self, action: str, args: Mapping[str, object]) -> Result:
        return self.client.call(self.uid, action, args)


class Phone(_OverMqtt, ActionMethods):
    """A phone thing."""

    __slots__ = ()


class _Contact(_OverMqtt, ContactMethods):
    __slots__ = ()


class _Alarm(_OverMqtt, AlarmMethods):
    __slots__ = ()


def connect(
    url: str = "mqtt://127.0.0.1:1883",
    *,
    base: str = "twilio",
    name: str = "",
    timeout: float = 10.0,
    ca_file: str = "",
) -> Client:
    """A client of the service, for use in a `with` statement. `ca_file` corresponds to mqtt.ca_file of the service."""
    return Client(url, base=base, name=name, timeout=timeout, ca_file=ca_file)


def phone(uid: str, client: Client | None = None) -> Phone:
    """The phone thing `uid`. Without a client, a shared one connects as set in TWILIO_BINDING_MQTT__URL."""
    return Phone(client or shared(), uid)


def contact(uid: str, client: Client | None = None) -> ContactMethods:
    """The contact thing `uid`; the client is chosen as in `phone`."""
    return _Contact(client or shared(), uid)


def alarm(uid: str, client: Client | None = None) -> AlarmMethods:
    """The alarm thing `uid`; the client is chosen as in `phone`."""
    return _Alarm(client or shared(), uid)


def listen(uid: str, *channels: str, client: Client | None = None) -> Events:
    """The events of trigger channels of the phone thing `uid` from now on; take them with `get()`.

    A program that listens to `call-received` or `dtmf-received` is expected to answer the calls.
    """
    came: Events = SimpleQueue()
    connection = client or shared()
    for channel in channels:
        connection.on(uid, channel, lambda event, channel=channel: came.put((channel, event)))  # type: ignore[misc]
    return came


@cache
def shared() -> Client:
    """The client of this process, connected as set in TWILIO_BINDING_MQTT__URL, __BASE_TOPIC and __CA_FILE."""
    client = connect(
        os.environ.get("TWILIO_BINDING_MQTT__URL", "mqtt://127.0.0.1:1883"),
        base=os.environ.get("TWILIO_BINDING_MQTT__BASE_TOPIC", "twilio"),
        ca_file=os.environ.get("TWILIO_BINDING_MQTT__CA_FILE", ""),
    )
    client.start()
    atexit.register(client.stop)
    return client
