"""From a stored request to Twilio: each recipient once, and never again while the outcome is unknown."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from urllib.parse import quote

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
from twilio_binding.protocol import Refusal, Reply, Request

_log = structlog.get_logger(__name__)

_LOOK_UPS = (1.0, 4.0, 10.0)
"""Seconds before each look at Twilio for a send whose outcome is unknown."""
_PATIENCE = 60.0
"""Seconds for which a send without a deadline is tried again when Twilio certainly did not take it."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One recipient of a request, and what it takes to send to them."""

    request: Request
    part: Part
    action: actions.Send
    account: Account
    phone: Phone

    @property
    def callback(self) -> str | None:
        """Where Twilio tells what becomes of it; the request's id comes back with that."""
        url = self.phone.callback_url(self.account.base_url, "status")
        return url and f"{url}?request={quote(self.request.id, safe='')}"

    def filled(self) -> actions.Send:
        """The action with its placeholders filled in."""
        if not isinstance(self.action, actions.MakeCall):
            return self.action
        gather_url = self.phone.callback_url(self.account.base_url, "gather")
        return actions.MakeCall(to=self.action.to, twiml=twiml.fill(self.action.twiml, gather_url))


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
            outcome = part.outcome or self._one(_Job(request, part, action, account, phone))
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

    def _one(self, job: _Job) -> Sent | Reply | None:
        outcome: Sent | Reply | None = None
        if job.part.asked:
            outcome = self._look_up(job, job.part.asked)
            if outcome is None and self._stopping.is_set():
                return None
        if outcome is None:
            outcome = self._ask(job)
        if outcome is not None:
            self._outbox.settled(job.request.id, job.part.number, outcome)
        return outcome

    def _ask(self, job: _Job) -> Sent | Reply | None:
        """Ask Twilio until it takes or refuses the send, or the deadline comes; None when the process stops."""
        request_id = job.request.id
        give_up = job.request.deadline or time.time() + _PATIENCE
        if time.time() > give_up:
            return Reply.refused(request_id, Refusal("expired", "the deadline was over before Twilio could be asked"))
        pause = 0.5
        while not self._stopping.is_set():
            asked = time.time()
            self._outbox.asked(request_id, job.part.number, asked)
            try:
                return self._gateway.send(job.account, job.phone, job.filled(), job.part.to, callback=job.callback)
            except TwilioError as error:
                if not error.retryable or time.time() + pause > give_up:
                    return _failed(request_id, error)
                self._stopping.wait(pause)
                pause = min(pause * 2, 10.0)
            except OutcomeUnknownError:
                found = self._look_up(job, asked)
                return found or (None if self._stopping.is_set() else _not_found(request_id))
        return None

    def _look_up(self, job: _Job, asked: float) -> Sent | None:
        """What Twilio has of a send whose outcome is unknown; None when it has nothing, or the process stops."""
        _log.warning("send.unknown", request_id=job.request.id, thing=job.request.thing, part=job.part.number)
        for pause in _LOOK_UPS:
            if self._stopping.wait(pause):
                return None
            try:
                candidates = self._gateway.find(job.account, job.phone, job.action, job.part.to, since=asked)
            except (TwilioError, OutcomeUnknownError):
                continue
            for sent in candidates:
                if not self._outbox.is_claimed(sent.sid):
                    return sent
        return None


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
