"""Conditions that start an alarm: their meaning, and error messages."""

from __future__ import annotations

import pytest

from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.watch_conditions import ConditionError, IsDown, ItemIs, NoUpdate, read_conditions
from twilio_binding.model.watch_reasons import reason_in
from twilio_binding.model.watches import WatchedConditions


def test_the_conditions_of_the_documentation() -> None:
    """Any of several conditions starts the alarm; the default for a dependency is five minutes."""
    assert read_conditions("openhab down 2m or broker down or no update of Heartbeat 30m or item Smoke = ON") == (
        IsDown(what="openhab", seconds=120),
        IsDown(what="broker", seconds=300),
        NoUpdate(item="Heartbeat", seconds=1800),
        ItemIs(item="Smoke", operator="=", value="ON"),
    )
    assert read_conditions("item T > 60 hysteresis 5 for 2m") == (
        ItemIs(item="T", operator=">", value="60", seconds=120, hysteresis=5),
    )
    assert read_conditions("") == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("openhab down 1h 30m", "openhab down 90m"),
        ("openhab down for 2m or no update of X for 5m", "openhab down 2m or no update of X 5m"),
        ("no update of X 1 hour 30 minutes or openhab down 5 min", "no update of X 5400 or openhab down 300s"),
        (
            "item T > 60 °C hysteresis 5 °C for 2 min or broker down",
            "item T > '60 °C' hysteresis 5 for 120 or broker down",
        ),
        ("item X = ON for 1h30m", "item X = ON for 1.5h"),
        ("Item X = ON FOR 10S OR No Update Of X 5M", "item X = ON for 10 or no update of X 300"),
    ],
)
def test_times_and_units_may_be_written_with_blanks(written: str, meant: str) -> None:
    """As people write them."""
    assert read_conditions(written) == read_conditions(meant)


@pytest.mark.parametrize(
    ("text", "column", "about"),
    [
        ("or", 1, "unknown condition"),
        ("openhab up", 9, "down"),
        ("openhab down 2d", 14, "a time"),
        ("openhab down 5 minute or", 25, "begin with"),
        ("item X", 7, "a value after X"),
        ("item X =", 9, "a value"),
        ("item X == ON", 9, "a value"),
        ("item X =< 5", 9, "a value"),
        ("item X > warm", 10, "a number"),
        ("item X > 21,5", 10, "a number after >, such as 21.5"),
        ("item X > 1,000", 10, "a number"),
        ("item X > 5 times", 12, "or"),
        ("item X > 5 and item Y > 5", 12, 'no "and"'),
        ("openhab down for", 17, "a time"),
        ("item X = ON hysteresis 5", 24, "hysteresis"),
        ("item X = ON for long", 17, "a time"),
        ("no update of X", 15, "a time"),
        ("no update of 1X 5m", 14, "name of an item"),
        ("openhab down 5m or", 19, "begin with"),
        ("openhab down 5m broker down", 17, "or"),
        ("item 'X", 6, "quotation"),
    ],
)
def test_errors_name_the_column(text: str, column: int, about: str) -> None:
    """An error says what is wrong, where, and what is expected."""
    with pytest.raises(ConditionError, match=about) as caught:
        read_conditions(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("operator", "value", "state", "holds"),
    [
        ("=", "ON", "ON", True),
        ("=", "ON", "OFF", False),
        ("!=", "ON", "OFF", True),
        ("!=", "ON", "NULL", False),
        ("=", "20", "20.0 °C", True),
        ("=", "20 rooms", "20 halls", False),
        (">", "60", "60.1", True),
        (">", "60", "UNDEF", False),
        ("<=", "-5", "-5 °C", True),
        ("<", "5", "many", False),
        ("=", "on", "ON", True),
        ("!=", "Closed", "CLOSED", False),
        ("=", "UNDEF", "UNDEF", True),
        ("=", "null", "NULL", True),
        ("=", "UNDEF", "NULL", False),
        ("!=", "UNDEF", "ON", True),
        ("!=", "UNDEF", "UNDEF", False),
        (">", "500", "1E+3 W", True),
        (">", "0.5", "1E-7 m", False),
        (">", "+5", "6", True),
        (">", "60 °C", "65.0 °C", True),
        (">", "60°C", "65.0 °C", True),
        (">", "60 °C", "65.0 °F", False),
        (">", "60 °C", "150.0 °F", True),
        (">", "60 C", "150.0 °F", True),
        (">", "150F", "60 °C", False),
        (">", "2 kW", "1500 W", False),
        (">", "2kW", "2500 W", True),
        ("<", "20 %", "0.15 one", True),
        (">", "1000ppm", "1200 ppm", True),
        (">", "5 °C", "6", True),
        ("=", "20 °C", "68.0 °F", True),
        ("!=", "20 °C", "68.0 °F", False),
        ("=", "120", "120,100,50", True),
        ("=", "5 m", "5 meters", False),
        ("!=", "5 m", "5 °C", True),
    ],
)
def test_states_compare_as_people_mean_it(operator: str, value: str, state: str, *, holds: bool) -> None:
    """Numbers compare as numbers, also in another unit, and texts in any case; an item without a state meets a condition that names this."""
    (condition,) = read_conditions(
        f"item X {operator} '{value}'" if operator in ("=", "!=") else f"item X {operator} {value}"
    )
    assert isinstance(condition, ItemIs)
    assert condition.holds(state, held=False) is holds


