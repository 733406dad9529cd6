"""Puts phone numbers that the service found into openHAB's inbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from openhab_twilio.java.jvm import JavaObject, attempt, jclass
from openhab_twilio.java.services import Services

_DISCOVERY = "org.openhab.core.config.discovery."
_THING = "org.openhab.core.thing."


class InboxFeed:
    """Keeps the inbox like the service's list: adds new entries, and removes others. For one thread.

    Entries that `exists` as things are skipped, because openHAB would write the entry into that thing's configuration.
    """

    def __init__(self, services: Services, exists: Callable[[str], bool]) -> None:
        self._services = services
        self._exists = exists
        self._ours: set[str] = set()
        self._last = ""

    def take(self, payload: str) -> None:
        """Take over the service's list."""
        self._last = payload
        inbox = self._services.find(_DISCOVERY + "inbox.Inbox")
        if inbox is None:
            return
        found = {str(entry["thingUID"]): entry for entry in json.loads(payload or "[]")}
        entries = {uid: entry for uid, entry in found.items() if not self._exists(uid)}
        for uid in self._ours - entries.keys():
            attempt("removing from the inbox", partial(inbox.remove, jclass(_THING + "ThingUID")(uid)))
        for entry in entries.values():
            # Do not wait for the future of `add`: it may never complete.
            attempt("adding to the inbox", partial(_add, inbox, entry))
        self._ours = set(entries)

    def take_again(self) -> None:
        """Add the last entries again, because users may have removed them from the inbox."""
        self.take(self._last)


def _add(inbox: JavaObject, entry: dict[str, object]) -> None:
    inbox.add(_result(entry))


def _result(entry: dict[str, object]) -> JavaObject:
    thing_uid = jclass(_THING + "ThingUID")
    builder = jclass(_DISCOVERY + "DiscoveryResultBuilder").create(thing_uid(str(entry["thingUID"])))
    builder.withThingType(jclass(_THING + "ThingTypeUID")(str(entry["thingTypeUID"])))
    builder.withBridge(thing_uid(str(entry["bridgeUID"]))).withLabel(str(entry["label"]))
    properties = entry["properties"]
    if isinstance(properties, dict):
        for name, value in properties.items():
            builder.withProperty(str(name), str(value))
    return builder.withRepresentationProperty(str(entry["representationProperty"])).build()
