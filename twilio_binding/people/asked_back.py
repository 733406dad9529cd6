"""What contacts were asked back, and may answer within some minutes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from twilio_binding.model.contacts import Contact
from twilio_binding.model.sentences.reading import ItemCommand, ItemQuestion

_ANSWERABLE = 300.0
"""Seconds for which an answer counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which of some choices, a PIN, a confirmation, or whether to do it late: `wait` is the number of that command."""

    choices: tuple[ItemCommand | ItemQuestion, ...] = ()
    pin_for: ItemCommand | None = None
    confirm: ItemCommand | None = None
    wait: int = 0
    until: float = 0.0


class AskedBack:
    """The last question to each contact, in this run of the process: what is lost is asked again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, Asked] = {}

    def ask(self, contact: Contact, asked: Asked) -> None:
        """Somebody is asked; what they were asked before is forgotten."""
        with self._lock:
            self._asked[str(contact.uid)] = replace(asked, until=self._clock() + _ANSWERABLE)

    def pending(self, contact: Contact) -> Asked | None:
        """What somebody may answer now."""
        with self._lock:
            asked = self._asked.get(str(contact.uid))
        return asked if asked and asked.until > self._clock() else None

    def take(self, contact: Contact) -> Asked | None:
        """The same, once: an answer counts for one question."""
        asked = self.pending(contact)
        with self._lock:
            self._asked.pop(str(contact.uid), None)
        return asked
