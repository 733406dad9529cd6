"""The steps of an alarm: their meaning, and error messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twilio_binding.model.alarm_plan import ItemStep, MqttStep, NotifyStep, PlanError, Stage, Tell, read_plan


def test_the_steps_of_the_documentation() -> None:
    """People are told one after the other or at the same time, with waits between, and again."""
    plan = read_plan("text ada,bob; wait 60s; call ada; wait 90s; call bob; wait 2m; repeat 3")
    assert [stage.wait for stage in plan.stages] == [60, 90, 120]
    assert plan.stages[0].actions == (Tell(way="text", contact="ada"), Tell(way="text", contact="bob"))
    assert plan.stages[0].text == "text ada,bob"
    assert plan.repeats == 3
    assert plan.contacts == ("ada", "bob")


def test_different_ways_at_the_same_time() -> None:
    """After a comma may stand another verb; quotes keep commas of a command."""
    (stage,) = read_plan("text ada, bob, call cy, item Lamp '0,100,50', mqtt a/b hello world, notify").stages
    assert stage.actions == (
        Tell(way="text", contact="ada"),
        Tell(way="text", contact="bob"),
        Tell(way="call", contact="cy"),
        ItemStep(item="Lamp", command="0,100,50"),
        MqttStep(topic="a/b", payload="hello world"),
        NotifyStep(),
    )


def test_waits_add_up_and_may_come_first() -> None:
    """A wait before all steps delays the first; two in a row are one."""
    assert read_plan("wait 10; wait 1m; whatsapp ada").stages == (
        Stage(actions=(), wait=70),
        Stage(actions=(Tell(way="whatsapp", contact="ada"),), text="whatsapp ada"),
    )


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("90 S", 90),
        ("5 minutes", 300),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1 h 30 min", 5400),
        ("1h 0m 5s", 3605),
        ("24 hours", 86_400),
    ],
)
def test_times_as_people_write_them(wait: str, seconds: float) -> None:
    """With a unit, with several from the longest to the shortest, and with blanks; a number alone means seconds."""
    (stage,) = read_plan(f"call ada; wait {wait}").stages
    assert stage.wait == seconds


@pytest.mark.parametrize(
    "wait", ["", "s", "-5", "1d", "5 5", "30m 1h", "1h 1h", "24h 1s", "0 s", "1h30", "1e3", "five", "5,5"]
)
def test_what_is_no_time(wait: str) -> None:
    """Anything else is refused; nothing is guessed."""
    with pytest.raises(PlanError):
        read_plan(f"call ada; wait {wait}")


@pytest.mark.parametrize(
    ("steps", "column", "about"),
    [
        ("", 1, "no step notifies"),
        ("wait 5", 1, "no step notifies"),
        ("cal ada", 1, "unknown step cal"),
        ("call", 5, "expected a contact"),
        ("call ada:", 6, "not the ID"),
        ("text ada,", 10, "expected a contact"),
        ("text ada wait 5", 10, "semicolon"),
        ("text ada,wait 5", 10, "separate step"),
        ("call ada; wait x", 16, "not a time"),
        ("call ada; wait 25h", 16, "at most 24h"),
        ("call ada; wait 0", 16, "not a time"),
        ("call ada; repeat 3", 11, "add a wait"),
        ("call ada; wait 5; repeat 0", 26, "from 1 to 100"),
        ("call ada; wait 5; repeat 3; call bob", 29, "must be the last step"),
        ("text ada;;call bob", 10, "a step"),
        ("text 'ada", 6, "quotation"),
        ("mqtt a/#", 6, "wildcard"),
        ("mqtt '' x", 6, "empty"),
        ("item X", 7, "expected a command"),
        ("item 1X ON", 6, "not the name of an item"),
    ],
)
def test_errors_name_the_column(steps: str, column: int, about: str) -> None:
    """An error says what is wrong, where, and what is expected."""
    with pytest.raises(PlanError, match=about) as caught:
        read_plan(steps)
    assert caught.value.column == column


@given(st.text(alphabet="text cal,;wi0159smh'\"repno bx:-", max_size=60))
def test_nothing_else_ever_happens(steps: str) -> None:
    """Any text is a plan, or an error whose column lies in it or just behind."""
    found: list[int] = []
    try:
        plan = read_plan(steps)
    except PlanError as error:
        found.append(error.column)
    else:
        assert any(stage.actions for stage in plan.stages)
    assert all(1 <= column <= len(steps) + 1 for column in found)
