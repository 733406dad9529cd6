"""The journal of webhooks, and what is still to be delivered."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, get_args

import structlog

from twilio_binding.incoming.ports import Delivery, Lane, Recorded
from twilio_binding.model.events import CALL_STATUS, Event
from twilio_binding.store import calls, counters, peers, seen, tallies
from twilio_binding.store.database import Database
from twilio_binding.store.errors import DatabaseClosedError
from twilio_binding.store.outcomes import LIMITED, SET_ASIDE
from twilio_binding.store.sweep import sweep

_log = structlog.get_logger(__name__)
_encode = json.JSONEncoder(ensure_ascii=False).encode

MOST_LIMITED = 10_000
"""Maximum number of stored events over a limit."""

_INSERT = """
    INSERT INTO events (id, sid_key, token_key, thing, received, lifetime, urgent, states, channel, payload, openhab, mqtt)
    VALUES ((SELECT max(coalesce(max(id), 0) + 1, ?) FROM events), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_DONE = """
    DELETE FROM events WHERE id IN
    (SELECT id FROM events WHERE received < :before AND openhab != 0 AND mqtt != 0 LIMIT :portion)
"""
_TOO_MANY = """
    DELETE FROM events WHERE id IN
    (SELECT id FROM events WHERE openhab = 2 ORDER BY id DESC LIMIT :portion OFFSET :most)
"""  # the literal number, because an index uses it
_PORTION = 100
"""Events deleted in one transaction, each with its answer and its entries in a dozen indexes."""
_COPIES = 3600.0
"""Seconds after which no second copy of a call's request arrives."""
_NO_COPY_COMES = """
    UPDATE events SET answer = NULL WHERE id IN
    (SELECT id FROM events WHERE answer IS NOT NULL AND received < :before LIMIT :portion)
"""
_SAME = "SELECT id, answer FROM events WHERE sid_key = ? OR token_key = ? LIMIT 1"


def _for_lanes(sql: str) -> dict[Lane, str]:
    """The same statement for the column of each lane."""
    return {lane: sql.format(lane=lane) for lane in get_args(Lane)}


_PENDING = _for_lanes("""
    SELECT id, thing, received, lifetime, urgent, states, channel, payload FROM events
    WHERE {lane} = 0 AND urgent = ? AND thing NOT IN (SELECT value FROM json_each(?))
    AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?
""")
_BACKLOG = _for_lanes("SELECT count(*) FROM events WHERE {lane} = 0")
_COUNT_SET_ASIDE = _for_lanes("SELECT count(*) FROM events WHERE {lane} = 3")  # the literal number, for the index
_WHY = "INSERT OR REPLACE INTO set_asides VALUES (?, ?, ?)"
_NONE: Mapping[int, str] = {}
_DELIVERED = _for_lanes("UPDATE events SET {lane} = ? WHERE id = ?")


Waker = Callable[[frozenset[bool]], None]
"""Notified of new events: urgent ones, others, or both."""


class SqliteJournal:
    """The journal in SQLite. `clock` is in seconds since 1970."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._wakers: list[Waker] = []
        self.counts: dict[Lane, int] = {}
        """Cached numbers of events that are set aside; cleared by every change."""

    def on_change(self, waker: Waker) -> None:
        """Call `waker` after each write of new events."""
        self._wakers.append(waker)

    def record(
        self, event: Event, *, also: Sequence[Event] = (), patience: float | None = None, limited: bool = False
    ) -> Recorded:
        """Store the event with its deliveries and those of `also`, or return its first copy; on disk when this returns.

        Raises `DatabaseBusyError` after `patience` seconds; the event may be stored later. A `limited` event is stored
        for people, and not delivered.
        """
        urgencies, now = frozenset(one.urgent for one in (event, *also)), self._clock()

        def write(connection: sqlite3.Connection) -> Recorded:
            recorded = _record(connection, event, now, limited=limited)
            for one in also if recorded.new else ():
                _record(connection, one, now, limited=limited)
            return recorded

        recorded = self._database.write(write, patience=patience, haste="urgent" if event.urgent else "next")
        if recorded.replayed:
            _log.warning("webhook.replayed", thing=event.thing, channel=event.channel)
        if recorded.new and not limited:
            for wake in self._wakers:
                wake(urgencies)
        return recorded

    def knows(self, event: Event) -> bool:
        """Whether the event, or one with the same signature, was ever recorded."""
        return bool(self._database.read("SELECT 1 FROM seen WHERE key IN (?, ?)", (event.sid_key, event.signature_key)))

    def answered(self, event_id: int, answer: str, *, by: str = "", seconds: float = 0.0) -> None:
        """Store soon the answer for a second copy and, for people, who gave it after how many seconds."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE events SET answer = ? WHERE id = ?", (answer, event_id))
            if by:
                connection.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", (event_id, by, seconds, answer)
                )
                if seconds:  # somebody waited for it on the phone
                    tallies.count_answer(connection, seconds)

        self._database.write_later(write)

    def pending(
        self, lane: Lane, *, urgent: bool, limit: int, without: Collection[str] = (), but: Collection[int] = ()
    ) -> Sequence[Delivery]:
        """The oldest events that `lane` has not delivered, in order, except those of some things, and some ids."""
        now = self._clock()
        parameters = (urgent, json.dumps(list(without)), json.dumps(list(but)), limit)
        rows = self._database.read(_PENDING[lane], parameters)
        return [_delivery(self._database, row, now) for row in rows]

    def backlog(self, lane: Lane) -> int:
        """The number of events that `lane` has not delivered."""
        count: int = self._database.read(_BACKLOG[lane])[0][0]
        return count

    def set_aside(self, lane: Lane) -> int:
        """The number of events that `lane` has set aside."""
        if lane not in self.counts:
            self.counts[lane] = self._database.read(_COUNT_SET_ASIDE[lane])[0][0]
        return self.counts[lane]

    def delivered(
        self, lane: Lane, deliveries: Sequence[Delivery], *, set_aside: Mapping[int, str] = _NONE
    ) -> Future[None]:
        """Note soon that events are delivered. `set_aside` has ids with reasons."""
        ids = [(SET_ASIDE if delivery.id in set_aside else 1, delivery.id) for delivery in deliveries]
        states = {
            f"{delivery.event.thing}:{channel}": state
            for delivery in deliveries
            for channel, state in delivery.event.states
        }

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany(_DELIVERED[lane], ids)
            connection.executemany(_WHY, [(event_id, lane, reason) for event_id, reason in set_aside.items()])
            if lane == "openhab":
                connection.executemany("INSERT OR REPLACE INTO states VALUES (?, ?)", list(states.items()))

        noted = self._database.write_later(write)
        if set_aside:
            noted.add_done_callback(lambda _: self.counts.pop(lane, None))
        return noted

    def if_it_reached_all(self, event_id: int, then: Callable[[], None]) -> None:
        """Call `then` soon, perhaps more than once, if every lane has delivered the event."""

        def look(connection: sqlite3.Connection) -> None:
            sql = "SELECT 1 FROM events WHERE id = ? AND openhab = 1 AND mqtt = 1"
            if connection.execute(sql, (event_id,)).fetchone():
                then()

        with suppress(DatabaseClosedError):
            self._database.write_later(look)

    def last_states(self) -> dict[str, str]:
        """The last delivered state of each channel UID."""
        return dict(self._database.read("SELECT channel, state FROM states"))

    def forget(self, *, older_than: float) -> int:
        """Delete events that were delivered to all and are older than so many seconds; returns their number."""
        now = self._clock()
        before = now - older_than
        calls.forget(self._database, before)
        seen.forget(self._database)
        tallies.forget(self._database)
        peers.forget(self._database, before)
        sweep(self._database, _NO_COPY_COMES, before=now - _COPIES)
        dropped = sweep(self._database, _DONE, portion=_PORTION, before=before)
        dropped += sweep(self._database, _TOO_MANY, portion=_PORTION, most=MOST_LIMITED)
        if dropped:
            self.counts.clear()
        return dropped


