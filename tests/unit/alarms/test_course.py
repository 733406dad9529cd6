"""The course of an alarm; the test controls time and Twilio."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio, number
from twilio_binding.errors import TwilioError
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.requests import Request

ADA, BOB = number(0), number(1)


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    """Expect the warnings that alarms log."""
    announced("alarm.started", "alarm.acknowledged", "alarm.ended", "alarm.exhausted", "alarm.goes_on")
    announced("alarm.refused", "alarm.paced", "alarm.many_sends", "alarm.item_unknown")


@pytest.fixture
def twilio() -> ScriptedTwilio:
    """A Twilio that accepts everything."""
    return ScriptedTwilio()


def test_steps_go_on_after_a_restart(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """The wait continues while the service is down, and nobody is notified twice."""
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.to(ADA))
    with AlarmOffice(tmp_path, twilio, now=1059) as office:
        office.pass_time(0.5)
        assert twilio.to(BOB) == []
        office.pass_time(0.5)
        office.wait(lambda: twilio.to(BOB))
        office.pass_time(60)
        office.wait(lambda: office.view().state == "exhausted")
    assert len(twilio.to(ADA)) == len(twilio.to(BOB)) == 1


def test_a_start_comes_once_whatever_happens_in_between(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """The same request after a restart does not start an alarm again that has ended."""
    request = Request(thing=FIRE, action="startAlarm", args={"message": "Smoke"}, id="r1")
    with AlarmOffice(tmp_path, twilio) as office:
        assert office.requests.carry_out(request).result["state"] == "alerting"
        office.alarms.end(FIRE)
    with AlarmOffice(tmp_path, twilio, now=1010) as office:
        assert office.requests.carry_out(request).result["state"] == "idle"
    assert len(twilio.to(ADA)) == 1


def test_while_twilio_is_away_nobody_is_given_up(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If all steps are done but nobody was notified, the alarm is not exhausted; late messages mention the delay."""
    twilio.is_away = True
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked)
        office.pass_time(300)
        assert office.view().state == "alerting"
        twilio.come_back()
        office.wait(lambda: len(twilio.to(ADA)) == 2)
        assert twilio.to(ADA)[1] == "Alarm Fire: Twilio could not be reached for 5 min, so this message is late."
        office.wait(lambda: office.view().state == "exhausted")


