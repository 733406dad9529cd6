"""Channels that count events; the numbers are durable, and each event counts once."""

from __future__ import annotations

import sqlite3

_SET = """
    INSERT INTO counters (channel, number) VALUES (:channel, coalesce(:number, 1))
    ON CONFLICT (channel) DO UPDATE SET number = coalesce(:number, number + 1) RETURNING number
"""


def state(connection: sqlite3.Connection, thing: str, channel: str, number: int | None) -> tuple[str, str]:
    """The channel of a thing with its new state: `number`, or one more than before."""
    row = connection.execute(_SET, {"channel": f"{thing}:{channel}", "number": number}).fetchone()
    return channel, str(row[0])