def _record(connection: sqlite3.Connection, event: Event, now: float, *, limited: bool) -> Recorded:
    """Store an event, or return its first copy."""
    keys = (event.sid_key or None, event.token_key or None)
    first = connection.execute(_SAME, keys).fetchone()
    if first:
        return Recorded(id=first[0], new=False, answer=first[1])
    if seen.is_replayed(connection, event, now):
        return Recorded(id=0, new=False, replayed=True)
    seen.note(connection, event, now)
    states = calls.states_of_new(connection, event) if event.call_sid else event.states
    if event.counter is not None:
        states = (*states, counters.state(connection, event.thing, *event.counter))
    facts = (*keys, event.thing, now, event.lifetime, event.urgent, _encode(states))
    lanes = (LIMITED, LIMITED) if limited else (0, 0)
    # Ids begin at the current time, so that none is ever repeated, not even after the loss of the database:
    # openHAB's side remembers them.
    row = (int(now * 1000), *facts, event.channel, event.payload, *lanes)
    event_id = connection.execute(_INSERT, row).lastrowid or 0
    tallies.count_event(connection, event)
    if event.sender:
        peers.note_event(connection, event, now)
    if event.call_sid and not limited:
        calls.note(connection, event, event_id, now)
    return Recorded(id=event_id, new=True)


def _delivery(database: Database, row: tuple[Any, ...], now: float) -> Delivery:
    event_id, thing, received, lifetime, is_urgent, states, trigger, payload = row
    event = Event(
        thing=thing,
        states=tuple((channel, state) for channel, state in json.loads(states)),
        channel=trigger,
        payload=payload,
        urgent=bool(is_urgent),
        lifetime=lifetime,
    )
    if CALL_STATUS in dict(event.states):
        event = replace(event, states=calls.states_to_deliver(database, event_id, event))
    return Delivery(id=event_id, stale=now > received + lifetime, age=max(0.0, now - received), event=event)
