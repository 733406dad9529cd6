"""Delivery lanes: in order, nothing lost while the receiver is down, and calls never behind messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.incoming.ports import Delivery
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteJournal

_PHONE = "twilio:phone:a:b"


class Neighbour:
    """Accepts deliveries, unless it is down, broken, or slow with messages."""

    def __init__(self) -> None:
        self.took: list[Delivery] = []
        self.batches: list[int] = []
        self.attempts = 0
        self.away = False
        self.error: Exception | None = None
        self.breaks_after = -1
        self.open = threading.Event()
        self.open.set()

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Accept a batch."""
        self.attempts += 1
        if not deliveries[0].event.urgent:
            self.open.wait(10)
        if self.away:
            raise DependencyDownError("away")
        if self.error is not None:
            raise self.error
        self.batches.append(len(deliveries))
        for delivery in deliveries:
            if self.breaks_after == 0:
                self.breaks_after = -1
                raise DependencyDownError("gone in the middle")
            self.breaks_after -= 1
            self.took.append(delivery)

    @property
    def payloads(self) -> list[str]:
        """The accepted payloads, in order."""
        return [delivery.event.payload for delivery in self.took]


class Post:
    """A journal with one lane to a receiver."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.database = Database(folder / "twilio-binding.db")
        self.database.start()
        self.journal = SqliteJournal(self.database, clock=lambda: self.now)
        self.neighbour = Neighbour()
        self.metrics = Metrics()
        self.lane = self._lane()
        self.journal.on_change(self._wake)

    def _wake(self, urgencies: frozenset[bool]) -> None:
        self.lane.wake(urgencies)

    def _lane(self) -> DeliveryLane:
        return DeliveryLane("openhab", self.journal, self.neighbour, batch=10, metrics=self.metrics)

    def record(self, *numbers: int, urgent: bool = False, lifetime: float = 100) -> None:
        """Record an event."""
        for number in numbers:
            states = (("last-message-body", str(number)),)
            self.journal.record(
                Event(
                    thing=_PHONE,
                    states=states,
                    channel="sms-received",
                    payload=str(number),
                    urgent=urgent,
                    lifetime=lifetime,
                )
            )

    def restart(self) -> None:
        """Stop the lane and start a new one."""
        self.lane.stop()
        self.lane = self._lane()
        self.lane.start()

    def wait(self, number: int) -> list[str]:
        """The payloads, when so many were delivered and noted."""
        wait_until(lambda: self.journal.backlog("openhab") == 0, 10, "all to be delivered")
        assert len(self.neighbour.took) >= number
        return self.neighbour.payloads

    def stop(self) -> None:
        """End."""
        self.neighbour.open.set()
        self.lane.stop()
        self.database.stop()


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A journal whose lane is not started yet."""
    post = Post(tmp_path)
    yield post
    post.stop()


def _texts(count: int) -> list[str]:
    return [str(number) for number in range(count)]


def test_what_was_there_before(post: Post) -> None:
    """Events of an earlier process are delivered at the start, in order, in batches."""
    post.record(*range(25))
    post.lane.start()
    assert post.wait(25) == _texts(25)
    assert post.neighbour.batches == [10, 10, 5]


def test_what_comes_later(post: Post) -> None:
    """New events are delivered as they arrive, and none twice."""
    post.lane.start()
    for number in range(20):
        post.record(number)
    assert post.wait(20) == _texts(20)