def test_a_newer_attempt_takes_the_place_of_one_that_waits(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """When Twilio is back, a phone does not ring once for each missed round."""
    twilio.is_away = True
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s; repeat 1") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 1)
        office.pass_time(60)
        office.wait(lambda: len(twilio.asked) == 2)
        first, second = (one.id for one in twilio.asked)
        assert office.is_withdrawn(first) and not office.is_withdrawn(second)
        office.alarms.end(FIRE)
        assert office.is_withdrawn(second)


def test_calls_to_others_end_when_somebody_takes_it(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """After an acknowledgement by item, all calls end, and everybody gets one text that says who acknowledged."""
    with AlarmOffice(tmp_path, twilio, steps="call ada,bob; wait 60s", recall="All clear") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 2 and all(one.status for one in office.view().attempts))
        office.alarms.acknowledge(FIRE, "the console")
        office.wait(lambda: len(twilio.ended) == 2)
        office.wait(lambda: twilio.to(BOB)[-1] == "The console has acknowledged: Fire.")
        assert office.alarms.acknowledge(FIRE, "bob").taken_by == "the console"
        office.alarms.end(FIRE)
        office.wait(lambda: twilio.to(ADA)[-1] == "Fire: All clear")
        assert office.view().state == "idle"


def test_what_followed_an_acknowledgement_follows_after_a_crash(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If the service is killed after an acknowledgement, others are still notified, and only once."""
    with AlarmOffice(tmp_path, twilio, steps="text ada,bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 2 and all(one.status for one in office.view().attempts))
        office.alarms.acknowledge(FIRE, "ada")
        office.wait(lambda: len(twilio.to(BOB)) == 2)
        twilio.asked = [one for one in twilio.asked if ".n." not in one.id]  # as if it had not been done
    for now in (1010, 1020):
        with AlarmOffice(tmp_path, twilio, now=now, steps="text ada,bob; wait 60s") as office:
            office.wait(lambda: twilio.to(BOB)[1:] == ["Ada has acknowledged: Fire."])
    assert len(twilio.to(ADA)) == 1


def test_the_all_clear_follows_after_a_crash(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If the service is killed after the end of an alarm, everybody still gets it, and only once."""
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 60s", recall="All clear") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        office.alarms.end(FIRE)
        office.wait(lambda: len(twilio.to(ADA)) == 2)
        twilio.asked = [one for one in twilio.asked if ".n." not in one.id]  # as if it had not been done
    for now in (1010, 1020):
        with AlarmOffice(tmp_path, twilio, now=now, steps="text ada; wait 60s", recall="All clear") as office:
            office.wait(lambda: twilio.to(ADA)[1:] == ["Fire: All clear"])


def test_a_number_is_not_called_more_often_than_carriers_bear(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """The step passes without a call, and says so."""
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s; repeat 3", max_per_hour=2) as office:
        office.alarms.start(FIRE)
        for step in (1, 2, 3, 4):
            office.wait(lambda step=step: len(office.view().attempts) == step)  # type: ignore[misc]
            office.pass_time(60)
        office.wait(lambda: office.view().state == "exhausted")
        assert [one.status for one in office.view().attempts] == ["queued", "queued", "paced", "paced"]
        assert "maxPerHour" in office.view().attempts[-1].reason


def test_the_ceiling_of_alarms_holds_over_a_restart(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A warning is logged when half of the limit is used, and refused sends are reported, also after a restart."""
    with AlarmOffice(tmp_path, twilio, most_per_day=1) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.to(ADA))
    with AlarmOffice(tmp_path, twilio, most_per_day=1, now=1061) as office:
        office.wait(lambda: len(office.view().attempts) == 2 and office.view().attempts[1].status)
        assert "alarm_sends_per_day" in office.view().attempts[1].reason
        assert twilio.to(BOB) == []


def test_who_cannot_be_told_is_passed_over_at_once(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A number that Twilio refuses delays nobody."""
    twilio.refused[ADA] = Refusal("twilio.21211", "this is no number")
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.to(BOB))
        assert office.view().attempts[0].reason == "this is no number (twilio.21211)"


def test_a_text_that_nobody_has_confirmed_is_told(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If the wait ends after Twilio has accepted the text, the attempt shows that it may not have arrived."""
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 60s; text bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: office.view().attempts and office.view().attempts[0].status)
        office.pass_time(60)
        office.wait(lambda: any('"contact":"ada","way":"text","status":"queued"' in one for one in office.updates()))
        assert all('"severity":"critical"' in one for one in office.updates())


def test_the_message_has_the_states_of_items(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """An item that cannot be read is shown as a question mark, without waiting for it."""
    with AlarmOffice(tmp_path, twilio, steps="text ada", message="%item:Heat% in %item:Room%") as office:
        office.items.states["Heat"] = "61 °C"
        assert office.alarms.start(FIRE).message == "61 °C in ?"


def test_an_alarm_that_is_not_active_cannot_be_taken(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """The error says so; so does the one for an unknown alarm."""
    with AlarmOffice(tmp_path, twilio) as office:
        with pytest.raises(Refusal, match="not active"):
            office.alarms.acknowledge(FIRE, "ada")
        with pytest.raises(Refusal, match="unknown alarm"):
            office.alarms.start("twilio:alarm:a:flood")
        assert office.alarms.end(FIRE).state == "idle"


def test_other_steps(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Items get their commands, and topics get the JSON of the alarm or the given text."""
    steps = "item Siren ON, mqtt house/alarm, mqtt house/text fire, notify; wait 60s"
    with AlarmOffice(tmp_path, twilio, steps=steps) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: office.items.commands == [("Siren", "ON")] and len(office.published) == 3)
        published = dict(office.published)
        assert published["house/text"] == "fire" and published[""] == "Alarm Fire: Smoke"
        assert '"state":"alerting"' in published["house/alarm"]


@pytest.mark.parametrize(
    ("message", "is_test", "begin"),
    [
        ("", False, "Alarm Fire"),
        ("x" * 5000, False, "Alarm Fire: xxx"),
        ("Smoke", True, "This is a test. Alarm Fire: Smoke"),
    ],
)
def test_notification(tmp_path: Path, twilio: ScriptedTwilio, message: str, begin: str, *, is_test: bool) -> None:
    """It is never empty, fits the limit, and marks a test as such."""
    with AlarmOffice(tmp_path, twilio, steps="notify; wait 60s", message=message) as office:
        office.alarms.start(FIRE, is_test=is_test)
        office.wait(lambda: office.published)
        ((_, told),) = office.published
        assert told.startswith(begin) and len(told) <= 4000


def test_last_step_is_tried_again(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Although nothing follows it, also after a restart; but not after an acknowledgement."""
    with AlarmOffice(tmp_path, twilio, steps="text bob, item Siren ON, item Bell ON") as office:
        office.items.is_down = True
        office.alarms.start(FIRE)
        office.wait(lambda: office.view().state == "exhausted" and office.items.tries > 2)
    with AlarmOffice(tmp_path, twilio, steps="") as office:
        office.wait(lambda: sorted(office.items.commands) == [("Bell", "ON"), ("Siren", "ON")])


def test_last_step_is_tried_again_long_after_the_end_of_the_steps(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A restart makes no difference: the alarm can still be acknowledged, so the siren is still wanted."""
    with AlarmOffice(tmp_path, twilio, steps="text bob, item Siren ON") as office:
        office.items.is_down = True
        office.alarms.start(FIRE)
        office.wait(lambda: office.view().state == "exhausted" and office.items.tries > 1)
    with AlarmOffice(tmp_path, twilio, now=90_000.0, steps="") as office:
        office.wait(lambda: office.items.commands == [("Siren", "ON")])


def test_slow_steps_let_others_pass(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """While openHAB is down, topics get their messages immediately."""
    steps = ", ".join(f"item Siren{number} ON" for number in range(8)) + ", mqtt house/text fire; wait 60s"
    with AlarmOffice(tmp_path, twilio, steps=steps) as office:
        office.items.is_down = True
        office.alarms.start(FIRE)
        office.wait(lambda: office.published)
        assert office.items.tries <= 16
        office.alarms.acknowledge(FIRE, "bob")


def test_a_step_that_waits_for_its_turn_is_not_done_late(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """After an acknowledgement, the siren does not sound."""
    steps = ", ".join(f"item Slow{number} ON" for number in range(4)) + ", item Siren ON; wait 60s"
    with AlarmOffice(tmp_path, twilio, steps=steps) as office:
        office.items.may_go_on.clear()
        office.alarms.start(FIRE)
        office.wait(lambda: office.items.tries == 4)
        office.alarms.acknowledge(FIRE, "bob")
        office.items.may_go_on.set()
        office.wait(lambda: len(office.items.commands) == 4)
    assert ("Siren", "ON") not in office.items.commands


def test_a_call_is_ended_although_twilio_is_busy(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A temporary failure is retried, so that no phone keeps ringing."""
    twilio.troubles.append(TwilioError("twilio.20429", "too many requests to Twilio", retryable=True))
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        office.alarms.acknowledge(FIRE, "bob")
        office.wait(lambda: len(twilio.ended) == 1)


def test_every_text_of_a_test_says_so(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Not only the first one: a text about the acknowledgement or the all-clear must alarm nobody either."""
    with AlarmOffice(tmp_path, twilio, steps="text ada,eve, call bob; wait 60s", recall="All clear") as office:
        office.alarms.start(FIRE, is_test=True)
        office.wait(lambda: len(twilio.asked) == 3 and all(one.status for one in office.view().attempts))
        call = next(one.id for one in twilio.asked if one.args["to"] == BOB)
        answers = [office.text(ADA, text) for text in ("what? 1", "2", "ok", "1")]
        late = office.press(call, "1", call=f"SM-{call}")
        office.wait(lambda: len(twilio.asked) == 5 and len(twilio.ended) == 1)
        office.alarms.end(FIRE)
        office.wait(lambda: len(twilio.asked) == 8)
    texts = [text for person in range(3) for text in twilio.to(number(person))]
    assert len(texts) == 8 and all("This is a test." in text for text in texts)
    assert all("This is a test." in text for text in (*filter(None, answers), late, twilio.ended[0][1] or late))
    assert "This is a test. You have acknowledged the alarm. Thank you." in str(answers[2])


@pytest.mark.parametrize("message", ["x" * 5000, "&" * 5000])
def test_a_long_message_leaves_room_for_the_keys(tmp_path: Path, twilio: ScriptedTwilio, message: str) -> None:
    """A call still says how to acknowledge, and Twilio accepts no more than 4000 characters."""
    with AlarmOffice(tmp_path, twilio, message=message) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked)
    (document,) = twilio.to(ADA)
    assert document.count(". Press 1 to acknowledge") == 2 and len(document) < 4000


def test_what_is_over_is_not_announced_at_each_restart(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """An alarm that is exhausted notifies nobody any more, so no warning says that it continues."""
    with AlarmOffice(tmp_path, twilio, steps="text ada; wait 1s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        office.pass_time(1)
        office.wait(lambda: office.view().state == "exhausted")
    with capture_logs() as entries, AlarmOffice(tmp_path, twilio, steps="text ada; wait 1s", now=1010) as office:
        assert office.alarms.acknowledge(FIRE, "ada").state == "acknowledged"
    assert [one["event"] for one in entries if one["log_level"] == "warning"] == ["alarm.acknowledged"]


@pytest.mark.parametrize("is_taken", [False, True])
def test_an_alarm_during_its_test(tmp_path: Path, twilio: ScriptedTwilio, *, is_taken: bool) -> None:
    """A test gives way to the alarm, whose messages do not say that it is a test; a test does not stand in for an alarm."""
    with AlarmOffice(tmp_path, twilio, steps="text ada, call bob; wait 60s") as office:
        test = office.alarms.start(FIRE, is_test=True)
        office.wait(lambda: len(twilio.asked) == 2)
        if is_taken:
            office.alarms.acknowledge(FIRE, "ada")
        run = office.alarms.start(FIRE, by="an item")
        assert (run.is_test, run.state) == (False, "alerting") and run.run != test.run
        office.wait(lambda: twilio.to(ADA)[-1].startswith("Alarm Fire: Smoke"))
        office.wait(lambda: is_taken or twilio.ended)
        assert office.alarms.start(FIRE, is_test=True).run == run.run
        office.alarms.acknowledge(FIRE, "ada")
        after = office.alarms.start(FIRE, is_test=True)
        assert (after.run, after.state, after.is_test) == (run.run, "acknowledged", False)
        office.alarms.end(FIRE)
        assert office.alarms.start(FIRE, is_test=True).is_test