def test_a_dependency_must_be_down_for_long_enough() -> None:
    """Short interruptions start nothing; the return is reported once."""
    watch = WatchedConditions(read_conditions("openhab down 5m"), now=0)
    watch.dependency("openhab", is_down=True, now=10)
    assert watch.due == 310
    watch.dependency("openhab", is_down=False, now=200)
    assert watch.check(400) is None
    watch.dependency("openhab", is_down=True, now=500)
    watch.dependency("openhab", is_down=True, now=700)
    assert watch.check(799) is None
    assert watch.check(800) == ("began", "openHAB has been down for 5 min.")
    assert watch.check(900) is None
    watch.dependency("openhab", is_down=False, now=950)
    assert watch.check(950) == ("over", "")
    assert watch.ends_itself


def test_a_missing_update_is_noticed_once() -> None:
    """The time runs from the start; each update restarts it, a merely known state does not."""
    watch = WatchedConditions(read_conditions("no update of Heartbeat 30m"), now=0)
    watch.item("Heartbeat", "ON", 1000)
    watch.known("Heartbeat", "ON", 2000)
    assert watch.check(2799) is None
    assert watch.check(2800) == ("began", "Heartbeat has had no update for 30 min.")
    watch.item("Heartbeat", "ON", 3000)
    assert watch.check(3000) == ("over", "")


def test_hysteresis_keeps_a_value_at_the_edge_from_starting_it_again() -> None:
    """It starts above 60, and is over only below 55."""
    watch = WatchedConditions(read_conditions("item T > 60 hysteresis 5"), now=0)
    watch.item("T", "61", 1)
    assert watch.check(1) == ("began", "T > 60.")
    watch.item("T", "56", 2)
    assert watch.check(2) is None
    watch.item("T", "55", 3)
    assert watch.check(3) == ("over", "")
    assert not watch.ends_itself


def test_for_asks_for_a_state_that_lasts() -> None:
    """A door that is open for a moment starts nothing."""
    watch = WatchedConditions(read_conditions("item Door = OPEN for 2m"), now=0)
    watch.item("Door", "OPEN", 0)
    watch.item("Door", "CLOSED", 100)
    watch.item("Door", "OPEN", 110)
    assert watch.check(229) is None
    assert watch.check(230) == ("began", "Door = OPEN for 2 min.")


def test_what_had_started_it_before_a_restart_does_not_begin_anew() -> None:
    """It ends when the condition is known not to hold, and starts again the next time."""
    watch = WatchedConditions(read_conditions("item Smoke = ON or openhab down 5m"), now=0, began="Smoke = ON.")
    watch.known("Smoke", "ON", now=2)
    assert watch.check(400) is None
    watch.item("Smoke", "OFF", now=600)
    assert watch.check(600) == ("over", "")
    watch.item("Smoke", "ON", now=700)
    assert watch.check(700) == ("began", "Smoke = ON.")


