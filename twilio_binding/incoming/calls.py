"""Handles calls and pressed keys: holds the request until a rule answers, or answers with the default."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

import structlog

from twilio_binding.incoming.held_calls import HeldCall, HeldCalls
from twilio_binding.incoming.offers import Offers, answer_of
from twilio_binding.incoming.ports import Journal, Listeners, Recorded
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.metrics import Metrics
from twilio_binding.model import twiml
from twilio_binding.model.events import Event, Webhook, call_event, gather_event
from twilio_binding.model.things import DEFAULT_GATHER_RESPONSE, DEFAULT_GREETING, Phone
from twilio_binding.protocol.errors import TwilioBindingError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCalls:
    """Answers voice and gather requests. Whatever goes wrong, the caller gets the thing's default TwiML."""

    journal: Journal
    held: HeldCalls
    listeners: Listeners
    offers: Offers
    rates: IncomingRates
    metrics: Metrics
    now: Callable[[], datetime]

    def receive(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> tuple[str, bool]:
        """The TwiML for the caller, and whether the request is new."""
        self.offers.ready_for(webhook, phone)
        taken = self.offers.call(webhook, phone, gather_url)
        if taken is not None and taken.answer is None:
            self.metrics.answers.labels(taken.by).inc()
            return taken.twiml, True
        default = _default(webhook, phone, gather_url)
        try:
            event = self._event(webhook, phone, taken.by if taken else "")
            ticket = self.rates.take(webhook, event)
            if ticket.limited:
                return self._limited(event, default)
            otherwise = partial(answer_of, taken, webhook, default) if taken else lambda: default
            if taken is None or (taken.yields_to_rules and phone.wait_for_rule == "always"):
                answer, new = self._receive(webhook, event, phone, default, otherwise)
            else:
                answer, new = self._record(webhook, event, phone, default, otherwise)
            if not new:
                self.rates.give_back(ticket, event)
            return answer, new  # noqa: TRY300 - whatever fails, the caller gets the default
        except TwilioBindingError as error:
            # Mostly, the disk took too long. What waits for it is stored when it responds again.
            _log.error(
                "call.failed", thing=webhook.thing, call_sid=webhook.fields.get("CallSid", ""), reason=str(error)
            )
        except Exception:
            _log.exception("call.failed", thing=webhook.thing, call_sid=webhook.fields.get("CallSid", ""))
        self.metrics.answers.labels("failure").inc()
        return default, True

    def _limited(self, event: Event, default: str) -> tuple[str, bool]:
        recorded = self.journal.record(event, patience=event.lifetime, limited=True)
        self.metrics.answers.labels("limit").inc()
        return default if recorded.answer is None else recorded.answer, recorded.new

    def _record(
        self, webhook: Webhook, event: Event, phone: Phone, default: str, otherwise: Callable[[], str]
    ) -> tuple[str, bool]:
        """Store a request that does not wait for a rule; the answer is `otherwise` if it is new."""
        started = time.monotonic()
        recorded = self._store(webhook, event, phone)
        fresh = otherwise if recorded.new else lambda: default
        answer = fresh() if recorded.answer is None else recorded.answer
        self.metrics.answers.labels("default").inc()
        return self._answered(event, recorded, answer, by="default", started=started)

    def _store(self, webhook: Webhook, event: Event, phone: Phone) -> Recorded:
        also = self.offers.events(webhook)
        recorded = self.journal.record(event, also=also, patience=phone.response_timeout)
        if recorded.new:
            self.offers.stored(webhook)
        return recorded

    def _receive(
        self, webhook: Webhook, event: Event, phone: Phone, default: str, otherwise: Callable[[], str]
    ) -> tuple[str, bool]:
        held, first, started = None, True, time.monotonic()
        if self._is_worth_waiting(phone, event):
            held, first = self.held.hold(
                thing=webhook.thing,
                call_sid=webhook.fields.get("CallSid", ""),
                key=event.token_key or _content_key(webhook),
                lasting=bool(event.token_key),
                seconds=phone.response_timeout,
                is_heard=lambda: self._is_worth_waiting(phone, event),
            )
        if held is None:
            # A rule may answer before we have noted that the request does not wait.
            self.listeners.not_answered(event.thing, event.channel, webhook.fields.get("CallSid", ""))
            return self._record(webhook, event, phone, default, otherwise)
        if not first:
            return self._await(held, lambda: default), False
        try:
            recorded = self._store(webhook, event, phone)
            answered = recorded.answer
        except BaseException:
            self.held.release(held)
            raise
        if answered is not None or recorded.replayed:
            self.held.release(held, answered or default)
            return answered or default, False
        answer = self._await(held, otherwise)
        if held.winner == "rule":
            self.listeners.answered(event.thing, event.channel, held.call_sid)
        else:
            self._not_answered(event, held, recorded)
        return self._answered(event, recorded, answer, by=held.winner or "", started=started)

    def _answered(self, event: Event, recorded: Recorded, answer: str, *, by: str, started: float) -> tuple[str, bool]:
        try:
            if recorded.answer is None and not recorded.replayed:
                by, seconds = by if recorded.new else "", time.monotonic() - started
                self.journal.answered(recorded.id, answer, by=by, seconds=seconds)
        except Exception:
            # Only a second copy and people need it. The rule was told that its answer was accepted, so it is stored.
            _log.exception("call.answer_not_stored", thing=event.thing)
        return answer, recorded.new

    def _event(self, webhook: Webhook, phone: Phone, handled_by: str) -> Event:
        lifetime = float(phone.response_timeout)
        if webhook.endpoint == "voice":
            return call_event(webhook, self.now(), lifetime=lifetime, handled_by=handled_by)
        return gather_event(webhook, lifetime=lifetime, handled_by=handled_by)

    def _is_worth_waiting(self, phone: Phone, event: Event) -> bool:
        if phone.wait_for_rule == "auto":
            return self.listeners.is_anyone(event.thing, event.channel)
        return phone.wait_for_rule == "always"

    def _await(self, held: HeldCall, otherwise: Callable[[], str]) -> str:
        winner = self.held.wait(held)
        self.metrics.answers.labels(winner).inc()
        return held.twiml if winner == "rule" else otherwise()

    def _not_answered(self, event: Event, held: HeldCall, recorded: Recorded) -> None:
        given = (event.thing, event.channel, held.call_sid)
        self.listeners.not_answered(*given)
        if held.winner == "deadline":
            # The caller no longer waits for the database.
            self.journal.if_it_reached_all(recorded.id, lambda: self.listeners.waited_in_vain(*given))


def _default(webhook: Webhook, phone: Phone, gather_url: str | None) -> str:
    """What the caller hears without a rule; the built-in TwiML if that of the thing grows too large."""
    is_call = webhook.endpoint == "voice"
    try:
        return _filled(phone.voice_greeting if is_call else phone.gather_response, gather_url)
    except twiml.TwimlError as error:
        _log.warning("call.default_unusable", thing=webhook.thing, reason=str(error))
        return twiml.fill(DEFAULT_GREETING if is_call else DEFAULT_GATHER_RESPONSE, gather_url)


@lru_cache(maxsize=64)
def _filled(template: str, gather_url: str | None) -> str:
    """The TwiML of a thing with its placeholders filled in; cached, because it is the same for each call."""
    return twiml.check_filled(template, gather_url)


def _content_key(webhook: Webhook) -> str:
    # Without a token, equal requests of a call are the same request only while the first is unanswered.
    parts = [webhook.thing, webhook.endpoint]
    parts += [f"{name}={value}" for name, value in sorted({**webhook.query, **webhook.fields}.items())]
    return "\n".join(parts)
