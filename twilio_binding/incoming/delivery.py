"""The queue of deliveries to one dependency: takes events from the journal in order, and retries until they are delivered."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from functools import partial
from math import inf

import structlog

from twilio_binding.clock import Backoff, left
from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Deliver, Delivery, Journal, Lane, ThingsNotReadyError, Traffic
from twilio_binding.metrics import Metrics

_log = structlog.get_logger(__name__)

_PATIENCE = 1.5
"""Seconds for running batches when the process stops; otherwise they are delivered again later."""
_WAY = 0.05
"""Seconds between batches while messages arrive faster than they can be handled,"""
_FEW = 3
"""and how many events such a batch has: a call waits until openHAB has finished one."""
_COMPANY = 0.02
"""Seconds for which a message that closely follows another waits for more messages, to be delivered with them."""
_LOOK = 5.0
"""Seconds after which the journal is read without a reason: another process may have stored something."""
_UNNOTED = 4
"""Batches that may be delivered, but not noted yet: the next one does not wait for the disk."""
_RETRY = (0.1, 0.2, 0.5, 1.0, 2.0)
_HOLD = 1.0
"""Seconds until a thing that was not ready is tried again."""


class DeliveryLane:
    """Delivers events to one dependency on two threads, so that calls never wait behind messages.

    While `traffic` is crowded, messages are delivered slowly: storing new ones comes first. Messages give way to calls.
    """

    def __init__(
        self,
        lane: Lane,
        journal: Journal,
        deliver: Deliver,
        *,
        batch: int,
        metrics: Metrics,
        traffic: Traffic | None = None,
    ) -> None:
        parts = _Parts(lane=lane, journal=journal, deliver=deliver, batch=batch, metrics=metrics)
        self._workers = {
            True: _Worker(parts, urgent=True, traffic=None),
            False: _Worker(parts, urgent=False, traffic=traffic),
        }

    def start(self) -> None:
        """Start with the events that earlier processes left."""
        for worker in self._workers.values():
            worker.start()

    def stop(self, until: float = inf) -> None:
        """Stop after the running batches, if they end soon; the rest stays in the journal."""
        until = time.monotonic() + left(until, _PATIENCE)
        for worker in self._workers.values():
            worker.stop()
        for worker in self._workers.values():
            worker.join(until)

    def wake(self, urgencies: Iterable[bool]) -> None:
        """Notify that there are new events: urgent ones, others, or both."""
        for urgent in urgencies:
            self._workers[urgent].wake()

    def resume(self) -> None:
        """Continue, because the dependency is up again."""
        for worker in self._workers.values():
            worker.wake()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """What both threads of a lane share; `batch` is the number of events delivered at a time."""

    lane: Lane
    journal: Journal
    deliver: Deliver
    batch: int
    metrics: Metrics


class _Worker:
    """One thread that delivers the urgent or the other events of a lane, in batches and in order."""

    def __init__(self, parts: _Parts, *, urgent: bool, traffic: Traffic | None) -> None:
        self._lane: Lane = parts.lane
        self._journal = parts.journal
        self._deliver = parts.deliver
        self._batch = parts.batch
        self._metrics = parts.metrics
        self._urgent = urgent
        self._traffic = traffic
        self._backoff = Backoff(*_RETRY)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._held: dict[str, float] = {}
        self._delivered_at = float("-inf")
        self._unnoted: set[int] = set()
        self._not_noted: deque[tuple[Sequence[Delivery], Mapping[int, str], Future[None]]] = deque()
        self._last_note: Future[None] | None = None
        name = f"deliver-{parts.lane}-{'calls' if urgent else 'messages'}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._wake.set()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    def join(self, until: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(left(until))

    def wake(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(self._backoff.pause or (_HOLD if self._held else _LOOK))
            if not self._urgent and time.monotonic() - self._delivered_at < _COMPANY:
                self._stopping.wait(_COMPANY)
            self._wake.clear()
            try:
                while not self._stopping.is_set() and self._step(_FEW if self._is_crowded() else self._batch):
                    self._backoff.succeeded()
                    if self._is_crowded():
                        self._stopping.wait(_WAY)
                self._backoff.succeeded()
            except DependencyDownError:
                self._backoff.failed()
            except Exception:
                self._backoff.failed_unexpectedly()
                _log.exception("delivery.failed", lane=self._lane)
        self._settle()  # whoever begins anew must find it noted

    def _is_crowded(self) -> bool:
        return self._traffic is not None and self._traffic.is_crowded()

    def _step(self, most: int) -> bool:
        """Deliver up to `most` events; returns whether there may be more. New events wake the thread."""
        if self._not_noted:
            delivered, reasons, failed = self._not_noted.popleft()
            self._note(delivered, reasons)
            failed.result()  # raises why they could not be noted, so that the next try waits
        if self._traffic is not None:
            self._traffic.give_way()
        now = time.monotonic()
        self._held = {thing: until for thing, until in self._held.items() if until > now}
        deliveries = self._journal.pending(
            self._lane, urgent=self._urgent, limit=most, without=self._held.keys(), but=self._unnoted
        )
        if not deliveries:
            return False
        refused: Mapping[int, str] = {}
        waiting: set[int] = set()
        try:
            refused = self._deliver(deliveries) or {}
        except ThingsNotReadyError as error:
            waiting, refused = {delivery.id for delivery in error.waiting}, error.refused
            self._held |= {delivery.event.thing: now + _HOLD for delivery in error.waiting}
        self._note([delivery for delivery in deliveries if delivery.id not in waiting], refused)
        self._delivered_at = time.monotonic()
        return len(deliveries) == most

    def _note(self, deliveries: Sequence[Delivery], refused: Mapping[int, str]) -> None:
        """Have it noted soon. Until then these are known here, so that none is delivered again."""
        if not deliveries:
            return
        self._unnoted.update(delivery.id for delivery in deliveries)
        self._last_note = self._journal.delivered(self._lane, deliveries, set_aside=refused)
        self._last_note.add_done_callback(partial(self._noted, deliveries, refused))
        if len(self._unnoted) > _UNNOTED * self._batch:
            self._settle()

    def _settle(self) -> None:
        """Wait until what was delivered is noted, or could not be."""
        if self._last_note is not None:
            wait_for([self._last_note])

    def _noted(self, deliveries: Sequence[Delivery], refused: Mapping[int, str], note: Future[None]) -> None:
        """These are noted, or could not be. The store's writer calls this, so nothing here may wait."""
        if note.exception() is not None:
            self._not_noted.append((deliveries, refused, note))
            if not self._backoff.pause:
                self._wake.set()
            return
        self._unnoted.difference_update(delivery.id for delivery in deliveries)
        self._tell(refused)
        seconds = self._metrics.delivery_seconds.labels(self._lane)
        outcomes: Counter[str] = Counter()
        for delivery in deliveries:
            expired = delivery.stale and bool(delivery.event.channel)
            outcomes["set_aside" if delivery.id in refused else "expired" if expired else "delivered"] += 1
            seconds.observe(delivery.age)
            if expired:
                _log.warning("delivery.expired", lane=self._lane, thing=delivery.event.thing, age=round(delivery.age))
        for outcome, number in outcomes.items():
            self._metrics.deliveries.labels(self._lane, outcome).inc(number)

    def _tell(self, refused: Mapping[int, str]) -> None:
        """Log each reason once per batch, so that a long outage does not fill the log."""
        for reason, number in Counter(refused.values()).items():
            _log.error("delivery.set_aside", lane=self._lane, reason=reason, events=number)
