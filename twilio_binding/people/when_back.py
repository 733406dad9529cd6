"""Notifies contacts when openHAB answers again, and carries out the commands that they wanted done then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.people.item_ports import CommandBook, ItemCommandEntry
from twilio_binding.people.item_use import ItemUse, ItemUser
from twilio_binding.protocol.errors import Refusal

_log = structlog.get_logger(__name__)

_TELL, _CARRY_OUT = 1, 2


class WhenBack:
    """Remembers durably who waits for openHAB. `user_of` finds them again, `send` writes to them."""

    def __init__(
        self,
        use: ItemUse,
        book: CommandBook,
        *,
        user_of: Callable[[ItemCommandEntry], ItemUser],
        send: Callable[[ItemUser, str, str], None],
    ) -> None:
        self._use = use
        self._book = book
        self._user_of = user_of
        self._send = send

    def note(self, user: ItemUser, item: ReachableItem | None, value: str) -> int:
        """Note that somebody waits; the number of their command."""
        entry = user.note(item.name if item else "", value, "down")
        _log.info("item.command", thing=entry.contact, way=user.way, item=entry.item, result="down")
        return self._book.enter(replace(entry, waits=_TELL)).number

    def carry_out_later(self, number: int) -> None:
        """Carry a command out when openHAB is back."""
        self._book.wait(number, _CARRY_OUT)

    def look(self) -> None:
        """Do what waits for openHAB; if openHAB is down again, the rest keeps waiting."""
        told: set[str] = set()
        for entry in self._book.waiting():
            try:
                user = self._user_of(entry)
            except Refusal:
                self._book.wait(entry.number, 0)
                continue
            self._book.wait(entry.number, 0)  # before it is carried out: rather not at all than twice
            answer = self._done(entry, user) if entry.waits == _CARRY_OUT else ""
            if answer is None:
                self._book.wait(entry.number, _CARRY_OUT)
                return
            if answer or entry.contact not in told:
                told.add(entry.contact)
                greeting = user.texts.phrase("Your home is responding again.")
                self._send(user, f"{greeting} {answer}".strip(), f"back-{entry.number}-{uuid4().hex[:8]}")

    def _done(self, entry: ItemCommandEntry, user: ItemUser) -> str | None:
        """What became of a command that is late; None while openHAB is down again."""
        try:
            item = self._use.reachable(user.contact, fresh=True).by_name.get(entry.item)
            if item is None or not item.can_command or not user.contact.may("command"):
                return user.texts.phrase("Nothing was done.")
            return self._use.command(user, item, entry.command)
        except DependencyDownError:
            return None
