"""Profiles of item links, for channels whose thing is not in openHAB: there openHAB applies none itself.

What is done is what openHAB's own profiles do with a state or an event of a thing (core, `internal/profiles`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from twilio_binding.clock import local_now
from twilio_binding.protocol.thing_types import channel_of, type_of

Applied = str | None
"""The state for the item; None when it gets none."""
_Function = Callable[[str, Mapping[str, Any]], Applied]

COMMANDING = "system:trigger-event-string"
"""Sends the item a command instead of a state."""


def _now(_text: str, _configuration: Mapping[str, Any]) -> Applied:
    return local_now().isoformat(timespec="milliseconds")


def _same(text: str, _configuration: Mapping[str, Any]) -> Applied:
    return text


def _nothing(_text: str, _configuration: Mapping[str, Any]) -> Applied:
    return None


def _moved(text: str, configuration: Mapping[str, Any]) -> Applied:
    """A time with an offset in seconds; what is no time stays as it is."""
    with suppress(ValueError, TypeError, OverflowError):
        moved = datetime.fromisoformat(text) + timedelta(seconds=int(configuration.get("offset", 0)))
        return moved.isoformat(timespec="milliseconds")
    return text


_OF_STATES: Mapping[str, _Function] = {
    "": _same,
    "system:default": _same,
    "system:follow": _nothing,
    "system:timestamp-update": _now,
    "system:timestamp-offset": _moved,
}
_OF_TRIGGERS: Mapping[str, _Function] = {
    "system:timestamp-trigger": _now,
    COMMANDING: _same,
}
_KEPT = frozenset(("", "system:default", "system:timestamp-offset"))
"""Profiles whose state is still right when it is restored later."""


def applied(profile: str, text: str, configuration: Mapping[str, Any], *, to_trigger: bool = False) -> Applied:
    """What an item gets from a state or, `to_trigger`, from the payload of an event."""
    functions = _OF_TRIGGERS if to_trigger else _OF_STATES
    return functions.get(profile, _nothing)(text, configuration)


def is_kept(profile: str) -> bool:
    """Whether an item that lost its state may be given the last one again."""
    return profile in _KEPT


def problem(channel_uid: str, profile: str, things: Collection[str], *, has_profiles: bool) -> str:
    """Why a link cannot work, "" if it can. Without `things` any may be one.

    `has_profiles`: openHAB has the thing, and applies the profile.
    """
    thing, _, channel = channel_uid.rpartition(":")
    thing_type, found = type_of(thing), channel_of(thing, channel)
    if (things and thing not in things) or thing_type is None:
        return f"there is no {thing_type.id if thing_type else 'phone'} {thing}; correct the link"
    if found is None:
        return f"{'an' if thing_type.id[0] == 'a' else 'a'} {thing_type.id} has no channel {channel}; correct the link"
    if has_profiles:
        return ""
    is_trigger = not found.item
    if is_trigger and profile in ("", "system:default"):
        return f"{channel} is a trigger: it sets no item without a profile such as timestamp-trigger"
    if profile not in (_OF_TRIGGERS if is_trigger else _OF_STATES):
        return (
            f"the profile {profile} works only where openHAB has the thing, with the script; "
            "link another item without it and convert that in a rule"
        )
    return ""
