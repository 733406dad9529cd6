"""The entries of `/ready` for openHAB, Twilio, the store and the things."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from twilio_binding.accounts.statuses import Statuses
from twilio_binding.incoming.ports import Lane
from twilio_binding.model.statuses import BRIDGE_OFFLINE
from twilio_binding.model.things import Things
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.store import Database, SqliteJournal

Entry = dict[str, object]


def entry(reason: str, *, up: bool) -> Entry:
    """An entry: up, or the reason why not."""
    return {"up": True} if up else {"up": False, "reason": reason}


def openhab_entry(openhab: OpenHABConnection) -> Entry:
    """Up while events can be delivered, and the script inside openHAB, if there is one, can be used.

    Items that do not get their states are listed; they delay nothing else.
    """
    status = openhab.status
    problem, aside = openhab.script_problem, openhab.set_aside.entries()
    reason = problem or (openhab.waiting.reason if status.is_ready else status.reason)
    found = entry(reason, up=status.is_ready and not reason) | {"way": status.way}
    return found | ({"script": problem} if problem else {}) | ({"set_aside": aside} if aside else {})


def set_aside_entry(journal: SqliteJournal, lane: Lane, name: str = "set_aside") -> Entry:
    """How many events a lane could not deliver, if there are any."""
    with suppress(Exception):  # `store` reports the problem
        number = journal.set_aside(lane)
        return {name: number} if number else {}
    return {}


def twilio_entry(things: Things, statuses: Statuses) -> Entry:
    """Up while every account and every phone is online; otherwise lists those that are not, with the reason."""
    found = [
        *((account.uid, statuses.of_account(account)) for account in things.accounts.values()),
        *((phone.uid, statuses.of_phone(phone)) for phone in things.phones.values()),
    ]
    # The account says it already if a phone is offline because of its account.
    bad = [(uid, status) for uid, status in found if not status.is_online and status != BRIDGE_OFFLINE]
    return entry("; ".join(f"{uid}: {status.text or 'not asked yet'}" for uid, status in bad), up=not bad)


def store_entry(database: Database) -> Entry:
    """Up while events can be stored, and no damaged database is left to look at."""
    names = ", ".join(path.name for path in database.set_aside)
    aside = f"a damaged database was set aside: {names}; move it out of data_dir to clear this message" if names else ""
    reason = database.reason or aside
    return entry(reason, up=not reason)


def things_entry(things: Things, errors: Sequence[str]) -> Entry:
    """Up while the whole configuration can be used; otherwise lists the problems, and the things that still use an earlier one."""
    kept = [f"still in use with their last good configuration: {', '.join(things.kept)}"] if things.kept else []
    return entry("; ".join([*errors, *kept]), up=not errors)
