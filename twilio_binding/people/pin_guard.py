"""The PINs of contacts, wherever they are needed: three wrong ones lock the PIN, and the owner is notified."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal
from weakref import WeakValueDictionary

from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.people.item_ports import CALL_OF_ALARM, CommandBook, CommandResult
from twilio_binding.people.item_use import ItemUser

MOST_WRONG = 3
LOCKED_MINUTES = 15

_COPY = 86_400.0
"""Seconds in which a second copy of a text or of keys may arrive."""

PinVerdict = Literal["right", "wrong", "locked"]
_VERDICTS: Mapping[CommandResult, PinVerdict] = {"right_pin": "right", "wrong_pin": "wrong", "locked": "locked"}


def locked(texts: Catalogue) -> str:
    """The reply to somebody whose PIN is locked."""
    return texts.phrase("Too many wrong PINs. Try again in {minutes} minutes.", minutes=LOCKED_MINUTES)


class _Lock:
    """A lock that can be garbage-collected."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class PinGuard:
    """Checks PINs, one at a time for each contact. `tell` gets a contact that was locked just now.

    A lock applies to one contact. Incoming texts and calls may come from a forged number, so they do not lock the calls
    that an alarm makes to the contact: wrong PINs in those are counted separately.
    """

    def __init__(self, book: CommandBook, tell: Callable[[ItemUser], None]) -> None:
        self._book = book
        self._tell = tell
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()

    def is_locked(self, user: ItemUser) -> bool:
        """Whether no PIN of a contact is accepted now, in this way of entering it."""
        is_ours = user.way == CALL_OF_ALARM
        wrong = self._book.wrong_pins(str(user.contact.uid), within=LOCKED_MINUTES * 60, in_calls_of_alarms=is_ours)
        return wrong >= MOST_WRONG

    def check(self, user: ItemUser, item: str, entered: str, *, origin: str = "") -> PinVerdict:
        """The verdict about a PIN that was entered for an item or an alarm; stored on disk.

        The last wrong one is `wrong`, too; `is_locked` then says that another try is useless. `origin` identifies the
        text or keys: Twilio may send them twice, and they count once.
        """
        with self._guard:
            holder = self._locks.setdefault(str(user.contact.uid), _Lock())
        with holder.lock:
            contact = str(user.contact.uid)
            before = self._book.pin_from(contact, origin, within=_COPY) if origin else None
            if before is not None and before.result in _VERDICTS:
                return _VERDICTS[before.result]
            result = self._result(user, entered)
            self._book.enter(replace(user.note(item, "", result), origin=origin))
            is_last = result == "wrong_pin" and self.is_locked(user)
        if is_last:
            self._tell(user)
        return _VERDICTS[result]

    def _result(self, user: ItemUser, entered: str) -> CommandResult:
        if self.is_locked(user):
            return "locked"
        is_right = user.contact.pin is not None and user.contact.pin.matches(entered)
        return "right_pin" if is_right else "wrong_pin"
