"""Actions that rules ask for: answered calls at once, sends through the outbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from uuid import uuid4

import structlog

from twilio_binding.flows import upkeep as upkeep_requests
from twilio_binding.flows.held import HeldCalls
from twilio_binding.flows.media import MediaURLs
from twilio_binding.flows.ports import Listeners, Outbox, Stored, ThingsSource
from twilio_binding.flows.send import Sender
from twilio_binding.flows.workers import Workers
from twilio_binding.metrics import Metrics
from twilio_binding.model import actions, twiml
from twilio_binding.model.things import Phone
from twilio_binding.protocol import Refusal, Reply, Request

_log = structlog.get_logger(__name__)

Answer = Callable[[Reply], None]
_AGAIN = 5.0
"""Seconds until a stored request is tried again that could not be carried out, mostly for want of the disk."""
_VERDICTS = {
    "too_late": "the caller has been answered already; the rule took longer than responseTimeout",
    "unknown_call": "no request of this call waits for an answer, and none did lately",
}


class Actions:
    """Carries out requests. `submit` never blocks on Twilio; `workers` threads do.

    A send that waits for a look-up at Twilio, or for its twin, leaves its place to others.
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
        self._outbox = outbox
        self._sender = sender
        self._metrics = metrics
        self._media = media
        self._upkeep = upkeep
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Answer]] = {}
        self._failed: list[Stored] = []
        self._stopping = threading.Event()
        self._workers = Workers(workers)
        sender.aside = self._workers.aside
        media.aside = self._workers.aside
        self._again = threading.Thread(target=self._take_up, name="act-again", daemon=True)

    def start(self, answer: Callable[[Request, Reply], None]) -> None:
        """Start the workers, and take up what an earlier run left unfinished; `answer` is told how that ended."""
        self._workers.start()
        self._again.start()
        for stored in self._outbox.unfinished():
            self._waiting[stored.request.id] = [partial(_tell, partial(answer, stored.request), stored.request)]
            self._workers.put(partial(self._send, stored))

    def stop(self, *, patience: float = 5.0) -> None:
        """Let the workers finish what they ask Twilio now, for so many seconds; the rest stays in the outbox."""
        self._stopping.set()
        self._sender.stop()
        until = time.monotonic() + patience
        self._workers.stop(until)
        if self._again.ident is not None:
            self._again.join(max(0.0, until - time.monotonic()))

    def call(self, request: Request, *, timeout: float) -> Reply:
        """Carry out a request and wait for its reply; TimeoutError after `timeout` seconds."""
        future: Future[Reply] = Future()
        self.submit(request, future.set_result)
        return future.result(timeout)

    def submit(self, request: Request, answer: Answer) -> None:
        """Carry out a request; `answer` is called once, from any thread, with how it ended."""
        started = time.monotonic()

        def done(reply: Reply) -> None:
            known = request.action in (*actions.NAMES, *upkeep_requests.NAMES)
            name = request.action if known else "unknown"
            self._metrics.actions.labels(name, "ok" if reply.ok else reply.code).inc()
            self._metrics.action_seconds.labels(name).observe(time.monotonic() - started)
            _tell(answer, request, reply)

        try:
            self._submit(request, done)
        except Refusal as refusal:
            done(Reply.refused(request.id, refusal))
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            message = "the request could not be carried out; the log of the sidecar says why"
            done(Reply.refused(request.id, Refusal("internal", message, retryable=True)))

    def _submit(self, request: Request, done: Answer) -> None:
        if request.action in upkeep_requests.NAMES and self._upkeep is not None:
            _check_deadline(request)
            self._workers.put(partial(self._keep_up, self._upkeep, request, done))
            return
        phone = self._things.current().phones.get(request.thing)
        if phone is None:
            raise Refusal("unknown_thing", f"there is no phone {request.thing:.100} in the configuration")
        action = actions.read(request.action, request.args)
        if isinstance(action, actions.SendMessage | actions.MakeCall):
            # Also when it is late: stored, it is refused for good, and not sent when it comes again by another clock.
            # The short form has no id; it gets one that nobody can repeat.
            self._admit(request if request.id else replace(request, id=uuid4().hex), action, done)
            return
        _check_deadline(request)
        match action:
            case actions.Respond():
                done(self._respond(phone, request, action))
            case actions.ItemMedia() | actions.ProxyMedia():
                account = self._things.current().account_of(phone)
                self._workers.put(
                    partial(self._keep_up, lambda wanted: self._media.create(wanted, account, action), request, done)
                )

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

    def _admit(self, request: Request, action: actions.Send, done: Answer) -> None:
        stored = self._outbox.admit(request, action.to)
        if _content(stored.request) != _content(request):
            raise Refusal("id_reused", "another request had this id; make a new id for each request")
        if stored.reply is not None:
            done(stored.reply)
            return
        request_id = stored.request.id
        with self._lock:
            waiting = self._waiting.get(request_id)
            if waiting is not None:
                waiting.append(done)
                return
            self._waiting[request_id] = [done]
        self._workers.put(partial(self._send, stored))

    def _send(self, stored: Stored) -> None:
        request_id = stored.request.id
        try:
            if not stored.new:
                # It may have ended since it was looked at; who ended it wrote that down before letting go of it.
                stored = self._outbox.admit(stored.request, [part.to for part in stored.parts])
            reply = stored.reply or self._sender.send(stored)
        except Exception:
            _log.exception("send.failed", request_id=request_id)
            message = "the request could not be carried out; the log of the sidecar says why"
            reply = Reply.refused(request_id, Refusal("internal", message, retryable=True))
            with self._lock:
                # It is stored, so it is carried out: who asks for it meanwhile waits for that.
                waiting, self._waiting[request_id] = self._waiting.get(request_id, []), []
                self._failed.append(replace(stored, new=False))  # read again before it is sent again
        else:
            if reply is None:
                return  # stopped: it stays open in the outbox, and the next run takes it up
            with self._lock:
                waiting = self._waiting.pop(request_id, [])
        for done in waiting:
            done(reply)

    def _keep_up(self, carry_out: Callable[[Request], Reply], request: Request, done: Answer) -> None:
        try:
            reply = carry_out(request)
        except Refusal as refusal:
            reply = Reply.refused(request.id, refusal)
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            message = "the request could not be carried out; the log of the sidecar says why"
            reply = Reply.refused(request.id, Refusal("internal", message, retryable=True))
        done(reply)

    def _take_up(self) -> None:
        """Requests that could not be carried out are tried again, as the next start of the process would."""
        while not self._stopping.wait(_AGAIN):
            with self._lock:
                failed, self._failed = self._failed, []
            for stored in failed:
                self._workers.put(partial(self._send, stored))


def _check_deadline(request: Request) -> None:
    useful_until = actions.not_after(request.args) or request.deadline
    if useful_until and useful_until < time.time():
        raise Refusal("expired", "the deadline of the request was over when it arrived")


def _content(request: Request) -> tuple[str, str, dict[str, object]]:
    return request.thing, request.action, request.args


def _tell(answer: Answer, request: Request, reply: Reply) -> None:
    try:
        answer(reply)
    except Exception:
        # Whoever asked cannot be told; that must cost neither the others their answer nor us a thread.
        _log.exception("reply.failed", thing=request.thing, action=request.action)
