"""Alarms from a file: an alarm works for as many people as possible."""

from __future__ import annotations

import pytest

from twilio_binding.dsl import parse_things
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.configuration import Problem, load_things

FIRE = "twilio:alarm:a:fire"
_FILE = f"""
Bridge twilio:account:a [ accountSid="AC{"0" * 32}", authToken="hidden" ] {{
  Thing phone p [ phoneNumber="+15551234567" ]
  Thing contact ada [ phoneNumber="+15557654321", rights="acknowledge" ]
  Thing contact bad [ phoneNumber="none" ]
  Thing alarm fire [ steps="STEPS" ]
}}
"""


def _load(steps: str) -> tuple[Alarm | None, list[Problem]]:
    things, problems = load_things(parse_things(_FILE.replace("STEPS", steps), "f"))
    return things.alarms.get(FIRE), [problem for problem in problems if problem.thing == FIRE]


@pytest.mark.parametrize(
    ("steps", "missing"),
    [
        ("text ada,eve; wait 60s; call eve", ["unknown contact eve"]),
        ("text ada,bad", ["the contact bad cannot be used"]),
        ("text eve, call bad, item Siren ON", ["unknown contact eve", "the contact bad cannot be used"]),
    ],
)
def test_a_contact_that_is_missing_keeps_nobody_else_from_being_told(steps: str, missing: list[str]) -> None:
    """The alarm can be used, and says whom it cannot notify."""
    alarm, problems = _load(steps)
    assert [(one.severity, one.parameter, one.text) for one in problems] == [
        ("warning", "steps", f"{text}; the alarm leaves this contact out") for text in missing
    ]
    assert alarm is not None and alarm.doubt == f"{'; '.join(missing)}; the alarm notifies only the others"


def test_an_alarm_that_could_notify_nobody() -> None:
    """It cannot be used."""
    alarm, problems = _load("text eve; wait 60s; call bad")
    assert alarm is None
    assert [(one.severity, one.text) for one in problems] == [
        ("error", "unknown contact eve"),
        ("error", "the contact bad cannot be used"),
    ]


def test_everybody_is_there() -> None:
    """There is nothing to say."""
    alarm, problems = _load("text ada; wait 60s; call ada")
    assert problems == [] and alarm is not None and alarm.doubt == ""
