"""PINs that acknowledge alarms: one lock for keys and texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio, number

ADA, BOB, STRANGER = number(0), number(1), "+15550009999"


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    """Expect the warnings that alarms log."""
    announced("alarm.started", "alarm.acknowledged", "alarm.ended", "alarm.goes_on")


def _office(folder: Path, twilio: ScriptedTwilio, *, now: float = 1000.0) -> AlarmOffice:
    return AlarmOffice(folder, twilio, now=now, steps="call ada; wait 60s; text bob; wait 5m", require_pin=True)


def _begin(office: AlarmOffice, twilio: ScriptedTwilio) -> None:
    office.alarms.start(FIRE)
    office.wait(lambda: twilio.asked and office.view().attempts[0].status)


def _text(office: AlarmOffice, body: str, sender: str = ADA, *, sid: str = "") -> str:
    """The answer to a text, "" if the alarm does not answer it."""
    return office.text(sender, body, sid=sid) or ""


def _press(office: AlarmOffice, twilio: ScriptedTwilio, digits: str, stage: str = "", *, token: str = "") -> str:
    """The answer to keys in a call of the alarm."""
    request = twilio.asked[0].id
    return office.press(request + stage, digits, call=f"SM-{request}", token=token)


def test_three_wrong_pins_by_text_lock_and_are_told(tmp_path: Path) -> None:
    """Then the right PIN is refused, too, also after a restart, until a quarter of an hour has passed."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        assert ["PIN is missing or wrong" in _text(office, f"1 000{one}") for one in range(2)] == [True, True]
        assert office.locked == []
        assert "Too many wrong PINs" in _text(office, "1 0003")
        assert office.locked == ["twilio:contact:a:ada"]
        assert "Too many wrong PINs" in _text(office, "1 4711")
    with _office(tmp_path, twilio, now=1010) as office:
        assert "Too many wrong PINs" in _text(office, "1 4711")
        assert office.view().state == "alerting"
        office.now += 900
        assert "You have acknowledged" in _text(office, "1 4711")


def test_a_lock_keeps_nobody_else_from_taking_it(tmp_path: Path) -> None:
    """Bob has no PIN, so he is not asked for one."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        for _ in range(5):
            _text(office, "1 0000")
        office.pass_time(60)
        office.wait(lambda: twilio.to(BOB))
        assert "You have acknowledged" in _text(office, "ok", BOB)


def test_forged_texts_do_not_lock_the_calls_of_the_alarm(tmp_path: Path) -> None:
    """Somebody whom the alarm called is at their own phone, so there the right PIN counts."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        for _ in range(4):
            _text(office, "1 0000")
        assert "Enter your PIN" in _press(office, twilio, "1")
        assert "You have acknowledged" in _press(office, twilio, "4711", ".pin")


def test_three_wrong_pins_in_a_call_pass_the_alarm_on(tmp_path: Path) -> None:
    """The next step begins immediately. A second call to the same person is locked, too; their texts are not."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        assert "This PIN is wrong" in _press(office, twilio, "1111", ".pin")
        assert "This PIN is wrong" in _press(office, twilio, "", ".pin")
        assert "Too many wrong PINs" in _press(office, twilio, "2222", ".pin")
        assert office.locked == ["twilio:contact:a:ada"]
        office.wait(lambda: twilio.to(BOB))
        assert "Too many wrong PINs" in _press(office, twilio, "4711", ".pin")
        assert "You have acknowledged" in _text(office, "1 4711")


def test_one_text_counts_once(tmp_path: Path) -> None:
    """Even if it concerns several alarms."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        _text(office, "1 all 0000")
        _text(office, "1 1 0000")
        assert "PIN is missing or wrong" in _text(office, "1")
        assert "You have acknowledged" in _text(office, "ok 4711")


def test_a_text_that_comes_twice_counts_once(tmp_path: Path) -> None:
    """Twilio repeats a text if the answer is late, also after a restart; the same words in another text count separately."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        answers = [_text(office, "1 0000", sid="SM1") for _ in range(5)]
        assert len(set(answers)) == 1 and "PIN is missing or wrong" in answers[0]
    with _office(tmp_path, twilio) as office:
        assert _text(office, "1 0000", sid="SM1") == answers[0]
        assert "PIN is missing or wrong" in _text(office, "1 0000", sid="SM2")
        assert "Too many wrong PINs" in _text(office, "1 0000", sid="SM3")
        assert office.locked == ["twilio:contact:a:ada"]
        assert "Too many wrong PINs" in _text(office, "1 4711", sid="SM4")


def test_keys_that_come_twice_count_once(tmp_path: Path) -> None:
    """By Twilio's token; without a token, each PIN counts."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        for _ in range(4):
            assert "This PIN is wrong" in _press(office, twilio, "1111", ".pin", token="t1")
        assert "This PIN is wrong" in _press(office, twilio, "1111", ".pin")
        assert "Too many wrong PINs" in _press(office, twilio, "1111", ".pin")


def test_a_stranger_learns_nothing(tmp_path: Path) -> None:
    """Strangers get no answer, whatever they write, and their PINs count for nobody."""
    twilio = ScriptedTwilio()
    with _office(tmp_path, twilio) as office:
        _begin(office, twilio)
        assert {_text(office, body, STRANGER) for body in ("1", "ok", "1 0000", "1 4711", "1 0001")} == {""}
        assert office.locked == []
        assert "You have acknowledged" in _text(office, "1 4711")
