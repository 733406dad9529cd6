"""Checks for every test: unannounced warnings, and leftovers."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import LogCapture

from tests.waiting import wait_until
from twilio_binding.sandbox import ports
from twilio_binding.sandbox.broker import BrokerProcess

_LOUD = ("warning", "error", "critical", "exception")


def pytest_configure() -> None:
    """Give parallel processes of the tests (`make test`) their own ranges of ports.

    In the background of a shell, Ctrl-C is ignored; the tested programs must not inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        share = (ports._LAST - ports._FIRST) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        ports._FIRST += share * int(worker.removeprefix("gw"))
        ports._LAST = ports._FIRST + share - 1


class Announced:
    """Log events that a test expects."""

    def __init__(self) -> None:
        self.events: set[str] = set()

    def __call__(self, *events: str) -> None:
        """Allow these events in this test."""
        self.events.update(events)


@pytest.fixture(autouse=True)
def announced() -> Iterator[Announced]:
    """Fails a test that logs a warning or error without announcing it."""
    allowed = Announced()
    capture = LogCapture()
    structlog.configure(processors=[structlog.processors.format_exc_info, capture], cache_logger_on_first_use=False)
    yield allowed
    loud = [entry for entry in capture.entries if entry["log_level"] in _LOUD]
    surprising = [entry for entry in loud if entry["event"] not in allowed.events]
    assert not surprising, f"unannounced in the log: {surprising}"


@pytest.fixture(autouse=True)
def _leaves_no_thread() -> Iterator[None]:
    """Fails a test after which there are more threads than before."""
    before = set(threading.enumerate())
    yield

    def left() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]

    try:
        wait_until(lambda: not left(), 15)
    except AssertionError:
        pytest.fail(f"left running: {left()}")


@pytest.fixture(scope="session")
def broker() -> Iterator[BrokerProcess]:
    """A real mosquitto for the whole session; a test that stops it must restart it."""
    with BrokerProcess(kind="mosquitto") as running:
        yield running
