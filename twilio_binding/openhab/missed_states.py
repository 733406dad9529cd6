"""States of followed items that openHAB's event stream missed during a break."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.item_topics import update_topic, updated_item
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.item_commands import FOLLOW, ItemCommands
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.runs import RunsOfOpenHAB
from twilio_binding.protocol.alarm import ACTIVE, ALARM
from twilio_binding.protocol.thing_types import type_of

_log = structlog.get_logger(__name__)


class MissedStates:
    """After each break of the stream, compares the states of items that start alarms with the earlier ones.

    An item that has become ON meanwhile starts its alarm; an alarm is never ended in this way. What openHAB restores when it
    starts, as `runs` tells, is not followed.
    """

    def __init__(self, rest: RestClient, links: ItemLinks, commands: ItemCommands, runs: RunsOfOpenHAB) -> None:
        self._rest = rest
        self._links = links
        self._commands = commands
        self._runs = runs
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self._run = -1

    def follow(self, topic: str, payload: str) -> None:
        """Note a state from the stream."""
        item = updated_item(topic)
        if self._is_followed(item):
            self._known[item] = str(json.loads(payload).get("value", ""))

    def look(self) -> None:
        """Compare: the stream is open, and openHAB is prepared. Raises nothing."""
        with self._lock:
            run, before = self._runs.number, dict(self._known)
            is_same, self._run = run == self._run, run
            for item in set(self._items()):
                try:
                    state = self._known[item] = self._rest.state(item)
                except DependencyDownError:
                    return  # nobody else need wait for an openHAB that does not answer: it is compared after the next break
                except OpenHABRefusedError as error:
                    _log.info("openhab.state_unknown", item=item, reason=str(error))
                    continue
                if is_same and state == "ON" and before.get(item, "ON") != "ON":
                    _log.warning("openhab.state_missed", item=item)
                    told = json.dumps({"type": "OnOff", "value": "ON"})
                    self._commands.follow(update_topic(item), told)

    def _is_followed(self, item: str) -> bool:
        return any(link.profile == FOLLOW for link in self._links.of_item(item))

    def _items(self) -> Iterator[str]:
        for channel in self._links.channels():
            thing, _, name = channel.rpartition(":")
            if name == ACTIVE and type_of(thing) is ALARM:
                yield from (link.item for link in self._links.of(channel) if link.profile == FOLLOW)
