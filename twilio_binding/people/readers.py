"""Caches readers of sentences: creating one for many items takes as long as reading a hundred texts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from twilio_binding.model.alarm_replies import begins_like_one
from twilio_binding.model.sentences.items import ReachableItem, ReachableItems
from twilio_binding.model.sentences.nameless import command_without_name
from twilio_binding.model.sentences.reading import Doubt, NotUnderstood, Reader, Reading
from twilio_binding.model.sentences.tokens import tokens
from twilio_binding.model.sentences.vocabulary import UNITS, vocabulary
from twilio_binding.people.item_ports import ItemsOfOpenHAB
from twilio_binding.people.item_use import ItemUser

_KEPT = 8


class Readers:
    """The readers for contacts with some rights in some language, until the items change."""

    def __init__(self, items: ItemsOfOpenHAB) -> None:
        self._items = items
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[frozenset[str], str], tuple[ReachableItems, Reader]] = OrderedDict()

    def read(self, user: ItemUser, text: str, now: datetime) -> Reading:
        """The meaning of a contact's text; if it is not understood, it is read again with the newest items."""
        reading: Reading = NotUnderstood()
        for fresh in (False, True):
            reading = self.of(user, fresh=fresh).read(text, now)
            if not isinstance(reading, NotUnderstood | Doubt):
                break
        return reading

    def without_name(self, user: ItemUser, text: str, item: ReachableItem | None, now: datetime) -> Reading:
        """The meaning of a text that is not understood, for the item that its contact has just commanded, or has before them.

        A text that begins like a reply to an alarm means nothing: the alarm may have ended.
        """
        words = vocabulary(user.language)
        is_amount = bool(words.meanings(tokens(text)[1:2]) & UNITS.keys())  # "2 degrees warmer"
        if begins_like_one(text, user.language) and not is_amount:
            return NotUnderstood()
        return (command_without_name(text, item, words, now) if item else None) or NotUnderstood()

    def of(self, user: ItemUser, *, fresh: bool = False) -> Reader:
        """The reader for a contact; `fresh` as for the items. Raises what reading them raises."""
        items = self._items.reachable(fresh=fresh)
        key = (frozenset[str](user.contact.rights), user.language)
        with self._lock:
            known = self._kept.get(key)
            if known is None or known[0] is not items:
                known = (items, Reader(items.of(key[0]), vocabulary(user.language)))
                self._kept[key] = known
            self._kept.move_to_end(key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return known[1]
