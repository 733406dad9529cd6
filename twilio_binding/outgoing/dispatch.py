"""Requests for sends: stored, carried out, and answered to everybody who asked for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from uuid import uuid4

import structlog

from twilio_binding.model import actions
from twilio_binding.model.limits import Kind, kind_of
from twilio_binding.model.things import ThingsSource
from twilio_binding.outgoing.ports import Outbox, Stored
from twilio_binding.outgoing.sending import Sender
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

Answer = Callable[[Reply], None]
_KINDS: tuple[Kind, ...] = ("emergency", "call", "message")
_MOST_OPEN = 20_000
"""Requests that may be under way at a time."""
_RESERVE = 1000
"""So many more emergencies."""
_AGAIN = 5.0
"""Seconds until a stored request is tried again that could not be carried out, mostly for want of the disk."""


class Dispatch:
    """Stores requests for sends without blocking, then `places` threads for each kind carry them out.

    Emergencies never wait behind others, nor calls behind messages. A send that waits for a look-up at Twilio, for its
    twin or for Twilio to take more, leaves its place to others.
    """

    def __init__(
        self, things: ThingsSource, outbox: Outbox, sender: Sender, *, places: int = 8, most: int = _MOST_OPEN
    ) -> None:
        self._things = things
        self._outbox = outbox
        self._sender = sender
        self._most = most
        self._workers = {kind: Workers(places) for kind in _KINDS}
        self._lock = threading.Lock()
        self._entering = 0
        self._waiting: dict[str, list[Answer]] = {}
        self._failed: list[Stored] = []
        self._stopping = threading.Event()
        self._again = threading.Thread(target=self._take_up, name="act-again", daemon=True)

    def start(self, answer: Callable[[Request, Reply], None]) -> None:
        """Start, and take up what an earlier run left unfinished; `answer` is told how that ended."""
        for workers in self._workers.values():
            workers.start()
        self._again.start()
        for stored in self._outbox.unfinished():
            with self._lock:
                self._waiting[stored.request.id] = [partial(answer, stored.request)]
            self._put(stored)

    def stop(self, until: float) -> None:
        """Let the workers finish what they ask Twilio now; the rest stays in the outbox."""
        self._stopping.set()
        self._sender.stop()
        for workers in self._workers.values():
            workers.stop(until)
        if self._again.ident is not None:
            self._again.join(max(0.0, until - time.monotonic()))

    def begin(self, request: Request, done: Answer, taken: Callable[[], None]) -> None:
        """Read a request for a send and store it, soon; `done` and `taken` as for `admit`.

        Raises `Refusal`, and calls neither of them, when the request asks for nothing that can be sent. A request that
        is late is stored as well: it is refused for good then, also when it comes again and the clock was set back.
        """
        self._things.current().phone(request.thing)
        action = actions.read(request.action, request.args)
        if not isinstance(action, actions.SendMessage | actions.MakeCall):
            raise Refusal("unknown_action", f"{request.action} sends nothing")
        # The short form has no id; it gets one that nobody can repeat.
        self.admit(request if request.id else replace(request, id=uuid4().hex), action, done, taken)

    def admit(self, request: Request, action: actions.Send, done: Answer, taken: Callable[[], None]) -> None:
        """Store a request, soon, and carry it out; `done` is told how it ended, `taken` once it need not come again.

        Raises `Refusal` when too many are under way.
        """
        most = self._most + (_RESERVE if action.emergency else 0)
        with self._lock:
            if self._entering + len(self._waiting) >= most:
                text = f"{most} requests are under way already; ask again when some of them are done"
                raise Refusal("busy", text, retryable=True)
            self._entering += 1
        try:
            future = self._outbox.enter(request, action.to, urgent=action.emergency)
        except BaseException:
            self._entered()
            raise
        future.add_done_callback(partial(self._admitted, request, done, taken))

    def _entered(self) -> None:
        with self._lock:
            self._entering -= 1

    def _admitted(self, request: Request, done: Answer, taken: Callable[[], None], future: Future[Stored]) -> None:
        """The request is stored or not; called by the store's writer, so nothing here waits."""
        self._entered()
        try:
            self._go_on(request, future.result(), done)
        except Refusal as refusal:
            done(Reply.refused(request.id, refusal))
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            done(failed(request.id))
        taken()

    def _go_on(self, request: Request, stored: Stored, done: Answer) -> None:
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
        self._put(stored)

    def _put(self, stored: Stored) -> None:
        self._workers[_kind(stored.request)].put(partial(self._send, stored))

    def _send(self, stored: Stored) -> None:
        request_id = stored.request.id
        try:
            if not stored.new:
                # It may have ended since it was looked at; who ended it wrote that down before letting go of it.
                stored = self._outbox.admit(stored.request, [part.to for part in stored.parts])
            reply = stored.reply or self._sender.send(stored)
        except Exception:
            _log.exception("send.failed", request_id=request_id)
            reply = failed(request_id)
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
            tell(done, stored.request, reply)

    def _take_up(self) -> None:
        """Requests that could not be carried out are tried again, as the next start of the process would."""
        while not self._stopping.wait(_AGAIN):
            with self._lock:
                failed, self._failed = self._failed, []
            for stored in failed:
                self._put(stored)


def tell(answer: Answer, request: Request, reply: Reply) -> None:
    """Tell who asked. Where that fails, it costs neither the others their answer nor us a thread."""
    try:
        answer(reply)
    except Exception:
        _log.exception("reply.failed", thing=request.thing, action=request.action)


def failed(request_id: str) -> Reply:
    """The reply where something of ours went wrong."""
    message = "the request could not be carried out; the log of the service says why"
    return Reply.refused(request_id, Refusal("internal", message, retryable=True))


def _kind(request: Request) -> Kind:
    return kind_of(
        is_call=request.action in ("makeCall", "makeTTSCall"), emergency=request.args.get("emergency") is True
    )


def _content(request: Request) -> tuple[str, str, dict[str, object]]:
    return request.thing, request.action, request.args
