"""STOP is respected: who opted out is remembered per pair of numbers, and not sent to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import structlog

from twilio_binding.masking import mask_number
from twilio_binding.model.opt_outs import OptOut, heard
from twilio_binding.outgoing.ports import OptOutBook
from twilio_binding.protocol.errors import Refusal

_log = structlog.get_logger(__name__)


class OptOuts:
    """Hears of STOP and START, and refuses messages between. `clock` is in seconds since 1970."""

    def __init__(self, book: OptOutBook, *, clock: Callable[[], float] = time.time) -> None:
        self._book = book
        self._clock = clock

    def check(self, sender: str, recipient: str) -> None:
        """Raise `Refusal` when `recipient` does not want messages of `sender`."""
        found = self._book.of(sender, recipient)
        if found is not None and found.holds(self._clock()):
            text = f"{mask_number(recipient)} has opted out of messages from this number; START to it ends that"
            raise Refusal("opted_out", text)

    def refused_by_twilio(self, sender: str, recipient: str) -> None:
        """Twilio says that the recipient opted out."""
        self._book.put(sender, recipient, OptOut(self._clock(), by_stop=False))

    def hear(self, fields: Mapping[str, str]) -> None:
        """Take note of what an incoming message says about opting out; most say nothing."""
        said = heard(fields)
        ours, theirs = fields.get("To", ""), fields.get("From", "")
        if said is None or not ours or not theirs:
            return
        _log.info("opt_out.heard", recipient=mask_number(theirs), said=said)
        self._book.put(ours, theirs, OptOut(self._clock(), by_stop=True) if said == "out" else None)
