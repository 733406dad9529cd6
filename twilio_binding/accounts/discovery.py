"""Finds the numbers of the accounts that are not things yet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import structlog

from twilio_binding.accounts.ports import Numbers
from twilio_binding.model import inbox
from twilio_binding.model.incoming_numbers import IncomingNumber
from twilio_binding.model.things import Account, ThingsSource

_log = structlog.get_logger(__name__)

Inbox = list[dict[str, object]]


class Discovery:
    """Knows the numbers of the accounts as of the last search.

    `on_change` gets all entries of the inbox whenever they change. Before the first search nothing is published, so the
    entries of an earlier process stay.
    """

    def __init__(self, things: ThingsSource, numbers: Numbers, *, on_change: Callable[[Inbox], None]) -> None:
        self._things = things
        self._numbers = numbers
        self._on_change = on_change
        self._lock = threading.Lock()
        self._found: dict[str, tuple[str, Sequence[IncomingNumber]]] = {}
        self._told: Inbox | None = None

    def look(self, account: Account) -> Inbox:
        """Search an account for new numbers and return its entries. If an error is raised, the entries stay as they were."""
        numbers = self._numbers.all(account)
        with self._lock:
            self._found[account.uid] = (account.account_sid, numbers)
        self.tell()
        found = inbox.entries(account, numbers, self._things.current())
        _log.info("discovery.looked", thing=account.uid, numbers=len(numbers), new=len(found))
        return found

    @property
    def inbox(self) -> Inbox:
        """The entries that were published last."""
        return self._told or []

    def tell(self) -> None:
        """Report the entries if they changed: a number may have become a thing, or an account may have gone."""
        things = self._things.current()
        with self._lock:
            known = {
                uid: found
                for uid, found in self._found.items()
                if uid in things.accounts and things.accounts[uid].account_sid == found[0]
            }
            entries = [
                entry
                for uid, (_, numbers) in sorted(known.items())
                for entry in inbox.entries(things.accounts[uid], numbers, things)
            ]
            if (not self._found and self._told is None) or entries == self._told:
                return
            self._found, self._told = known, entries
            self._on_change(entries)
