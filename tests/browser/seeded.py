"""Services with much data, and nothing to connect to."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lab.standins.stack import Stack
from twilio_binding.clock import local_hour, local_now
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess
from twilio_binding.store import Database

PHONE = "twilio:phone:myaccount:myphone"
NOBODY = {
    "OPENHAB__URL": "http://127.0.0.1:9",
    "MQTT__URL": "mqtt://127.0.0.1:9",
    "TWILIO__API_URL": "http://127.0.0.1:9",
}
Fill = Callable[[sqlite3.Connection], None]
_EVENT = """
    INSERT INTO events (id, thing, received, lifetime, urgent, states, channel, payload, openhab, mqtt)
    VALUES (?, ?, ?, 60, ?, '[]', ?, ?, ?, ?)
"""
_PEERS = """
    INSERT INTO peers (number, thing, last) SELECT peer, thing, max(received) FROM events WHERE peer != '' GROUP BY peer
"""


@contextmanager
def service(
    folder: Path, *, rows: int, things: Path = SEEDS / "things" / "twilio.things", more: Fill | None = None
) -> Iterator[ServiceProcess]:
    """A service with so many past texts, calls, sends and waiting events, and the data that `more` adds."""
    settings = NOBODY | {"THINGS": json.dumps([str(things)])}
    up = ServiceProcess(folder, settings)
    (folder / "data").mkdir()
    database = Database(folder / "data" / "twilio-binding.db")
    database.start()
    database.write(lambda connection: _fill(connection, rows))
    if more is not None:
        database.write(more)
    database.stop()
    with up:
        yield up


def add_days(home: Stack) -> None:
    """Give a service that runs a month in which something happened."""
    now = local_hour(local_now())
    chance = random.Random(5)
    rows = [
        (now - hour, what, chance.randrange(most))
        for hour in range(1, 30 * 24)
        for what, most in (("texts_in", 4), ("texts_out", 3), ("calls_in", 2), ("failed", 1 + (hour % 31 == 0) * 2))
    ]
    rows += [
        (hour, name, n * each)
        for hour, what, n in rows
        if what == "calls_in"
        for name, each in (("answers", 1), ("answer_ms", 40 + hour % 90))
    ]
    with closing(sqlite3.connect(home.folder / "data" / "twilio-binding.db", timeout=30)) as database, database:
        database.executemany("INSERT OR REPLACE INTO tallies VALUES (?, ?, ?)", rows)


def _fill(connection: sqlite3.Connection, rows: int) -> None:
    now = time.time() - rows
    texts = [
        _row(now + n, n, "sms-received", {"from": f"+1555{n % 40:07}", "body": f"text {n}", "messageSid": f"SM{n}"})
        for n in range(rows)
    ]
    many = [
        _row(now + n, n, "sms-received", {"from": "+15559876543", "body": f"much {n}", "messageSid": f"MM{n}"})
        for n in range(rows)
    ]
    calls = [
        _row(now + n, n, "call-received", {"from": "+15559876543", "callSid": f"CA{n}", "callStatus": "ringing"})
        for n in range(rows)
    ]
    for place, kind in enumerate((texts, many, calls)):
        connection.executemany(_EVENT, [(int(str(row[0])) * 3 + place, *row[1:]) for row in kind])
    connection.execute(_PEERS)
    requests = [
        (
            f"r{n}",
            PHONE,
            "sendSMS",
            json.dumps({"to": "+15557654321", "message": f"sent {n}"}),
            "",
            0,
            now + n,
            '{"id":"","ok":false,"error":{"code":"twilio.21211","message":"this number cannot be reached","retryable":false}}',
        )
        for n in range(rows)
    ]
    connection.executemany("INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?)", requests)
    parts = [(f"r{n}", 0, "+15557654321", now + n) for n in range(rows)]
    connection.executemany("INSERT INTO parts (request, number, recipient, stored) VALUES (?, ?, ?, ?)", parts)
    if rows:
        connection.execute("INSERT INTO peers (number, thing, last) VALUES ('+15557654321', ?, ?)", (PHONE, now + rows))


def _row(at: float, n: int, channel: str, payload: dict[str, str]) -> tuple[object, ...]:
    # Some of the texts wait for openHAB, and some were set aside.
    openhab = (0, 1, 3, 1)[n % 4]
    return int(at * 1000), PHONE, at, channel == "call-received", channel, json.dumps(payload), openhab, 1
