"""Channels that count: their numbers outlive the process, and each event counts once."""

from __future__ import annotations

import sqlite3

from twilio_binding.model.events import Event

_SET = """
    INSERT INTO counters (channel, number) VALUES (:channel, coalesce(:number, 1))
    ON CONFLICT (channel) DO UPDATE SET number = coalesce(:number, number + 1) RETURNING number
"""


def state(connection: sqlite3.Connection, event: Event) -> tuple[tuple[str, str], ...]:
    """The state of the channel that an event counts, now that it is stored."""
    if event.counter is None:
        return ()
    channel, number = event.counter
    row = connection.execute(_SET, {"channel": f"{event.thing}:{channel}", "number": number}).fetchone()
    return ((channel, str(row[0])),)
