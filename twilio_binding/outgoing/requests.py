"""Actions that rules ask for: answered calls at once, sends through the outbox, the rest each in its own queue."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from uuid import uuid4

import structlog

from twilio_binding.accounts import requests as upkeep_requests
from twilio_binding.incoming.held_calls import HeldCalls
from twilio_binding.incoming.ports import Listeners
from twilio_binding.media.urls import MediaURLs
from twilio_binding.metrics import Metrics
from twilio_binding.model import actions, twiml
from twilio_binding.model.things import Phone, ThingsSource
from twilio_binding.outgoing.dispatch import Answer, Dispatch, failed, tell
from twilio_binding.outgoing.ports import Outbox
from twilio_binding.outgoing.sending import Sender
from twilio_binding.outgoing.workers import Workers
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_log = structlog.get_logger(__name__)

_MOST_WAITING = 200
"""Requests for pictures, and for upkeep, that may wait at a time."""
_VERDICTS = {
    "too_late": "the caller has been answered already; the rule took longer than responseTimeout",
    "unknown_call": "no request of this call waits for an answer, and none did lately",
}


class Actions:
    """Carries out requests. `submit` never blocks: each kind of outside world has threads of its own.

    So a picture that openHAB does not give keeps neither a send nor the picture of a camera from going on.
    """

    def __init__(
        self,
        *,
        things: ThingsSource,
        held: HeldCalls,
        listeners: Listeners,
        outbox: Outbox,
        sender: Sender,
        metrics: Metrics,
        media: MediaURLs,
        upkeep: Callable[[Request], Reply] | None = None,
        workers: int = 8,
    ) -> None:
        self._things = things
        self._held = held
        self._listeners = listeners
        self._metrics = metrics
        self._media = media
        self._upkeep = upkeep
        self._dispatch = Dispatch(things, outbox, sender, places=workers)
        self._item_pictures = Workers(8, most=_MOST_WAITING, what="requests for pictures of items")
        self._source_urls = Workers(4, most=_MOST_WAITING, what="requests for pictures of sources")
        self._keeping_up = Workers(2, most=_MOST_WAITING, what="requests about accounts and webhooks")

    def start(self, answer: Callable[[Request, Reply], None]) -> None:
        """Start the workers, and take up what an earlier run left unfinished; `answer` is told how that ended."""
        for workers in (self._item_pictures, self._source_urls, self._keeping_up):
            workers.start()
        self._dispatch.start(answer)

    def stop(self, *, patience: float = 5.0) -> None:
        """Let the workers finish what they ask now, for so many seconds; sends that are left stay in the outbox."""
        until = time.monotonic() + patience
        self._dispatch.stop(until)
        for workers in (self._item_pictures, self._source_urls, self._keeping_up):
            workers.stop(until)

    def call(self, request: Request, *, timeout: float) -> Reply:
        """Carry out a request and wait for its reply; TimeoutError after `timeout` seconds."""
        future: Future[Reply] = Future()
        self.submit(request, future.set_result)
        return future.result(timeout)

    def submit(self, request: Request, answer: Answer, taken: Callable[[], None] = lambda: None) -> None:
        """Carry out a request; `answer` is called once, from any thread, with how it ended.

        `taken` is called once the request need not come again: where it is to be stored, when it is.
        """
        started = time.monotonic()

        def done(reply: Reply) -> None:
            known = request.action in (*actions.NAMES, *upkeep_requests.NAMES)
            name = request.action if known else "unknown"
            self._metrics.actions.labels(name, "ok" if reply.ok else reply.code).inc()
            self._metrics.action_seconds.labels(name).observe(time.monotonic() - started)
            tell(answer, request, reply)

        try:
            is_stored_soon = self._submit(request, done, taken)
        except Refusal as refusal:
            done(Reply.refused(request.id, refusal))
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            done(failed(request.id))
        else:
            if is_stored_soon:
                return
        taken()

    def _submit(self, request: Request, done: Answer, taken: Callable[[], None]) -> bool:
        """Begin with a request; whether the outbox calls `taken`."""
        if request.action in upkeep_requests.NAMES and self._upkeep is not None:
            self._put(self._keeping_up, self._upkeep, request, done)
            return False
        phone = self._things.current().phones.get(request.thing)
        if phone is None:
            raise Refusal("unknown_thing", f"there is no phone {request.thing:.100} in the configuration")
        action = actions.read(request.action, request.args)
        if isinstance(action, actions.SendMessage | actions.MakeCall):
            # Also when it is late: stored, it is refused for good, and not sent when it comes again by another clock.
            # The short form has no id; it gets one that nobody can repeat.
            request = request if request.id else replace(request, id=uuid4().hex)
            self._dispatch.admit(request, action, done, taken)
            return True
        _check_deadline(request)
        if isinstance(action, actions.Respond):
            done(self._respond(phone, request, action))
        else:
            account = self._things.current().account_of(phone)
            workers = self._item_pictures if isinstance(action, actions.ItemMedia) else self._source_urls
            self._put(workers, lambda wanted: self._media.create(wanted, account, action), request, done)
        return False

    def _put(self, workers: Workers, carry_out: Callable[[Request], Reply], request: Request, done: Answer) -> None:
        _check_deadline(request)
        workers.put(partial(_carry_out, carry_out, request, done))

    def _respond(self, phone: Phone, request: Request, action: actions.Respond) -> Reply:
        try:
            # Filled in here, where the rule can still be told that it grows too large.
            gather_url = phone.callback_url(self._things.current().account_of(phone).entry_url, "gather")
            document = twiml.check_filled(twiml.check(action.twiml), gather_url)
        except twiml.TwimlError as error:
            self._metrics.responses.labels(error.code).inc()
            raise Refusal(error.code, str(error)) from None
        thing = str(phone.uid)
        verdict = self._held.answer(thing=thing, call_sid=action.call_sid, twiml=document, request_id=request.id)
        self._metrics.responses.labels(verdict).inc()
        if verdict != "answered":
            self._listeners.came_late(thing, action.call_sid)
            _log.warning("answer.lost", thing=thing, call_sid=action.call_sid, verdict=verdict)
            raise Refusal(verdict, _VERDICTS[verdict])
        return Reply(id=request.id, ok=True, result={"callSid": action.call_sid, "status": verdict})


def _carry_out(carry_out: Callable[[Request], Reply], request: Request, done: Answer) -> None:
    try:
        _check_deadline(request)  # it may have waited
        reply = carry_out(request)
    except Refusal as refusal:
        reply = Reply.refused(request.id, refusal)
    except Exception:
        _log.exception("action.failed", thing=request.thing, action=request.action)
        reply = failed(request.id)
    done(reply)


def _check_deadline(request: Request) -> None:
    useful_until = actions.not_after(request.args) or request.deadline
    if useful_until and useful_until < time.time():
        raise Refusal("expired", "the deadline of the request was over before it could be carried out")
