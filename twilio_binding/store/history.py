"""Events and their outcome, for people; works while the service runs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twilio_binding.store.folder import DataFolderError, NoDataError
from twilio_binding.store.outcomes import GIVEN_UP, LIMITED, SET_ASIDE
from twilio_binding.store.past.interventions import REPLAY
from twilio_binding.store.timeline import Timeline

_WANTED = """FROM events
    WHERE (:thing IN ('', thing) OR substr(thing, -length(:thing) - 1) = ':' || :thing) AND received >= :since
    AND (NOT :only_waiting OR openhab = 0 OR mqtt = 0)
"""
_COUNT = f"SELECT count(*) {_WANTED}"
_EVENTS = f"SELECT id, thing, received, channel, payload, openhab, mqtt {_WANTED} ORDER BY id DESC LIMIT :last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event of the journal. `waits_for` are the lanes that have not delivered it; `received` is in seconds since 1970.

    `limited`: it was over a limit, and is not delivered. `set_aside` are lanes that can never deliver it, `given_up`
    those for which a person dropped it.
    """

    id: int
    thing: str
    received: float
    channel: str
    payload: str
    waits_for: tuple[str, ...]
    limited: bool = False
    set_aside: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()


def events(
    database: Path, *, last: int, thing: str = "", since: float = 0.0, only_waiting: bool = False
) -> Sequence[Happened]:
    """The newest events since a time (seconds since 1970), oldest first; `thing` is a UID, or the end of one."""
    ahead = seconds_ahead(database)
    wanted = {"thing": thing, "only_waiting": only_waiting, "last": last, "since": since - ahead}
    with closing(opened(database)) as connection:
        return [_happened(row, ahead) for row in reversed(connection.execute(_EVENTS, wanted).fetchall())]


def count(database: Path, *, thing: str = "", since: float = 0.0, only_waiting: bool = False) -> int:
    """The number of events that `events` would return without `last`."""
    wanted = {"thing": thing, "only_waiting": only_waiting, "since": since - seconds_ahead(database)}
    return counted(database, _COUNT, wanted)


def counted(database: Path, query: str, wanted: Mapping[str, object]) -> int:
    """The number that a query returns."""
    with closing(opened(database)) as connection:
        return int(connection.execute(query, wanted).fetchone()[0])


def seconds_ahead(database: Path) -> int:
    """How much the clock of this machine is ahead of the times in the database, in seconds."""
    return round(time.time() - Timeline.beside(database).now())


def replay(database: Path, event_id: int) -> int:
    """Store an event again, as if it had just arrived; returns the id of the new event."""
    now = Timeline.beside(database).now()
    with closing(opened(database)) as connection, connection:
        cursor = connection.execute(REPLAY, (int(now * 1000), now, event_id))
        if cursor.rowcount != 1:
            raise DataFolderError(f"unknown event {event_id}; `twilio-binding events` lists all events")
        return cursor.lastrowid or 0


def opened(database: Path) -> sqlite3.Connection:
    """The database of a service, whether or not it is running; raises `DataFolderError` if there is none, or it cannot be read."""
    if not database.is_file():
        raise NoDataError(f"{database} does not exist; check data_dir")
    try:
        connection = sqlite3.connect(database, timeout=5)
        connection.execute("SELECT 1 FROM events LIMIT 1")
    except sqlite3.Error as error:
        raise DataFolderError(f"{database} cannot be read ({error})") from None
    return connection


def _happened(row: tuple[Any, ...], ahead: float) -> Happened:
    event_id, thing, received, channel, payload, openhab, mqtt = row
    waits_for = tuple(lane for lane, done in (("openhab", openhab), ("mqtt", mqtt)) if not done)
    return Happened(
        id=event_id,
        thing=thing,
        received=received + ahead,
        channel=channel,
        payload=payload,
        waits_for=waits_for,
        limited=openhab == LIMITED,
        set_aside=tuple(lane for lane, done in (("openhab", openhab), ("mqtt", mqtt)) if done == SET_ASIDE),
        given_up=tuple(lane for lane, done in (("openhab", openhab), ("mqtt", mqtt)) if done == GIVEN_UP),
    )
