"""Replies by text, where the same word may answer an alarm or something else that somebody was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio, number

BOB, EVE = number(1), number(2)


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    announced("alarm.started", "alarm.acknowledged", "alarm.ended")


def test_after_an_acknowledgement_yes_may_mean_something_else(tmp_path: Path) -> None:
    """Who is asked something answers that; who is not is told who has the alarm."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text bob, text eve; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(office.view().attempts) == 2)
        office.alarms.acknowledge(FIRE, "ada")
        assert "Ada" in (office.text(BOB, "yes") or "")
        office.asked = {"twilio:contact:a:bob", "twilio:contact:a:eve"}
        assert office.text(BOB, "yes") is None and office.text(EVE, "1") is None


def test_while_an_alarm_is_open_yes_takes_it(tmp_path: Path) -> None:
    """Whatever else somebody is asked; but who may take no alarm answers what they are asked."""
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps="text bob, text eve; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(office.view().attempts) == 2)
        assert office.text(EVE, "yes") is not None
        office.asked = {"twilio:contact:a:bob", "twilio:contact:a:eve"}
        assert office.text(EVE, "yes") is None
        assert office.text(BOB, "yes") is not None
        assert office.view().state == "acknowledged"
