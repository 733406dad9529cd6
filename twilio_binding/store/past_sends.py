"""Sends and their outcome, for people; works while the service runs."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from twilio_binding.model.progress import furthest_status
from twilio_binding.store.history import counted, opened, seconds_ahead

_WANTED = """FROM requests
    WHERE (:thing IN ('', thing) OR substr(thing, -length(:thing) - 1) = ':' || :thing) AND stored >= :since AND (NOT :only_waiting OR reply IS NULL)
"""
_COUNT = f"SELECT count(*) {_WANTED}"
_SENDS = f"SELECT id, thing, stored, action, args, reply {_WANTED} ORDER BY stored DESC LIMIT :last"
_PARTS = "SELECT recipient, outcome FROM parts WHERE request = ? ORDER BY number"
_STATUSES = """
    SELECT payload FROM events
    WHERE channel IN ('message-status', 'call-status-update') AND received >= ? ORDER BY id
"""

Told = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRecipient:
    """The outcome of a send to one number: Twilio's latest status, or the code and text of the error."""

    to: str
    sid: str = ""
    status: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSend:
    """A request of the outbox. `args` is JSON, `stored` is in seconds since 1970, `is_open`: it is in progress."""

    id: str
    thing: str
    stored: float
    action: str
    args: str
    is_open: bool
    recipients: tuple[PastRecipient, ...]


def sends(
    database: Path, *, last: int, thing: str = "", since: float = 0.0, only_waiting: bool = False
) -> Sequence[PastSend]:
    """The newest requests since a time (seconds since 1970), oldest first; `thing` is a UID, or the end of one."""
    ahead = seconds_ahead(database)
    wanted = {"thing": thing, "only_waiting": only_waiting, "last": last, "since": since - ahead}
    with closing(opened(database)) as connection:
        rows = connection.execute(_SENDS, wanted).fetchall()
        told = _told(connection, min((row[2] for row in rows), default=time.time()))
        return [_past(connection, row, ahead, told) for row in reversed(rows)]


def count(database: Path, *, thing: str = "", since: float = 0.0, only_waiting: bool = False) -> int:
    """The number of requests that `sends` would return without `last`."""
    wanted = {"thing": thing, "only_waiting": only_waiting, "since": since - seconds_ahead(database)}
    return counted(database, _COUNT, wanted)


def _past(connection: sqlite3.Connection, row: tuple[Any, ...], ahead: float, told: Told) -> PastSend:
    request_id, thing, stored, action, args, reply = row
    return PastSend(
        id=request_id,
        thing=thing,
        stored=stored + ahead,
        action=action,
        args=args,
        is_open=reply is None,
        recipients=tuple(_recipients(connection.execute(_PARTS, (request_id,)), told)),
    )


def _recipients(rows: Iterable[tuple[str, str | None]], told: Told) -> Iterable[PastRecipient]:
    for to, text in rows:
        outcome = json.loads(text or "{}")
        sid, error = outcome.get("sid", ""), outcome.get("error", {})
        yield PastRecipient(
            to=to,
            sid=sid,
            status=reduce(furthest_status, told.get(sid, ()), outcome.get("status", "")),
            code=error.get("code", ""),
            message=error.get("message", ""),
        )


def _told(connection: sqlite3.Connection, since: float) -> Told:
    """The status that Twilio reported for each SID."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for (text,) in connection.execute(_STATUSES, (since,)):
        payload = json.loads(text)
        found.setdefault(str(payload.get("messageSid") or payload.get("callSid")), []).append(payload)
    return found
