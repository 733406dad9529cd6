"""The things in openHAB itself: from its UI or files, provided by the script."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import structlog

from twilio_binding.model.configuration import ParameterNode, Place, Scalar, ThingNode, storable_configuration
from twilio_binding.openhab.registries.topics import CHANGES, DISABLED
from twilio_binding.openhab.rest import RestClient
from twilio_binding.protocol.thing_types import type_of
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_PLACE = Place(source="openHAB", line=0, column=0)


class OpenHABThings:
    """openHAB's Twilio things; `changed` is notified after a change.

    They are `kept` in a file, too, because Twilio does not wait until openHAB has started. While openHAB starts, its
    list is incomplete: things of files appear with the script, which is their binding. `is_stale`: an event says that
    something changed.
    """

    topic = "openhab/things/"

    def __init__(self, kept: Path | None = None) -> None:
        self._kept = kept
        self.changed: Subscribers[[]] = Subscribers()
        self._lock = threading.Lock()
        self._things: list[dict[str, Any]] | None = None
        self._removed: set[str] = set()
        self.is_stale = False

    @property
    def nodes(self) -> Sequence[ThingNode]:
        """The things as last read."""
        return [_node(thing) for thing in self._things or ()]

    @property
    def errors(self) -> Sequence[str]:
        """Why nothing is known yet."""
        return [] if self._things is not None else ["the things in openHAB have not been read yet"]

    def recall(self) -> None:
        """Start with the things of an earlier process."""
        if self._kept is None:
            return
        try:
            things = _listed(self._kept.read_text(encoding="utf-8"))
            nodes = [_node(thing) for thing in things]
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            _log.warning("things.kept_copy_unreadable", file=self._kept.name)
            return
        self._things = things
        _log.info("things.recalled", things=len(nodes))
        self.changed.notify()

    def read(self, rest: RestClient, *, has_all_things: Callable[[], bool]) -> None:
        """Read all things; `has_all_things` is then called to find out whether the list is complete."""
        self.is_stale = False
        try:
            listed = rest.things()
            self.load(listed, complete=has_all_things())
        except BaseException:
            self.is_stale = True
            raise

    def follow(self, topic: str, payload: str) -> bool:
        """Handle an event of a thing; returns whether the things must be read again."""
        uid, _, change = topic.removeprefix(self.topic).rpartition("/")
        if change == "removed":
            self._removed.add(uid)
        elif change == "added":
            self._removed.discard(uid)
        is_news = topic.endswith(CHANGES) or DISABLED in payload
        self.is_stale = self.is_stale or is_news
        return is_news

    def forget_events(self) -> None:
        """Handle that it may be another openHAB now."""
        self._removed.clear()

    def load(self, listed: Iterable[dict[str, Any]], *, complete: bool = True) -> None:
        """Take over openHAB's list. Disabled things are ignored.

        While the list is not `complete`, only what an event said to be removed is gone.
        """
        listed = list(listed)
        things = [_essence(thing) for thing in listed if _is_ours(thing)]
        with self._lock:
            if not complete:
                gone = self._removed | {thing.get("UID") for thing in listed}
                things += [thing for thing in self._things or () if thing["UID"] not in gone]
            things.sort(key=lambda thing: str(thing["UID"]))
            if things == self._things:
                return
            self._things = things
        self.changed.notify()
        if self._kept is not None:
            _keep(things, self._kept)


def _listed(text: str) -> list[dict[str, Any]]:
    things = json.loads(text)
    if not isinstance(things, list):
        raise TypeError("no list of things")
    return things


def _keep(things: list[dict[str, Any]], path: Path) -> None:
    beside = path.with_suffix(".new")
    try:
        beside.unlink(missing_ok=True)
        # They contain the auth token.
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump([_storable(thing) for thing in things], file, ensure_ascii=False)
        beside.replace(path)
    except OSError as error:
        _log.warning("things.not_kept", reason=error.strerror or type(error).__name__)


def _storable(thing: dict[str, Any]) -> dict[str, Any]:
    return thing | {"configuration": storable_configuration(thing["configuration"])}


def _is_ours(thing: dict[str, Any]) -> bool:
    status = thing.get("statusInfo") or {}
    return type_of(str(thing.get("thingTypeUID"))) is not None and status.get("statusDetail") != "DISABLED"


def _essence(thing: dict[str, Any]) -> dict[str, Any]:
    """The parts of a thing that we use, without status and properties, which we set."""
    return {name: thing.get(name) for name in ("UID", "thingTypeUID", "label", "bridgeUID", "configuration")}


def _node(thing: dict[str, Any]) -> ThingNode:
    configuration: dict[str, Scalar | list[Scalar] | None] = thing.get("configuration") or {}
    return ThingNode(
        uid=str(thing["UID"]),
        is_bridge=thing["thingTypeUID"] == "twilio:account",
        label=thing.get("label"),
        location=None,
        bridge=thing.get("bridgeUID"),
        parameters=tuple(
            ParameterNode(name=name, values=tuple(value) if isinstance(value, list) else (value,), place=_PLACE)
            for name, value in configuration.items()
            if value is not None
        ),
        place=_PLACE,
    )
