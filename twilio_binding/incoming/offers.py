"""Offers webhooks to those who may answer in place of rules: alarms, then people; and shows them to those who add to the event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import ParamSpec, TypeVar

import structlog

from twilio_binding.incoming.ports import CallTaker, MessageTaker, StatusTaker, Taken, Witness
from twilio_binding.model.events import Event, Webhook
from twilio_binding.model.things import Phone

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")
_P = ParamSpec("_P")


class Offers:
    """Asks one after the other; the first that takes the webhook has it. An error in one is logged, and affects no other."""

    def __init__(self) -> None:
        self.messages: list[Callable[[Webhook, Phone], Taken | None]] = []
        """Takers of messages."""
        self._calls: list[Callable[[Webhook, Phone, str | None], Taken | None]] = []
        self._statuses: list[Callable[[Webhook], bool]] = []
        self._witnesses: list[Witness] = []
        self.prepare: Callable[[Webhook, Phone], None] = lambda _webhook, _phone: None
        """Returns when the takers are loaded; the first contact only just begins to load them."""

    def add(self, taker: MessageTaker | CallTaker | StatusTaker) -> None:
        """Add a taker after all others."""
        if isinstance(taker, MessageTaker):
            self.messages.append(taker.message)
        if isinstance(taker, CallTaker):
            self._calls.append(taker.call)
        if isinstance(taker, StatusTaker):
            self._statuses.append(taker.status)

    def show(self, witness: Witness) -> None:
        """Add a witness."""
        self._witnesses.append(witness)

    def ready_for(self, webhook: Webhook, phone: Phone) -> None:
        """Wait for the use cases that may take the webhook, or add to its event."""
        try:
            self.prepare(webhook, phone)
        except Exception:
            _failed(webhook)

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """The taker of a message, and the answer."""
        return _first(webhook, self.messages, webhook, phone)

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """The taker of a call or its keys, and the answer."""
        return _first(webhook, self._calls, webhook, phone, gather_url)

    def status(self, webhook: Webhook) -> bool:
        """Pass a status callback to all; returns whether nobody else needs it."""
        return any(_all(webhook, self._statuses, webhook))

    def events(self, webhook: Webhook, taken: Taken | None = None) -> list[Event]:
        """Additional events of a webhook."""
        found = _all(webhook, [one.events for one in self._witnesses], webhook, taken.handled_by if taken else "")
        return list(chain.from_iterable(found))

    def stored(self, webhook: Webhook) -> None:
        """Notify that a new webhook is stored."""
        _all(webhook, [one.stored for one in self._witnesses], webhook)


def answer_of(taken: Taken, webhook: Webhook, otherwise: str) -> str:
    """The TwiML of the taker of a stored webhook; `otherwise` if the taker fails."""
    if taken.answer is None:
        return taken.twiml
    found = _first(webhook, [taken.answer])
    return otherwise if found is None else found


def _first(webhook: Webhook, asked: Iterable[Callable[_P, _T | None]], *args: _P.args, **named: _P.kwargs) -> _T | None:
    """The first answer that is not None; those that fail are skipped."""
    for ask in asked:
        try:
            if (answer := ask(*args, **named)) is not None:
                return answer
        except Exception:
            _failed(webhook)
    return None


def _all(webhook: Webhook, asked: Iterable[Callable[_P, _T]], *args: _P.args, **named: _P.kwargs) -> list[_T]:
    """All answers; those that fail are skipped."""
    answers = []
    for ask in asked:
        try:
            answers.append(ask(*args, **named))
        except Exception:
            _failed(webhook)
    return answers


def _failed(webhook: Webhook) -> None:
    _log.exception("offer.failed", thing=webhook.thing, endpoint=webhook.endpoint)
