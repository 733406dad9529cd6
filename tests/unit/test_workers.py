"""Who waits for a look-up at Twilio, or for a twin, does not keep others from sending."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from tests.conftest import Announced
from tests.unit.outgoing.office import PHONE, TO, Office, sms
from tests.waiting import limit, wait_until
from twilio_binding.errors import OutcomeUnknownError
from twilio_binding.outgoing.ports import Booking
from twilio_binding.workers import Workers

LONG = 60.0


def test_job_that_raises(announced: Announced) -> None:
    """An error in a job is logged, and the next job is done all the same."""
    announced("worker.job_failed")
    workers, done = Workers(1), threading.Event()
    workers.start()
    workers.put(threading.Lock().release)
    workers.put(done.set)
    assert done.wait(30)
    workers.stop(time.monotonic() + 5)


def test_new_alarm_after_a_crash(tmp_path: Path, announced: Announced) -> None:
    """More sends of unknown outcome than there are workers: a new one goes out at once, and none of them again."""
    announced("send.unknown")
    with Office(tmp_path) as office:
        for number in range(12):
            request = sms(f"earlier{number}", message=f"alarm {number}")
            office.outbox.admit(request, [TO])
            booking = Booking(request=request.id, part=0, account="a", phone=PHONE, recipient=TO, kind="message")
            office.outbox.ask(booking, (), now=time.time(), asked=office.gateway.now())
    with Office(tmp_path, look_ups=(LONG,), workers=4) as office:
        began = time.monotonic()
        assert office.ask(sms("new")).ok
        assert time.monotonic() - began < limit(LONG / 10)
        assert len(office.gateway.asked) == 1


def test_twins_of_an_unknown_one(tmp_path: Path, announced: Announced) -> None:
    """Twins wait until it is known what became of the first; others do not wait for them."""
    announced("send.unknown")
    with Office(tmp_path, look_ups=(LONG,), workers=2) as office:
        office.gateway.sends.append(OutcomeUnknownError("no answer"))
        office.submit(sms("first"))
        wait_until(lambda: len(office.gateway.asked) == 1, 5, "the first")
        for number in range(5):
            office.submit(sms(f"twin{number}"))
        assert office.ask(sms("other", message="Something else")).ok
        assert len(office.gateway.asked) == 2


def test_no_more_aside_than_allowed() -> None:
    """Beyond the bound a job keeps its place, so the number of threads is bounded, too."""
    workers = Workers(1, most_aside=2)
    free, inside = threading.Event(), threading.Semaphore(0)

    def wait() -> None:
        with workers.aside():
            inside.release()
            free.wait(60)

    workers.start()
    for _ in range(5):
        workers.put(wait)
    for _ in range(3):
        assert inside.acquire(timeout=30)
    assert not inside.acquire(timeout=0.2)
    free.set()
    assert inside.acquire(timeout=30)
    assert inside.acquire(timeout=30)
    workers.stop(time.monotonic() + 5)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("act-")]


def test_places_come_back() -> None:
    """When the waits are over there are as many workers as before."""
    workers = Workers(2)
    done = threading.Semaphore(0)

    def wait() -> None:
        with workers.aside(), workers.aside():
            done.release()

    workers.start()
    for _ in range(50):
        workers.put(wait)
    for _ in range(50):
        assert done.acquire(timeout=30)

    def working() -> int:
        return len([thread for thread in threading.enumerate() if thread.name.startswith("act-")])

    wait_until(lambda: working() == 2, 5, "two workers")
    workers.stop(time.monotonic() + 5)
    assert working() == 0
