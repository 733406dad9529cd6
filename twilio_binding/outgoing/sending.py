"""From a stored request to Twilio: each recipient once, and never again while the outcome is unknown."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model import actions, segments
from twilio_binding.model.things import Account, Phone, ThingsSource
from twilio_binding.outgoing.look_ups import PAUSES, LookUp, StoppingError
from twilio_binding.outgoing.permission import Permission
from twilio_binding.outgoing.ports import Gateway, Outbox, Part, Sent, Stored
from twilio_binding.outgoing.send_part import Job
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import aside

_log = structlog.get_logger(__name__)

PAUSE = 0.5
"""Seconds before a send that Twilio certainly did not take is tried again; each time twice as long."""
_NO_TRACE = "no answer of Twilio came, and it has no trace of the message or call; it was probably not sent"


class _Twins:
    """A lock for each kind of send that is under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[tuple[str, str, str], tuple[threading.Lock, int]] = {}

    @contextmanager
    def of(self, twin: tuple[str, str, str]) -> Iterator[None]:
        """Wait, aside, until no other send of this kind is under way."""
        with self._lock:
            lock, users = self._locks.get(twin, (threading.Lock(), 0))
            self._locks[twin] = (lock, users + 1)
        try:
            if not lock.acquire(blocking=False):
                with aside():
                    lock.acquire()
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._lock:
                lock, users = self._locks.pop(twin)
                if users > 1:
                    self._locks[twin] = (lock, users - 1)


class Sender:
    """Carries out stored sends, one thread a request. `look_ups` and `pause` are in seconds.

    While a worker waits for long it is in `aside()`, so that others can work meanwhile.
    """

    def __init__(
        self,
        *,
        things: ThingsSource,
        outbox: Outbox,
        gateway: Gateway,
        permission: Permission,
        look_ups: Sequence[float] = PAUSES,
        pause: float = PAUSE,
    ) -> None:
        self._things = things
        self._outbox = outbox
        self._gateway = gateway
        self._permission = permission
        self._pause = pause
        self._twins = _Twins()
        self._stopping = threading.Event()
        self._look = LookUp(outbox, gateway, stopping=self._stopping, pauses=look_ups)

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
        started = time.time()
        try:
            outcomes = [
                part.outcome or self._one(Job(request, part, action, account, phone, started)) for part in stored.parts
            ]
        except StoppingError:
            return None
        return self._close(stored, _reply(request, action, stored.parts, outcomes))

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

    def _one(self, job: Job) -> Sent | Reply:
        # One at a time of those that look alike at Twilio: else a look-up might find a twin that is under way.
        with self._twins.of(job.twin):
            outcome = (job.part.asked and self._look_up(job, job.part.asked, job.part.looks)) or self._permitted(job)
            if isinstance(outcome, Sent):
                self._permission.taken(job.booking)
            self._outbox.settled(job.request.id, job.part.number, outcome)
        return outcome

    def _permitted(self, job: Job) -> Sent | Reply:
        """Ask Twilio, if it is not too late and the send may be made."""
        try:
            if time.time() > job.give_up:
                raise Refusal("expired", "the deadline was over before Twilio could be asked")  # noqa: TRY301
            filled = job.filled()
            self._permission.ask(job.sender, job.booking, is_call=job.is_call)
        except Refusal as refusal:
            return Reply.refused(job.request.id, refusal)
        return self._ask(job, filled)

    def _ask(self, job: Job, filled: actions.Send) -> Sent | Reply:
        """Ask Twilio until it takes or refuses the send, or the deadline comes."""
        request_id = job.request.id
        pause = self._pause
        while not self._stopping.is_set():
            asked = self._gateway.now()
            self._outbox.asked(request_id, job.part.number, asked)
            try:
                return self._gateway.send(job.account, job.phone, filled, job.part.to, callback=job.callback)
            except TwilioError as error:
                if not error.retryable or time.time() + pause > job.give_up:
                    self._permission.refused(job.sender, job.booking, error)
                    return _refused(request_id, error.code, str(error), retryable=error.retryable)
                with aside():  # another account may be served better
                    self._stopping.wait(pause)
                pause = min(pause * 2, 10.0)
            except OutcomeUnknownError:
                return self._look_up(job, asked) or _refused(request_id, "unknown", _NO_TRACE, retryable=True)
        raise StoppingError

    def _look_up(self, job: Job, asked: float, looks: int = 0) -> Sent | Reply | None:
        """What Twilio has of a send whose outcome is unknown; None when it has nothing, a reply when it cannot tell."""
        with aside():
            return self._look.find(job, asked=asked, looks=looks)


def _refused(request_id: str, code: str, text: str, *, retryable: bool) -> Reply:
    return Reply.refused(request_id, Refusal(code, text, retryable=retryable))


def _reply(request: Request, action: actions.Send, parts: tuple[Part, ...], outcomes: list[Sent | Reply]) -> Reply:
    request_id = request.id
    if not isinstance(request.args.get("to"), list):
        only = outcomes[0]
        return Reply(id=request_id, ok=True, result=_result(only, action)) if isinstance(only, Sent) else only
    failed = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    results: list[object] = [
        {"to": part.to} | (_result(outcome, action) if isinstance(outcome, Sent) else {"error": outcome.error})
        for part, outcome in zip(parts, outcomes, strict=True)
    ]
    if not failed:
        return Reply(id=request_id, ok=True, result={"results": results})
    code = "partly_failed" if len(failed) < len(outcomes) else failed[0].code
    message = f"{len(failed)} of {len(outcomes)} recipients: {failed[0].message}"
    return Reply(id=request_id, ok=False, result={"results": results}, code=code, message=message)


def _result(sent: Sent, action: actions.Send) -> dict[str, object]:
    result: dict[str, object] = {"sid": sent.sid, "status": sent.status}
    if isinstance(action, actions.SendMessage) and not action.whatsapp and not action.media:
        length = segments.measure(action.body)
        result |= {"segments": length.segments, "encoding": length.encoding, "units": length.units}
    if sent.segments:
        result["segments"] = sent.segments
    return result