def test_company(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that closely follows another waits for more, and is delivered with them; the first does not wait."""
    monkeypatch.setattr("twilio_binding.incoming.delivery._COMPANY", 4.0)
    post.lane.start()
    post.record(0)
    post.wait(1)
    post.record(1, 2, 3)
    assert post.wait(4) == _texts(4)
    assert post.neighbour.batches == [1, 3]


def test_away_and_back(post: Post) -> None:
    """While the receiver is down everything waits; when it is back everything is delivered in order, once."""
    post.neighbour.away = True
    post.lane.start()
    post.record(*range(15))
    wait_until(lambda: post.neighbour.attempts > 2, 5, "some attempts")
    assert (post.neighbour.took, post.journal.backlog("openhab")) == ([], 15)
    post.neighbour.away = False
    post.lane.resume()
    assert post.wait(15) == _texts(15)


def test_back_without_a_word(post: Post) -> None:
    """A receiver that comes back without a notification is noticed soon."""
    post.neighbour.away = True
    post.lane.start()
    post.record(1)
    wait_until(lambda: post.neighbour.attempts > 1, 5, "some attempts")
    post.neighbour.away = False
    assert post.wait(1) == ["1"]


def test_gone_in_the_middle_of_a_batch(post: Post) -> None:
    """An unconfirmed batch is delivered again as a whole, and nothing overtakes it."""
    post.neighbour.breaks_after = 3
    post.record(*range(6))
    post.lane.start()
    assert post.wait(9) == ["0", "1", "2", *_texts(6)]


def test_unknown_failure(post: Post, announced: Announced) -> None:
    """An unexpected error is logged and does not stop the lane."""
    announced("delivery.failed")
    post.neighbour.error = RuntimeError("broken")
    post.lane.start()
    post.record(1)
    wait_until(lambda: post.neighbour.attempts, 5, "an attempt")
    post.neighbour.error = None
    post.lane.resume()
    assert post.wait(1) == ["1"]


def test_delivered_and_not_noted(post: Post, announced: Announced) -> None:
    """Events that were delivered while the disk accepts no write are not delivered again: only the note is repeated."""
    announced("delivery.failed", "store.write_failed")
    post.record(1, 2)
    full = "CREATE TRIGGER full BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    post.database.write(lambda connection: connection.execute(full))
    with capture_logs() as logged:
        post.lane.start()
        failed = "delivery.failed"
        wait_until(lambda: [line["event"] for line in logged].count(failed) > 2, 5, "some attempts to note it")
    post.record(3)
    post.database.write(lambda connection: connection.execute("DROP TRIGGER full"))
    post.lane.resume()
    assert post.wait(3) == ["1", "2", "3"]


def test_calls_overtake_messages(post: Post) -> None:
    """A call is delivered immediately while messages are stuck, and messages keep their order."""
    post.neighbour.open.clear()
    post.lane.start()
    post.record(*range(100))
    wait_until(lambda: post.neighbour.attempts, 5, "the messages to be stuck")
    post.record(1000, urgent=True)
    wait_until(lambda: post.neighbour.payloads == ["1000"], 5, "the call")
    post.neighbour.open.set()
    assert post.wait(101) == ["1000", *_texts(100)]


def test_calls_keep_their_order(post: Post) -> None:
    """Calls are in order among themselves."""
    post.neighbour.away = True
    post.lane.start()
    post.record(1, 2, 3, urgent=True)
    post.record(4)
    post.neighbour.away = False
    post.lane.resume()
    assert [text for text in post.wait(4) if text != "4"] == ["1", "2", "3"]


def test_restart_in_the_middle(post: Post) -> None:
    """A new process continues where the old one ended."""
    post.lane.start()
    post.record(1, 2)
    post.wait(2)
    post.neighbour.away = True
    post.record(3, 4)
    post.neighbour.away = False
    post.restart()
    assert post.wait(4) == ["1", "2", "3", "4"]


def test_too_old(post: Post, announced: Announced) -> None:
    """An outdated event is still delivered for its states, marked as stale; this is logged and counted."""
    announced("delivery.expired")
    post.record(1, lifetime=10)
    post.record(2, lifetime=10_000)
    post.now += 60
    post.lane.start()
    post.wait(2)
    assert [(delivery.stale, delivery.age) for delivery in post.neighbour.took] == [(True, 60), (False, 60)]
    for outcome in ("expired", "delivered"):
        line = f'twilio_binding_deliveries_total{{lane="openhab",outcome="{outcome}"}} 1.0'
        wait_until(lambda line=line: line in post.metrics.text().decode(), 5, line)  # type: ignore[misc]


def test_states_are_remembered(post: Post) -> None:
    """The last delivered state of a channel is stored for a restart of the receiver."""
    post.lane.start()
    post.record(1, 2, 3)
    post.wait(3)
    assert post.journal.last_states() == {f"{_PHONE}:last-message-body": "3"}


def test_the_other_lane_has_its_own_pace(post: Post) -> None:
    """What one receiver has accepted, the other still gets."""
    post.lane.start()
    post.record(1)
    post.wait(1)
    assert post.journal.backlog("mqtt") == 1
    other = Neighbour()
    lane = DeliveryLane("mqtt", post.journal, other, batch=10, metrics=post.metrics)
    lane.start()
    wait_until(lambda: post.journal.backlog("mqtt") == 0, 5, "the other lane")
    lane.stop()
    assert other.payloads == ["1"]


def test_stop_without_start(post: Post) -> None:
    """Stopping a lane that never started returns immediately."""
    post.lane.stop()
