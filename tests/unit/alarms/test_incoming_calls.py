"""A contact who calls while an alarm is open hears it and acknowledges by key; for all others nothing changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, GATHER, AlarmOffice, ScriptedTwilio, number
from twilio_binding.incoming.ports import Taken

ADA, BOB, EVE, STRANGER = number(0), number(1), number(2), "+15550009999"


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    """Expect the warnings that alarms log."""
    announced("alarm.started", "alarm.acknowledged", "alarm.ended", "alarm.exhausted", "alarm.goes_on")


@pytest.fixture
def twilio() -> ScriptedTwilio:
    """A Twilio that accepts everything."""
    return ScriptedTwilio()


def _call(office: AlarmOffice, caller: str, *, direction: str = "inbound", gather: str | None = GATHER) -> Taken | None:
    fields = {"From": caller, "CallSid": "CA1", "Direction": direction}
    return office.taker.call(office.webhook("voice", fields), office.phone, gather)


def _heard(office: AlarmOffice, caller: str) -> str:
    """What a caller hears from the alarm."""
    taken = _call(office, caller)
    assert taken is not None and taken.answer is not None
    return taken.answer()


def _press(office: AlarmOffice, caller: str, document: str, digits: str) -> str:
    """What they hear after pressing keys."""
    menu = re.search(r"menu=([\w.]+)", document)
    assert menu is not None
    return office.press(menu[1], digits, call="CA1", caller=caller)


def test_who_calls_back_takes_it(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """They hear the message and the keys; if the phone always waits for rules, a rule may answer first."""
    with AlarmOffice(tmp_path, twilio, steps="text bob; wait 5m") as office:
        assert _call(office, BOB) is None
        office.alarms.start(FIRE)
        taken = _call(office, BOB)
        assert taken is not None and taken.yields_to_rules and taken.by == "alarm"
        document = _heard(office, BOB)
        assert "Smoke. Press 1 to acknowledge" in document and f'action="{GATHER}?menu=alarm.c.' in document
        assert "I did not understand" in _press(office, BOB, document, "9")
        assert "You have acknowledged" in _press(office, BOB, document, "1")
        assert office.view().taken_by == "Bob"
        assert _call(office, BOB) is None
        assert "You have acknowledged" in _press(office, BOB, document, "1")


def test_who_was_not_told_yet_may_take_it_too(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Also after all steps are done; calls that the alarm made end."""
    with AlarmOffice(tmp_path, twilio, steps="call bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        office.pass_time(60)
        office.wait(lambda: office.view().state == "exhausted")
        document = _heard(office, ADA)
        assert "You have acknowledged" in _press(office, ADA, document, "1")
        office.wait(lambda: twilio.ended)


def test_for_others_nothing_changes(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Strangers, contacts without the right, outgoing calls, and a phone without a public URL."""
    with AlarmOffice(tmp_path, twilio, steps="text bob; wait 5m") as office:
        office.alarms.start(FIRE)
        assert [_call(office, caller) for caller in (STRANGER, EVE, "anonymous", "")] == [None] * 4
        assert _call(office, BOB, direction="outbound-api") is None
        assert _call(office, BOB, gather=None) is None


def test_a_pin_is_asked_for(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Because the number of a caller can be forged: three wrong PINs lock, and the alarm continues."""
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 5m; text bob; wait 5m", require_pin=True) as office:
        office.alarms.start(FIRE)
        asked = _press(office, ADA, _heard(office, ADA), "1")
        assert "Enter your PIN" in asked
        asked = _press(office, ADA, asked, "0000")
        asked = _press(office, ADA, asked, "0001")
        assert "Too many wrong PINs" in _press(office, ADA, asked, "0002")
        assert office.view().state == "alerting" and office.locked == ["twilio:contact:a:ada"]
        office.wait(lambda: twilio.to(BOB))


def test_it_is_passed_on(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """The next step begins immediately."""
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 5m; text bob; wait 5m") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        assert "passed on" in _press(office, ADA, _heard(office, ADA), "2")
        office.wait(lambda: twilio.to(BOB))


def test_somebody_takes_it_while_a_rule_is_waited_for(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """They hear the current state of the alarm, not the one when they called; so do keys after its end."""
    with AlarmOffice(tmp_path, twilio, steps="text ada,bob; wait 5m") as office:
        office.alarms.start(FIRE)
        taken, document = _call(office, BOB), _heard(office, BOB)
        office.alarms.acknowledge(FIRE, "ada")
        assert taken is not None and taken.answer is not None
        assert "Ada has acknowledged the alarm" in taken.answer()
        assert "Ada has acknowledged the alarm" in _press(office, BOB, document, "1")
        office.alarms.end(FIRE)
        assert "The alarm is over" in _press(office, BOB, document, "1")
        assert _call(office, BOB) is None


def test_keys_of_somebody_else_are_worth_nothing(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A caller from another number cannot acknowledge, even with the name of a menu."""
    with AlarmOffice(tmp_path, twilio, steps="text bob; wait 5m") as office:
        office.alarms.start(FIRE)
        document = _heard(office, BOB)
        assert _press(office, STRANGER, document, "1") == "<Response><Hangup/></Response>"
        assert "You may not acknowledge" in _press(office, EVE, document, "1")
        assert office.view().state == "alerting"
