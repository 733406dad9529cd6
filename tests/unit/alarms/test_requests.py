"""Requests for alarms over MQTT: their ids, and what their replies tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.requests import Request


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    announced("alarm.started", "alarm.acknowledged", "alarm.ended")


def _request(action: str, request_id: str = "", **args: object) -> Request:
    return Request(thing=FIRE, action=action, args=args, id=request_id)


def test_a_request_that_arrives_again(tmp_path: Path) -> None:
    """It gets the first reply, and starts nothing; without an id, each is a new one."""
    with AlarmOffice(tmp_path, ScriptedTwilio()) as office:
        first = office.requests.carry_out(_request("startAlarm", "1"))
        office.requests.carry_out(_request("endAlarm"))
        assert office.requests.carry_out(_request("startAlarm", "1")) == first
        assert office.view().state == "idle"
        office.requests.carry_out(_request("startAlarm"))
        office.requests.carry_out(_request("endAlarm"))
        assert office.requests.carry_out(_request("startAlarm")).result["state"] == "alerting"


@pytest.mark.parametrize(
    "other",
    [
        _request("acknowledgeAlarm", "1", by="ada"),
        _request("startAlarm", "1", message="Water"),
        Request(thing="twilio:alarm:a:other", action="startAlarm", args={}, id="1"),
    ],
)
def test_the_id_of_another_request(tmp_path: Path, other: Request) -> None:
    """It is refused: a program must not believe that it has acknowledged or started an alarm."""
    with AlarmOffice(tmp_path, ScriptedTwilio()) as office:
        office.requests.carry_out(_request("startAlarm", "1"))
        with pytest.raises(Refusal, match="already used this id") as caught:
            office.requests.carry_out(other)
        assert caught.value.code == "id_reused"
        assert office.view().state == "alerting"


def test_replies_tell_a_test_from_an_alarm(tmp_path: Path) -> None:
    """Also when it is acknowledged; while a real alarm is active, the reply to a test is about the real one."""
    with AlarmOffice(tmp_path, ScriptedTwilio()) as office:
        assert office.requests.carry_out(_request("startAlarm", test=True)).result["test"] is True
        assert office.requests.carry_out(_request("acknowledgeAlarm", by="ada")).result["test"] is True
        assert "test" not in office.requests.carry_out(_request("startAlarm")).result
        assert "test" not in office.requests.carry_out(_request("startAlarm", test=True)).result
