"""Offers what comes in to who may answer it in place of rules, alarms, then people; and shows it to who makes more of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import structlog

from twilio_binding.incoming.ports import Taken, Taker, Witness
from twilio_binding.model.events import Event, Webhook
from twilio_binding.model.things import Phone

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Offers:
    """Asks one after the other; the first who takes it has it. An error of one of them is logged, and holds nothing up."""

    def __init__(self, offers: Sequence[Taker] = ()) -> None:
        self._offers = list(offers)
        self._witnesses: list[Witness] = []

    def add(self, offer: Taker) -> None:
        """Offer it to one more, after all others."""
        self._offers.append(offer)

    def show(self, witness: Witness) -> None:
        """Show it to one more."""
        self._witnesses.append(witness)

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Who takes a message, and the answer."""
        return self._first(webhook, lambda offer: offer.message(webhook, phone))

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """Who takes a call or its keys, and the answer."""
        return self._first(webhook, lambda offer: offer.call(webhook, phone, gather_url))

    def status(self, webhook: Webhook) -> bool:
        """Tell all of them of a status callback; whether it is nobody else's business."""
        found = [_asked(webhook, partial(offer.status, webhook)) for offer in self._offers]
        return any(found)

    def events(self, webhook: Webhook, taken: Taken | None = None) -> list[Event]:
        """What else a webhook means."""
        by = taken.by if taken else ""
        found = (_asked(webhook, partial(one.events, webhook, by)) for one in self._witnesses)
        return [event for events in found for event in events or ()]

    def stored(self, webhook: Webhook) -> None:
        """A webhook is stored that was new."""
        for witness in self._witnesses:
            _asked(webhook, partial(witness.stored, webhook))

    def _first(self, webhook: Webhook, ask: Callable[[Taker], Taken | None]) -> Taken | None:
        for offer in self._offers:
            taken = _asked(webhook, partial(ask, offer))
            if taken is not None:
                return taken
        return None


def answer_of(taken: Taken, webhook: Webhook, otherwise: str) -> str:
    """The TwiML of who took a webhook, now that it is stored; `otherwise` where they fail."""
    if taken.answer is None:
        return taken.twiml
    found = _asked(webhook, taken.answer)
    return otherwise if found is None else found


def _asked(webhook: Webhook, ask: Callable[[], _T]) -> _T | None:
    try:
        return ask()
    except Exception:
        _log.exception("offer.failed", thing=webhook.thing, endpoint=webhook.endpoint)
        return None
