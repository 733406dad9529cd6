"""Deliveries against a model: whatever arrives, fails, crashes and is repeated, each event is delivered once and in order."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.conftest import Announced
from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.incoming.ports import Delivery
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteJournal

_PHONE = "twilio:phone:a:b"
_LIFETIME = 100.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the model knows it."""

    id: int
    event: Event
    at: float


class RememberingNeighbour:
    """Accepts events in order and remembers their ids, like the relay rule; after `patience` events it is down."""

    def __init__(self) -> None:
        self.fired: list[tuple[int, bool]] = []
        self.patience: int | None = None

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Accept events, at most as many as `patience` allows."""
        known = {event_id for event_id, _ in self.fired}
        for delivery in deliveries:
            if self.patience == 0:
                raise DependencyDownError("gone")
            if self.patience is not None:
                self.patience -= 1
            if delivery.id not in known:
                self.fired.append((delivery.id, delivery.stale))
        if self.patience == 0:
            raise DependencyDownError("the confirmation was lost")


class Deliveries(RuleBasedStateMachine):
    """A journal, one lane and a receiver, without threads."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="deliveries-")
        self.runs = 0
        self.now = 1000.0
        self.known: list[Recorded] = []
        self.neighbour = RememberingNeighbour()
        self._open(Path(self.folder.name) / "run0")

    def _open(self, folder: Path) -> None:
        self.database = Database(folder / "x.db")
        self.database.start()
        self.journal = SqliteJournal(self.database, clock=lambda: self.now)
        self.lane = DeliveryLane("openhab", self.journal, self.neighbour, batch=3, metrics=Metrics())

    def _settle(self) -> None:
        for worker in self.lane._workers.values():
            worker._settle()

    @rule(urgent=st.booleans(), token=st.booleans())
    def something_happens(self, urgent: bool, token: bool) -> None:  # noqa: FBT001
        """A webhook is recorded, and counts from now on."""
        number = len(self.known)
        event = Event(
            thing=_PHONE,
            states=(("last-message-body", str(number)),),
            channel="sms-received",
            payload=str(number),
            urgent=urgent,
            lifetime=_LIFETIME,
            sid_key=f"sid {number}",
            token_key=f"token {number}" if token else "",
        )
        recorded = self.journal.record(event)
        assert recorded.new
        self.known.append(Recorded(recorded.id, event, self.now))

    @precondition(lambda self: bool(self.known))
    @rule(data=st.data())
    def it_comes_again(self, data: st.DataObject) -> None:
        """A copy finds the first, whatever happened to it."""
        first = data.draw(st.sampled_from(self.known))
        again = self.journal.record(first.event)
        assert (again.id, again.new) == (first.id, False)

    @rule(urgent=st.booleans(), patience=st.none() | st.integers(0, 4))
    def neighbour_is_there(self, urgent: bool, patience: int | None) -> None:  # noqa: FBT001
        """A batch is delivered, completely, in part, or without a confirmation."""
        self.neighbour.patience = patience
        try:
            self.lane._workers[urgent]._step(3)
        except DependencyDownError:
            assert patience is not None
        self.neighbour.patience = None

    @rule(seconds=st.sampled_from([1.0, 60.0, -3600.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        """Also backwards: clocks are set."""
        self.now += seconds

    @rule()
    def the_process_dies(self) -> None:
        """The next process finds the files as they were at that moment."""
        self.runs += 1
        self._settle()  # files that are written to cannot be copied
        old, new = self.database.path.parent, Path(self.folder.name) / f"run{self.runs}"
        shutil.copytree(old, new)
        self.database.stop()
        self._open(new)

    @invariant()
    def in_order_and_once(self) -> None:
        """The fired events are the first of those that happened, for calls and for the rest."""
        fired = [event_id for event_id, _ in self.neighbour.fired]
        assert len(fired) == len(set(fired))
        for urgent in (True, False):
            wanted = [one.id for one in self.known if one.event.urgent is urgent]
            assert [event_id for event_id in fired if event_id in wanted] == wanted[: len(set(wanted) & set(fired))]

    @invariant()
    def backlog_is_what_is_left(self) -> None:
        """Nothing counts as delivered that did not fire."""
        assert self.journal.backlog("openhab") >= len(self.known) - len(self.neighbour.fired)

    def teardown(self) -> None:
        """At the end everything is delivered, and the last states are those of the last event."""
        for urgent in (True, False):
            while self.lane._workers[urgent]._step(3):
                pass
        self._settle()
        assert {event_id for event_id, _ in self.neighbour.fired} == {one.id for one in self.known}
        assert self.journal.backlog("openhab") == 0
        last = {str(number) for number in range(len(self.known))}
        assert not self.known or self.journal.last_states()[f"{_PHONE}:last-message-body"] in last
        self.database.stop()
        self.folder.cleanup()


def test_deliveries(announced: Announced) -> None:
    """Every way through the model ends with each event delivered once and in order."""
    announced("delivery.expired")
    run_state_machine_as_test(Deliveries, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))
