"""Requests for sends: stores them, carries them out, and replies to all that requested them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import structlog

from twilio_binding.clock import left
from twilio_binding.errors import id_reused
from twilio_binding.model import actions
from twilio_binding.model.limits import Kind, kind_of
from twilio_binding.model.things import ThingsSource
from twilio_binding.outgoing.ports import Outbox, Stored
from twilio_binding.outgoing.sending import Sender
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.subscribers import Subscribers
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

Answer = Callable[[Reply], None]
"""Gets the reply to a request; raises nothing."""
_KINDS: tuple[Kind, ...] = ("alarm", "emergency", "call", "message")
_MOST_OPEN = 20_000
"""Maximum number of requests in progress."""
_RESERVE = 1000
"""Additional places for emergencies."""
_AGAIN = 5.0
"""Seconds of a round: a stored request that could not be carried out is retried in a later one."""
_ROUNDS = (1, 2, 4, 8, 12)
"""Number of rounds until the retry after the first, second ... failure; mostly, the disk was full for a moment."""
_TRIES = 10
"""Number of tries, within seven minutes; then the request ends, unless its alarm continues."""


@dataclass(slots=True)
class _Task:
    """A stored request and its action; None if an earlier process left it, which read the action.

    It failed in `tries` for an internal reason, and waits for `rounds`.
    """

    stored: Stored
    action: actions.Send | None = None
    tries: int = 0
    rounds: int = 0


class Dispatch:
    """Stores requests for sends without blocking; then `places` threads for each kind carry them out.

    Alarms and emergencies never wait behind others, nor calls behind messages. A send that waits for a look-up, for its
    twin or for Twilio's rate limit leaves its place to others.
    """

    begun: Subscribers[actions.Send]
    """Notified when a send begins; subscribers must not wait."""
    find: Callable[[str], Stored | None]
    """The stored request with this id; None if there is none."""

    def __init__(
        self, things: ThingsSource, outbox: Outbox, sender: Sender, *, places: int = 8, most: int = _MOST_OPEN
    ) -> None:
        self.begun = Subscribers()
        self._things = things
        self._outbox = outbox
        self.find = outbox.find
        self._sender = sender
        self._most = most
        self._workers = {kind: Workers(places) for kind in _KINDS}
        self._lock = threading.Lock()
        self._entering = 0
        self._waiting: dict[str, list[Answer]] = {}
        self._failed: list[_Task] = []
        self._stopping = threading.Event()
        self._again = threading.Thread(target=self._take_up, name="act-again", daemon=True)

    def start(self, answer: Callable[[Request, Reply], None]) -> None:
        """Start, and resume requests of an earlier run; `answer` gets their replies and raises nothing."""
        for workers in self._workers.values():
            workers.start()
        self._again.start()
        for stored in self._outbox.unfinished():
            with self._lock:
                self._waiting[stored.request.id] = [partial(answer, stored.request)]
            self._put(_Task(stored))

    def stop(self, until: float) -> None:
        """Let the workers finish their current requests to Twilio; the rest stays in the outbox."""
        self._stopping.set()
        self._sender.stop()
        for workers in self._workers.values():
            workers.stop(until)
        if self._again.ident is not None:
            self._again.join(left(until))

    def begin(self, request: Request, done: Answer, taken: Callable[[], None]) -> None:
        """Read a request for a send, store it soon and carry it out.

        `done` gets the reply; `taken` is called when the request need not arrive again. Raises `Refusal`, and calls
        neither, if there is nothing to send or too many requests are in progress. A late request is stored, too, and
        refused for good, even if it arrives again after the clock was set back.
        """
        self._things.current().phone(request.thing)
        action = actions.read_send(request.action, request.args)
        self.begun.notify(action)
        if not request.id:
            # The short form has no id; it gets a unique one.
            request = replace(request, id=uuid4().hex)
        with self._lock:
            most = self._most + (_RESERVE if action.emergency or action.alarm else 0)
            if self._entering + len(self._waiting) >= most:
                text = f"{most} requests are already in progress; try again when some of them are done"
                raise Refusal("busy", text, retryable=True)
            self._entering += 1
        try:
            future = self._outbox.enter(request, action.to, urgent=action.emergency or action.alarm)
        except BaseException:
            with self._lock:
                self._entering -= 1
            raise
        future.add_done_callback(partial(self._admitted, request, action, done, taken))

    def resume(self, request_id: str, done: Answer) -> bool:
        """Also call `done` with the reply to a stored request; False if no request with this id is stored."""
        stored = self._outbox.find(request_id)
        if stored is not None:
            self._go_on(stored.request, _Task(stored), done)
        return stored is not None

    def _admitted(
        self,
        request: Request,
        action: actions.Send,
        done: Answer,
        taken: Callable[[], None],
        future: Future[Stored],
    ) -> None:
        """Handle that a request was stored or not. Called by the store's writer, so nothing here may wait."""
        with self._lock:
            self._entering -= 1
        try:
            self._go_on(request, _Task(future.result(), action), done)
        except Refusal as refusal:
            done(Reply.refused(request.id, refusal))
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            done(failed(request.id))
        taken()

    def _go_on(self, request: Request, task: _Task, done: Answer) -> None:
        stored = task.stored
        if _content(stored.request) != _content(request):
            raise id_reused()
        if stored.reply is not None:
            done(stored.reply)
            return
        with self._lock:
            waiting = self._waiting.get(stored.request.id)
            if waiting is not None:
                waiting.append(done)
                return
            self._waiting[stored.request.id] = [done]
        self._put(task)

    def _put(self, task: _Task) -> None:
        self._workers[_kind(task.stored.request)].put(partial(self._send, task))

    def _send(self, task: _Task) -> None:
        request, is_over = task.stored.request, True
        try:
            stored = self._found(task)
            reply = stored.reply or self._sender.send(stored, task.action)
        except Exception as error:
            _log.exception("send.failed", request_id=request.id)
            task.tries += 1
            task.stored = replace(task.stored, new=False)  # checked again before it is sent
            is_last = task.tries >= _TRIES and not self._sender.must_go_on(request.id)
            ended = self._given_up(task, error) if is_last else None
            reply, is_over = ended or failed(request.id), ended is not None
        if reply is None:
            return  # stopped: it stays open in the outbox for the next process
        with self._lock:
            waiting = self._waiting.pop(request.id, [])
            if not is_over:
                # It is stored, so it is carried out; later requests with the same id wait for the outcome.
                self._waiting[request.id] = []
                task.rounds = _ROUNDS[min(task.tries, len(_ROUNDS)) - 1]
                self._failed.append(task)
        for done in waiting:
            done(reply)

    def _found(self, task: _Task) -> Stored:
        """The request as it is now. It may have ended since it was read; the end is on disk before it is published."""
        stored = task.stored
        return stored if stored.new else self._outbox.admit(stored.request, [part.to for part in stored.parts])

    def _given_up(self, task: _Task, error: Exception) -> Reply | None:
        """The reply to a request that fails again and again; None if it cannot be stored, so that it is retried."""
        try:
            stored = self._found(task)
            return stored.reply or self._sender.give_up(
                stored, f"{task.tries} attempts failed ({type(error).__name__})"
            )
        except Exception:
            _log.exception("send.not_given_up", request_id=task.stored.request.id)
            return None

    def _take_up(self) -> None:
        """Retry requests that could not be carried out, as the next start of the process would."""
        while not self._stopping.wait(_AGAIN):
            with self._lock:
                for task in self._failed:
                    task.rounds -= 1
                due = [task for task in self._failed if task.rounds <= 0]
                self._failed = [task for task in self._failed if task.rounds > 0]
            for task in due:
                self._put(task)


def failed(request_id: str) -> Reply:
    """The reply to a request that failed because of an internal error."""
    message = "the request could not be carried out; see the log of the service"
    return Reply.refused(request_id, Refusal("internal", message, retryable=True))


def _kind(request: Request) -> Kind:
    return kind_of(
        is_call=request.action in ("makeCall", "makeTTSCall", actions.CONTACT_CALL),
        emergency=request.args.get("emergency") is True,
        alarm=request.action in actions.ALARM_SENDS,
    )


def _content(request: Request) -> tuple[str, str, dict[str, object]]:
    return request.thing, request.action, request.args
