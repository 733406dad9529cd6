"""Groups of use cases that are built and started when they are needed, also if that fails at first."""

from __future__ import annotations

import pytest

from tests.conftest import Announced
from twilio_binding.app.on_demand import GroupOnDemand, TakingUp
from twilio_binding.errors import DependencyDownError


class Group:
    """Fails as often as configured; needs itself while it starts."""

    def __init__(self, failures: int) -> None:
        self.on_demand = GroupOnDemand(self.build)
        self.failures = failures
        self.told: list[str] = []

    def build(self) -> Group:
        """Count the build."""
        self.told.append("built")
        return self

    def need(self) -> None:
        """Use the group."""
        self.on_demand.get()

    def start(self) -> None:
        """Fail, or succeed."""
        assert self.on_demand.get() is self
        self.told.append("started")
        self.failures -= 1
        if self.failures >= 0:
            message = "the disk is full"
            raise DependencyDownError(message)

    def stop(self, until: float) -> None:
        """End."""
        self.told.append(f"stopped {until}")


def test_started_once() -> None:
    """A group starts with the service, and not again when it is needed."""
    group = Group(0)
    assert group.on_demand.get() is group
    group.on_demand.start()
    group.on_demand.get()
    group.on_demand.stop(1)
    group.on_demand.get()
    assert group.told == ["built", "started", "stopped 1"]


def test_a_start_that_fails() -> None:
    """The start is retried when the group is needed next, without building it again, until it succeeds."""
    group = Group(2)
    group.on_demand.start()
    for _ in range(2):
        with pytest.raises(DependencyDownError):
            group.on_demand.get()
    group.on_demand.get()
    group.on_demand.get()
    assert group.told == ["built", "started", "started", "started"]


def test_taking_up(announced: Announced) -> None:
    """A failure affects nothing else; it is reported until it is solved."""
    announced("things.not_taken_up")
    group = Group(1)
    take_up = TakingUp(group.need)
    group.on_demand.start()
    assert take_up.problem == ""
    take_up()
    assert "the disk is full" in take_up.problem
    take_up()
    assert take_up.problem == ""


def test_taking_up_what_fails_unexpectedly(announced: Announced) -> None:
    """The log says more than `/ready`, which anybody on the network may read."""
    announced("things.not_taken_up")

    def review() -> None:
        raise ValueError("secret")

    take_up = TakingUp(review)
    take_up()
    assert "ValueError, see the log" in take_up.problem
    assert "secret" not in take_up.problem
