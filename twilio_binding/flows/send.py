"""From a stored request to Twilio: each recipient once, and never again while the outcome is unknown."""

from __future__ import annotations

import threading
import time

import structlog

from twilio_binding.flows.ports import (
    Gateway,
    Outbox,
    OutcomeUnknownError,
    Part,
    Sent,
    Stored,
    ThingsSource,
    TwilioError,
)

from twilio_binding.model import actions, twiml
from twilio_binding.model.things import Account, Phone
from twilio_binding.protocol import Refusal, Reply

_log = structlog.get_logger(__name__)

_LOOK_UPS = (1.0, 4.0, 10.0)
"""Seconds before each look at Twilio for a send whose outcome is unknown."""
_PATIENCE = 60.0
"""Seconds for which a send without a deadline is tried again when Twilio certainly did not take it."""


class Sender:
    """Carries out stored sends, one thread a request."""

    def __init__(self, *, things: ThingsSource, outbox: Outbox, gateway: Gateway) -> None:
        self._things = things
        self._outbox = outbox
        self._gateway = gateway
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Start nothing new and end all waits; what is unfinished stays in the outbox."""
        self._stopping.set()

    def send(self, stored: Stored) -> Reply | None:
        """Carry a request out for all its recipients; None when the process stops before that is done."""
        request = stored.request
        try:
            action = actions.read(request.action, request.args)
            phone, account = self._route(request.thing)
        except Refusal as refusal:
            return self._close(stored, Reply.refused(request.id, refusal))
        if not isinstance(action, actions.SendMessage | actions.MakeCall):
            return self._close(stored, Reply.refused(request.id, Refusal("unknown_action", "nothing to send")))
        outcomes: list[Sent | Reply] = []
        for part in stored.parts:
            outcome = part.outcome or self._one(stored, part, action, account, phone)
            if outcome is None:
                return None
            outcomes.append(outcome)
        return self._close(stored, _reply(request.id, request.args, stored.parts, outcomes))

    def _route(self, thing: str) -> tuple[Phone, Account]:
        things = self._things.current()
        phone = things.phones.get(thing)
        if phone is None:
            raise Refusal("unknown_thing", "the phone is no longer in the configuration")
        return phone, things.account_of(phone)

    def _close(self, stored: Stored, reply: Reply) -> Reply:
        self._outbox.closed(stored.request.id, reply)
        _log.info(
            "action.done",
            thing=stored.request.thing,
            action=stored.request.action,
            request_id=stored.request.id,
            ok=reply.ok,
            code=reply.code or None,
        )
        return reply

    def _one(
        self, stored: Stored, part: Part, action: actions.Send, account: Account, phone: Phone
    ) -> Sent | Reply | None:
        outcome: Sent | Reply | None = None
        if part.asked:
            outcome = self._look_up(stored, part, part.asked, action, account, phone)
            if outcome is None and self._stopping.is_set():
                return None
        if outcome is None:
            outcome = self._ask(stored, part, action, account, phone)
        if outcome is not None:
            self._outbox.settled(stored.request.id, part.number, outcome)
        return outcome

    def _ask(
        self, stored: Stored, part: Part, action: actions.Send, account: Account, phone: Phone
    ) -> Sent | Reply | None:
        request = stored.request
        callback = phone.callback_url(account.base_url, "status")
        filled = _filled(action, phone.callback_url(account.base_url, "gather"))
        give_up = request.deadline or time.time() + _PATIENCE
        if time.time() > give_up:
            return Reply.refused(request.id, Refusal("expired", "the deadline was over before Twilio could be asked"))
        pause = 0.5
        while not self._stopping.is_set():
            asked = time.time()
            self._outbox.asked(request.id, part.number, asked)
            try:
                return self._gateway.send(
                    account, phone, filled, part.to, callback=callback and f"{callback}?request={request.id}"
                )
            except TwilioError as error:
                if not error.retryable or time.time() + pause > give_up:
                    return _failed(request.id, error)
                self._stopping.wait(pause)
                pause = min(pause * 2, 10.0)
            except OutcomeUnknownError:
                found = self._look_up(stored, part, asked, action, account, phone)
                return found or (None if self._stopping.is_set() else _not_found(request.id))
        return None

    def _look_up(
        self, stored: Stored, part: Part, asked: float, action: actions.Send, account: Account, phone: Phone
    ) -> Sent | None:
        """What Twilio has of a send whose outcome is unknown; None when it has nothing, or the process stops."""
        _log.warning("send.unknown", request_id=stored.request.id, thing=stored.request.thing, part=part.number)
        for pause in _LOOK_UPS:
            if self._stopping.wait(pause):
                return None
            try:
                candidates = self._gateway.find(account, phone, action, part.to, since=asked)
            except (TwilioError, OutcomeUnknownError):
                continue
            for sent in candidates:
                if not self._outbox.is_claimed(sent.sid):
                    return sent
        return None


def _filled(action: actions.Send, gather_url: str | None) -> actions.Send:
    if isinstance(action, actions.MakeCall):
        return actions.MakeCall(to=action.to, twiml=twiml.fill(action.twiml, gather_url))
    return action


def _failed(request_id: str, error: TwilioError) -> Reply:
    return Reply.refused(request_id, Refusal(error.code, str(error), retryable=error.retryable))


def _not_found(request_id: str) -> Reply:
    text = "no answer of Twilio came, and it has no trace of the message or call; it was probably not sent"
    return Reply.refused(request_id, Refusal("unknown", text, retryable=True))


def _reply(request_id: str, args: dict[str, object], parts: tuple[Part, ...], outcomes: list[Sent | Reply]) -> Reply:
    if not isinstance(args.get("to"), list):
        only = outcomes[0]
        return Reply(id=request_id, ok=True, result=_result(only)) if isinstance(only, Sent) else only
    failed = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    results: list[object] = [
        {"to": part.to} | (_result(outcome) if isinstance(outcome, Sent) else _error(outcome))
        for part, outcome in zip(parts, outcomes, strict=True)
    ]
    if not failed:
        return Reply(id=request_id, ok=True, result={"results": results})
    code = "partly_failed" if len(failed) < len(outcomes) else failed[0].code
    message = f"{len(failed)} of {len(outcomes)} recipients: {failed[0].message}"
    return Reply(id=request_id, ok=False, result={"results": results}, code=code, message=message)


def _result(sent: Sent) -> dict[str, object]:
    result: dict[str, object] = {"sid": sent.sid, "status": sent.status}
    if sent.segments is not None:
        result["segments"] = sent.segments
    return result


def _error(reply: Reply) -> dict[str, object]:
    return {"error": {"code": reply.code, "message": reply.message, "retryable": reply.retryable}}
