"""All thing types, and look-ups by the UID of a thing or channel."""

from __future__ import annotations

from .alarm import ALARM
from .channels import Channel
from .contact import CONTACT
from .parameters import ACCOUNT, PHONE, ThingType

THING_TYPES = (ACCOUNT, PHONE, CONTACT, ALARM)
CHANNEL_TYPES = {channel.type: channel for thing_type in THING_TYPES for channel in thing_type.channels}
"""All channel types, by id."""
_BY_UID = {thing_type.uid: thing_type for thing_type in THING_TYPES}
_CHANNELS = {(thing_type.uid, channel.id): channel for thing_type in THING_TYPES for channel in thing_type.channels}


def type_of(thing: str) -> ThingType | None:
    """The type of a thing; None if it is not ours."""
    return _BY_UID.get(":".join(thing.split(":")[:2]))


def channel_of(thing: str, channel: str) -> Channel | None:
    """A channel of a thing; None if its type has no such channel."""
    return _CHANNELS.get((":".join(thing.split(":")[:2]), channel))


def describe(thing: str) -> list[dict[str, object]]:
    """The channels of a thing in the form of `<base>/things`."""
    found = type_of(thing)
    return [_described(thing, channel) for channel in found.channels] if found else []


def _described(thing: str, channel: Channel) -> dict[str, object]:
    described: dict[str, object] = {"uid": f"{thing}:{channel.id}", "id": channel.id}
    described |= {"kind": "STATE", "itemType": channel.item} if channel.item else {"kind": "TRIGGER"}
    described["label"] = channel.label
    return described | ({"writable": True} if channel.writable else {})
