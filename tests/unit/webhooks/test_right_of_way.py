"""Calls go first: messages wait for them, but only for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
import gevent.event
import pytest

from twilio_binding.webhooks.server import RightOfWay

_PLACES = 20


class Messages:
    """Messages that come in, and go on once they may, until they are told to end."""

    def __init__(self, way: RightOfWay, number: int) -> None:
        self._way = way
        self._end = gevent.event.Event()
        self.under_way = 0
        self.all = [gevent.spawn(self._work) for _ in range(number)]
        gevent.sleep(0.001)

    def _work(self) -> None:
        with self._way:
            self.under_way += 1
            self._end.wait()

    def end(self) -> None:
        """End them, also those that waited until now."""
        self._end.set()
        gevent.joinall(self.all, timeout=30, raise_error=True)


@pytest.fixture
def way() -> RightOfWay:
    """A way with twenty places."""
    return RightOfWay(_PLACES)


@contextmanager
def messages(way: RightOfWay, number: int) -> Iterator[Messages]:
    """So many messages; all of them end."""
    made = Messages(way, number)
    yield made
    made.end()
    assert made.under_way == number
    assert not way.is_crowded()


def _longest(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("twilio_binding.webhooks.server.right_of_way._LONGEST", seconds)


def _soon(condition: Callable[[], bool]) -> None:
    with gevent.Timeout(30):
        while not condition():
            gevent.sleep(0.01)


def test_messages_alone(way: RightOfWay) -> None:
    """Without calls there are as many as there are places; the others wait for one."""
    with messages(way, 50) as coming:
        assert coming.under_way == _PLACES
        assert way.is_crowded()


def test_a_call_goes_first(way: RightOfWay, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a call is under way no message begins; when it is over they do."""
    _longest(monkeypatch, 60.0)
    with way.first():
        coming = Messages(way, 3)
        assert coming.under_way == 0
    _soon(lambda: coming.under_way == 3)
    coming.end()


def test_a_call_that_takes_long(way: RightOfWay, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that waits for a rule keeps messages waiting for a moment; then a few at a time go on beside it."""
    _longest(monkeypatch, 0.5)
    with way.first():
        coming = Messages(way, 50)
        assert coming.under_way == 0
        _soon(lambda: coming.under_way == 8)
        gevent.sleep(0.1)
        assert coming.under_way == 8
    coming.end()
    assert coming.under_way == 50


def test_calls_without_end(way: RightOfWay, monkeypatch: pytest.MonkeyPatch) -> None:
    """One call after the other does not stop messages: each waits for a moment of its own."""
    _longest(monkeypatch, 0.05)
    calling = True

    def call() -> None:
        while calling:
            with way.first():
                gevent.sleep(0.001)

    callers = [gevent.spawn(call) for _ in range(3)]
    coming = Messages(way, 5)
    _soon(lambda: coming.under_way == 5)
    calling = False
    gevent.joinall(callers, timeout=30, raise_error=True)
    coming.end()


def test_who_gives_way(way: RightOfWay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other work waits until the call is over, and not at all without one."""
    _longest(monkeypatch, 60.0)
    began = time.monotonic()
    way.give_way()
    with way.first():
        waiting = gevent.spawn(way.give_way)
        gevent.sleep(0.01)
        assert not waiting.ready()
    waiting.join(30)
    assert waiting.successful()
    assert time.monotonic() - began < 30
