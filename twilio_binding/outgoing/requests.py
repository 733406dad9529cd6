"""Routes requests to the use cases that carry them out, on separate threads for each kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from math import inf

import structlog

from twilio_binding.clock import left
from twilio_binding.metrics import Metrics
from twilio_binding.model import actions
from twilio_binding.outgoing.dispatch import Answer, Dispatch, failed
from twilio_binding.protocol.actions import NAMES
from twilio_binding.protocol.errors import Refusal, TwilioBindingError
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

_PATIENCE = 5.0
"""Seconds for requests in progress when the process stops."""


Begin = Callable[[Request, Answer, Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class RequestRoute:
    """The use case of an action: `carry_out` returns the reply or raises `Refusal`, on `workers` if there are any.

    With `begin`, the request is handled like a send: stored first, answered later. A `never_late` request is carried out
    even after its deadline, because the clocks of two machines may differ.
    """

    carry_out: Callable[[Request], Reply] | None = None
    workers: Workers | None = None
    begin: Begin | None = None
    never_late: bool = False


class RequestRouter:
    """Routes requests. `submit` never blocks: each kind of dependency has its own threads.

    So a picture that openHAB does not return delays neither sends nor pictures of cameras. `routes` has every action
    that is not a send.
    """

    def __init__(self, sends: Dispatch, routes: Mapping[str, RequestRoute], metrics: Metrics) -> None:
        self._sends = sends
        self._routes = routes
        self._metrics = metrics

    def start(self, answer: Callable[[Request, Reply], None]) -> None:
        """Start the workers, and continue unfinished requests; `answer` gets their replies."""
        for workers in self._pools():
            workers.start()
        self._sends.start(partial(_tell, answer))

    def stop(self, until: float = inf) -> None:
        """Let the workers finish for some seconds; remaining sends stay in the outbox."""
        until = time.monotonic() + left(until, _PATIENCE)
        self._sends.stop(until)
        for workers in self._pools():
            workers.stop(until)

    def call(self, request: Request, *, timeout: float) -> Reply:
        """Carry out a request and wait for its reply; raises TimeoutError after `timeout` seconds."""
        future: Future[Reply] = Future()
        self.submit(request, future.set_result)
        return future.result(timeout)

    def submit(self, request: Request, answer: Answer, taken: Callable[[], None] = lambda: None) -> None:
        """Carry out a request; `answer` is called once, on any thread, with the reply.

        `taken` is called when the request need not arrive again: when it is stored, if it has to be.
        """
        done = partial(self._done, request, answer, time.monotonic())
        route = self._routes.get(request.action)
        try:
            _check_origin(request)
            if route is None:
                self._sends.begin(request, done, taken)
                return
            if route.begin is not None:
                _check_deadline(route, request)
                route.begin(request, done, taken)
                return
            if route.workers is None:
                _carry_out(route, request, done)
            else:
                _check_deadline(route, request)
                route.workers.put(partial(_carry_out, route, request, done))
        except Refusal as refusal:
            done(Reply.refused(request.id, refusal))
        except Exception:
            _log.exception("action.failed", thing=request.thing, action=request.action)
            done(failed(request.id))
        taken()

    def _done(self, request: Request, answer: Answer, started: float, reply: Reply) -> None:
        known = request.action in self._routes or request.action in NAMES
        name = request.action if known else "unknown"
        self._metrics.actions.labels(name, "ok" if reply.ok else reply.code).inc()
        self._metrics.action_seconds.labels(name).observe(time.monotonic() - started)
        _tell(lambda _, reply: answer(reply), request, reply)

    def _pools(self) -> Iterable[Workers]:
        return dict.fromkeys(route.workers for route in self._routes.values() if route.workers is not None)


def _tell(answer: Callable[[Request, Reply], None], request: Request, reply: Reply) -> None:
    """Call one `answer`; an error in it is logged and affects nothing else."""
    try:
        answer(request, reply)
    except Exception:
        _log.exception("reply.failed", thing=request.thing, action=request.action)


def _carry_out(route: RequestRoute, request: Request, done: Answer) -> None:
    try:
        _check_deadline(route, request)  # it may have waited
        reply = route.carry_out(request) if route.carry_out else failed(request.id)
    except TwilioBindingError as error:
        reply = Reply.refused(request.id, error)
    except Exception:
        _log.exception("action.failed", thing=request.thing, action=request.action)
        reply = failed(request.id)
    done(reply)


def _check_origin(request: Request) -> None:
    if request.action in actions.INTERNAL:
        raise Refusal("unknown_action", "only alarms use this action; start an alarm instead")


def _check_deadline(route: RequestRoute, request: Request) -> None:
    if route.never_late:
        return
    useful_until = actions.not_after(request.args) or request.deadline
    if useful_until and useful_until < time.time():
        raise Refusal("expired", "the deadline of the request passed before it could be carried out")