@pytest.mark.parametrize(("changed", "is_new"), [(90.0, False), (100.0, False), (101.0, True), (None, True)])
def test_a_state_that_may_have_changed_since_the_alarm_ended_begins_anew(
    changed: float | None, *, is_new: bool
) -> None:
    """The first read decides; an update before it, or a read after it, does not."""
    watch = WatchedConditions(read_conditions("item Smoke = ON"), now=200, began="Smoke = ON.", ended=100)
    watch.item("Smoke", "ON", now=201)
    assert watch.check(201) is None
    watch.known("Smoke", "ON", now=202, changed=changed)
    assert watch.check(202) == (("began", "Smoke = ON.") if is_new else None)
    watch.known("Smoke", "ON", now=203)
    assert watch.check(203) is None


def test_an_update_that_ends_the_condition_leaves_nothing_to_decide() -> None:
    """If smoke was gone and has come back before the first read, the alarm starts once."""
    watch = WatchedConditions(read_conditions("item Smoke = ON"), now=200, began="Smoke = ON.", ended=100)
    watch.item("Smoke", "OFF", now=201)
    assert watch.check(201) == ("over", "")
    watch.item("Smoke", "ON", now=202)
    assert watch.check(202) == ("began", "Smoke = ON.")
    watch.known("Smoke", "ON", now=203, changed=202)
    assert watch.check(203) is None


def test_another_reason_after_a_restart_begins_anew() -> None:
    """A condition that was met while the service was down starts the alarm, although another one had started it before."""
    watch = WatchedConditions(read_conditions("item Smoke = ON or item Heat > 60"), now=0, began="Smoke = ON.")
    watch.known("Heat", "61", now=2)
    watch.known("Smoke", "OFF", now=2)
    assert watch.check(2) == ("began", "Heat > 60.")


def test_changed_conditions_after_a_restart() -> None:
    """If the condition that started the alarm no longer exists, all count as met until they are known not to be."""
    watch = WatchedConditions(read_conditions("item Smoke = ON or openhab down 5m"), now=0, began="Heat > 60.")
    watch.dependency("openhab", is_down=True, now=1)
    watch.known("Smoke", "ON", now=2)
    assert watch.check(400) is None
    watch.dependency("openhab", is_down=False, now=500)
    watch.item("Smoke", "OFF", now=600)
    assert watch.check(600) == ("over", "")


def test_smoke_starts_it_although_something_else_had_started_it_before() -> None:
    """If a sensor was silent for days, and that alarm was ended, smoke still starts it."""
    watch = WatchedConditions(read_conditions("no update of Heartbeat 30m or item Smoke = ON"), now=0)
    silent = watch.check(1800)
    assert silent is not None and silent[0] == "began" and "Heartbeat" in silent[1]
    watch.item("Smoke", "ON", 9000)
    smoke = watch.check(9000)
    assert smoke is not None and smoke[0] == "began" and "Smoke" in smoke[1]
    assert watch.check(9001) is None


@pytest.mark.parametrize(
    ("condition", "language", "said"),
    [
        ("openhab down 5m", "en", "openHAB has been down for 5 min."),
        ("broker down 2h", "de", "Der MQTT-Broker ist seit 2 h nicht erreichbar."),
        ("no update of Heart 30m", "fr", "Heart n'a pas été mis à jour depuis 30 min."),
        ("item Smoke = ON", "en", "Smoke = ON."),
        ("item Door != CLOSED for 10m", "nl", "Door is niet CLOSED, al 10 min."),
        ("item Freezer > -12 hysteresis 2 for 15m", "de", "Freezer liegt über -12 seit 15 min."),
        ("item Tank <= 5", "es", "Tank no pasa de 5."),
        ("item Level >= 80", "it", "Level è almeno 80."),
        ("item Battery < 10 for 1m", "", "Battery < 10 for 1 min."),
    ],
)
def test_reasons_for_people(condition: str, language: str, said: str) -> None:
    """As a sentence in their language."""
    (read,) = read_conditions(condition)
    assert reason_in(texts_of(language), read) == said
