"""Whether openHAB has run on while there was no connection, or may be another run of it."""

from __future__ import annotations

import pytest

from twilio_binding.openhab.runs import RunsOfOpenHAB


@pytest.mark.parametrize(
    ("away", "uptime", "saw_start", "is_other"),
    [
        (3.0, 200.0, False, False),
        (3.0, 20.0, False, True),
        (3.0, 86_400.0, True, True),
        (600.0, 500.0, False, True),
        (600.0, 86_400.0, False, False),
        (3.0, None, False, True),
    ],
)
def test_a_connection_after_a_break(away: float, uptime: float | None, *, saw_start: bool, is_other: bool) -> None:
    """It is the same run where that began well before the connection was lost; where that is not certain, it is another."""
    now = 0.0
    runs = RunsOfOpenHAB(lambda: now)
    runs.opened()
    runs.judge(86_400.0, saw_start=False)
    assert runs.number == 1
    runs.lost()
    now = away
    runs.opened()
    runs.judge(uptime, saw_start=saw_start)
    runs.judge(1.0, saw_start=True)
    assert (runs.number == 2) is is_other


def test_an_openhab_that_is_young() -> None:
    """A break of three seconds is no start of an openHAB that has run for three minutes; without a connection before, it may be."""
    now = 0.0
    runs = RunsOfOpenHAB(lambda: now)
    assert runs.is_young(200) and not runs.is_young(301) and not runs.is_young(None)
    runs.lost()
    now = 3.0
    assert not runs.is_young(200) and runs.is_young(30)
    now = 1000.0
    assert runs.is_young(300) and not runs.is_young(301)


@pytest.mark.parametrize(("uptime", "is_other"), [(42.0, False), (44.0, False), (10.0, True), (None, True)])
def test_two_breaks_within_one_start(uptime: float | None, *, is_other: bool) -> None:
    """A young openHAB that started when the one of the last connection did is the same; states that it missed are compared."""
    now = 1000.0
    runs = RunsOfOpenHAB(lambda: now)
    runs.opened()
    runs.judge(20.0, saw_start=False)
    runs.lost()
    now = 1002.0
    runs.opened()
    assert not runs.is_young(22)
    runs.judge(22.0, saw_start=False)
    runs.lost()
    runs.opened()
    runs.lost()
    now = 1022.0
    runs.opened()
    assert runs.is_young(uptime) is (uptime == 10)
    runs.judge(uptime, saw_start=False)
    assert (runs.number == 2) is is_other
