"""Notifies contacts when openHAB answers again, and carries out the commands that they wanted done then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.people.item_ports import CommandBook, CommandResult, ItemCommandEntry
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.people.timer import Timer
from twilio_binding.protocol.errors import Refusal, TwilioBindingError
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_TELL, _CARRY_OUT = 1, 2
_LATE = 3600.0
"""Seconds after which a command is no longer carried out, because nobody expects it."""


class WhenBack:
    """Stores who waits for openHAB. `user_of` finds them again, `send` sends them a text.

    `clock` is in seconds, and never jumps.
    """

    noted: Subscribers[[]]
    """Notified when somebody begins to wait."""

    def __init__(
        self,
        use: ItemUse,
        book: CommandBook,
        *,
        user_of: Callable[[ItemCommandEntry], ItemUser],
        send: Callable[[ItemUser, str, str], None],
        clock: Callable[[], float],
    ) -> None:
        self.noted = Subscribers()
        self._clock = clock
        self._use = use
        self._book = book
        self._user_of = user_of
        self._send = send

    def note(self, user: ItemUser, item: ReachableItem | None, value: str) -> int:
        """Note that somebody waits; returns the number of their command."""
        entry = user.note(item.name if item else "", value, "down")
        _log.info("item.command", thing=entry.contact, way=user.way, item=entry.item, result="down")
        number = self._book.enter(replace(entry, waits=_TELL)).number
        self.noted.notify()
        return number

    def carry_out_later(self, number: int) -> None:
        """Carry out a command when openHAB is back, if that is within an hour."""
        self._book.wait(number, _CARRY_OUT)
        self.noted.notify()

    def is_waiting(self) -> bool:
        """Whether anybody waits."""
        return bool(self._book.waiting())

    def look(self) -> None:
        """Do what is waiting for openHAB. If openHAB is down, the rest keeps waiting."""
        told: set[str] = set()
        for entry in self._book.waiting():
            try:
                user = self._user_of(entry)
            except Refusal:
                self._book.wait(entry.number, 0)
                continue
            if not self._is_answered(user):
                return
            self._book.wait(entry.number, 0)  # before it is carried out: better not at all than twice
            answer = self._done(entry, user) if entry.waits == _CARRY_OUT else ""
            if answer is None:
                self._book.wait(entry.number, _CARRY_OUT)
                return
            if answer or entry.contact not in told:
                told.add(entry.contact)
                greeting = user.texts.phrase("Your home is responding again.")
                self._send(user, f"{greeting} {answer}".strip(), f"back-{entry.number}-{uuid4().hex[:8]}")

    def _is_answered(self, user: ItemUser) -> bool:
        """Whether openHAB answers at this moment."""
        try:
            self._use.known_states(*list(self._use.reachable(user.contact).by_name)[:1])
        except DependencyDownError:
            return False
        except TwilioBindingError:
            return True
        return True

    def _done(self, entry: ItemCommandEntry, user: ItemUser) -> str | None:
        """The outcome of a late command; None if openHAB is down again."""
        if entry.at < self._clock() - _LATE:
            return self._not_done(entry, user, "expired")
        try:
            item = self._use.reachable(user.contact, fresh=True).by_name.get(entry.item)
            if item is None or not item.can_command or not user.contact.may("command"):
                return self._not_done(entry, user, "no_right")
            return self._use.command(user, item, entry.command)
        except DependencyDownError:
            return None

    def _not_done(self, entry: ItemCommandEntry, user: ItemUser, result: CommandResult) -> str:
        _log.info("item.command", thing=entry.contact, way=user.way, item=entry.item, result=result)
        self._book.enter(user.note(entry.item, entry.command, result))
        return user.texts.phrase("Nothing was done.")


class LookAgain:
    """Calls `look` repeatedly, `pause` seconds apart, while somebody waits.

    openHAB may only have been slow, or be back before the contact answers; then no connection reports that it is back.
    """

    def __init__(
        self, back: WhenBack, look: Callable[[], None], *, clock: Callable[[], float], pause: float = 5.0
    ) -> None:
        self._back = back
        self._look = look
        self._clock = clock
        self._pause = pause
        self._due = 0.0
        self._timer = Timer(clock)
        self._timer.do(self._due_look)
        self.start, self.stop = self._timer.start, self._timer.stop
        back.noted.subscribe(self._noted)

    def _noted(self) -> None:
        self._due = self._clock() + self._pause
        self._timer.wake()

    def _due_look(self) -> float | None:
        if not self._back.is_waiting():
            return None
        if self._clock() >= self._due:
            self._look()
            self._due = self._clock() + self._pause
        return self._due
