"""Offers what comes in to who may answer it in place of rules: alarms, then people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from twilio_binding.incoming.ports import Offer, Taken
from twilio_binding.model.events import Webhook
from twilio_binding.model.things import Phone

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")


class Offers:
    """Asks one after the other; the first who takes it has it. An error of one of them is logged, and holds nothing up."""

    def __init__(self, offers: Sequence[Offer] = ()) -> None:
        self._offers = list(offers)

    def add(self, offer: Offer) -> None:
        """Offer it to one more, after all others."""
        self._offers.append(offer)

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Who takes a message, and the answer."""
        return self._first(webhook, lambda offer: offer.message(webhook, phone))

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """Who takes a call or its keys, and the answer."""
        return self._first(webhook, lambda offer: offer.call(webhook, phone, gather_url))

    def status(self, webhook: Webhook) -> bool:
        """Tell all of them of a status callback; whether it is nobody else's business."""
        found = [self._asked(webhook, lambda offer: offer.status(webhook) or None, offer) for offer in self._offers]
        return any(found)

    def _first(self, webhook: Webhook, ask: Callable[[Offer], Taken | None]) -> Taken | None:
        for offer in self._offers:
            taken = self._asked(webhook, ask, offer)
            if taken is not None:
                return taken
        return None

    def _asked(self, webhook: Webhook, ask: Callable[[Offer], _T | None], offer: Offer) -> _T | None:
        try:
            return ask(offer)
        except Exception:
            _log.exception("offer.failed", thing=webhook.thing, endpoint=webhook.endpoint)
            return None
