"""What must not keep an alarm from notifying people: outages, retries, restarts, and late statuses of calls."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedTwilio, number
from twilio_binding.alarms.runs import Runs
from twilio_binding.model.uids import ThingUID
from twilio_binding.protocol.errors import Refusal
from twilio_binding.store import Database, Timeline
from twilio_binding.store.alarms import SqliteAlarmLog

ADA, BOB = number(0), number(1)


@pytest.fixture(autouse=True)
def _told(announced: Announced) -> None:
    """Expect the warnings that alarms log."""
    announced("alarm.started", "alarm.acknowledged", "alarm.ended", "alarm.exhausted", "alarm.goes_on", "alarm.refused")


@pytest.fixture
def twilio() -> ScriptedTwilio:
    """A Twilio that accepts everything."""
    return ScriptedTwilio()


def _press(office: AlarmOffice, twilio: ScriptedTwilio, digits: str, call: int = 0) -> str:
    """The answer to a key in a call."""
    request = twilio.asked[call]
    return office.press(request.id, digits, call=f"SM-{request.id}", to=str(request.args["to"]))


def _fill(disk: sqlite3.Connection) -> None:
    """Let nothing more of alarms be stored, as if the disk were full, until the trigger is dropped."""
    disk.execute("CREATE TRIGGER full BEFORE INSERT ON alarm_records BEGIN SELECT RAISE(ABORT, 'disk full'); END")


def _tell(office: AlarmOffice, twilio: ScriptedTwilio, call: int = 0, **fields: str) -> None:
    """A status callback of a call."""
    request = twilio.asked[call].id
    given = {"CallSid": f"SM-{request}"} | fields
    office.taker.status(office.webhook("status", given, request=request))


def _logged() -> set[str]:
    """The events that were logged in this test."""
    return {entry["event"] for entry in structlog.get_config()["processors"][-1].entries}


def test_calls_that_were_never_made_do_not_count(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """After many rounds without internet, the phone rings, although calls were due often before."""
    twilio.is_away = True
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s; repeat 9", max_per_hour=2) as office:
        office.alarms.start(FIRE)
        for step in range(1, 5):
            office.wait(lambda step=step: len(office.view().attempts) == step)  # type: ignore[misc]
            office.pass_time(60)
        office.wait(lambda: len(twilio.asked) == 5)
        assert [one.status for one in office.view().attempts] == [*["withdrawn"] * 4, ""]
    with AlarmOffice(tmp_path, twilio, steps="", max_per_hour=2, now=1300) as office:
        office.wait(lambda: len(twilio.asked) == 6)
        assert office.view().attempts[-1].status != "paced"


def test_somebody_who_is_named_twice_is_told(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Neither attempt of a step replaces the other."""
    with AlarmOffice(tmp_path, twilio, steps="text ada,ada; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.to(ADA)) == 2)
        assert not any(office.is_withdrawn(one.id) for one in twilio.asked)


def test_what_a_newer_step_replaced_does_not_go_out_after_a_crash(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Also if the service was killed after the next step began and before the older attempt was recorded as withdrawn."""
    steps = "call ada; wait 60s; repeat 1"
    twilio.is_away = True
    with AlarmOffice(tmp_path, twilio, steps=steps) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 1)
        office.pass_time(60)
        office.wait(lambda: len(twilio.asked) == 2)
    with closing(sqlite3.connect(tmp_path / "db")) as disk, disk:
        assert disk.execute("DELETE FROM alarm_records WHERE body LIKE '%withdrawn%'").rowcount == 1
    with AlarmOffice(tmp_path, twilio, steps=steps, now=1070) as office:
        first, second = (one.id for one in twilio.asked[:2])
        assert office.is_withdrawn(first) and not office.is_withdrawn(second)


def test_a_call_does_not_stand_in_its_own_way(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If its request was not stored before the service was killed, it is made afterwards, even with one call per hour."""
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s", max_per_hour=1) as office:
        twilio.is_away = True
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked)
    twilio.asked.clear()
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s", max_per_hour=1, now=1010) as office:
        office.wait(lambda: twilio.to(ADA))
        assert office.view().attempts[0].status != "paced"


def test_who_takes_it_by_text_is_not_kept_in_the_call(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Their call ends like those of others."""
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        _tell(office, twilio, CallStatus="in-progress")
        office.wait(lambda: office.view().attempts[0].status == "in-progress")
        office.alarms.acknowledge(FIRE, "ada")
        office.wait(lambda: twilio.ended)


def test_who_takes_it_by_key_hears_that_to_its_end(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """The call to the other person ends, theirs does not, also after a restart."""
    with AlarmOffice(tmp_path, twilio, steps="call ada,bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 2 and all(one.status for one in office.view().attempts))
        assert "You have acknowledged" in _press(office, twilio, "1")
        office.wait(lambda: twilio.ended)
    with AlarmOffice(tmp_path, twilio, now=1010, steps="call ada,bob; wait 60s") as office:
        office.wait(lambda: len(twilio.ended) == 2)
    assert {sid for sid, _ in twilio.ended} == {f"SM-{twilio.asked[1].id}"}


def test_who_has_pressed_a_key_is_no_machine(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If Twilio's detection comes late, the call continues, and the next key counts."""
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        assert "Press 1" in _press(office, twilio, "3")
        _tell(office, twilio, AnsweredBy="machine_end_beep")
        assert "You have acknowledged" in _press(office, twilio, "1")
        assert office.view().taken_by == "Ada" and not twilio.ended


def test_an_error_with_one_person_keeps_nobody_else_from_being_told(
    tmp_path: Path, twilio: ScriptedTwilio, announced: Announced
) -> None:
    """Bob is called although the call to Ada failed because of an internal error."""
    announced("alarm.not_begun")
    begin = twilio.begin

    def fail_once(*given: object) -> None:
        twilio.begin = begin  # type: ignore[method-assign]
        raise OSError("no room")

    twilio.begin = fail_once  # type: ignore[assignment, method-assign]
    with AlarmOffice(tmp_path, twilio, steps="call ada,bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.to(BOB))
        office.wait(lambda: twilio.to(ADA))


def test_old_news_is_not_told_again(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If an alarm was acknowledged weeks ago and never ended, a restart sends nothing."""
    with AlarmOffice(tmp_path, twilio, steps="text ada,bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 2 and all(one.status for one in office.view().attempts))
        office.alarms.acknowledge(FIRE, "ada")
        office.wait(lambda: len(twilio.to(BOB)) == 2)
    twilio.asked = [one for one in twilio.asked if ".n." not in one.id]  # requests are deleted after some days
    weeks_later = 1000 + 40 * 86400.0
    with AlarmOffice(tmp_path, twilio, now=weeks_later, steps="text ada,bob; wait 60s") as office:
        with pytest.raises(Refusal):
            office.alarms.start("twilio:alarm:a:flood")
        assert office.alarms.acknowledge(FIRE, "bob").taken_by == "Ada"  # the engine has loaded it before
    assert len(twilio.to(BOB)) == 1


def test_what_the_watchdog_sees_is_not_lost_to_a_full_disk(
    tmp_path: Path, twilio: ScriptedTwilio, announced: Announced
) -> None:
    """The alarm starts as soon as it can be stored."""
    announced("alarm.not_started", "store.write_failed")
    with AlarmOffice(tmp_path, twilio, starts_when="item Smoke = ON") as office:
        with closing(sqlite3.connect(tmp_path / "db")) as disk:
            _fill(disk)
            office.items.states["Smoke"] = "ON"
            office.look_at_items()
            office.wait(lambda: "alarm.not_started" in _logged())
            assert office.view().state == "idle"
            disk.execute("DROP TRIGGER full")
        office.wait(lambda: twilio.to(ADA))


def test_the_watchdog_fills_the_states_of_items_in(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """As with every other start; without a message, the reason is given in the language of the alarm."""
    office = AlarmOffice(tmp_path, twilio, starts_when="item Smoke = ON", message="%item:Heat% in the kitchen")
    with office:
        office.items.states |= {"Smoke": "ON", "Heat": "66 °C"}
        office.look_at_items()
        office.wait(lambda: twilio.to(ADA))
        assert "66 degrees Celsius in the kitchen" in twilio.to(ADA)[0]
        assert office.view().message == "66 °C in the kitchen"
        office.alarms.end(FIRE)
    with AlarmOffice(tmp_path, twilio, starts_when="item Smoke = OPEN", message="", language="de") as office:
        office.items.states["Smoke"] = "OPEN"
        office.look_at_items()
        office.wait(lambda: office.view().state == "alerting")
        assert office.view().message == "Smoke ist OPEN."


def test_a_siren_that_waits_for_openhab_sounds_after_a_restart(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A command that was not carried out before a restart is sent afterwards; one that was is not repeated."""
    steps = "item Siren ON, mqtt house/alarm fire; wait 60s"
    with AlarmOffice(tmp_path, twilio, steps=steps) as office:
        office.items.is_down = True
        office.alarms.start(FIRE)
        office.wait(lambda: office.published)
    with AlarmOffice(tmp_path, twilio, steps=steps, now=1010) as office:
        office.wait(lambda: office.items.commands == [("Siren", "ON")])
        assert office.published == []
    with AlarmOffice(tmp_path, twilio, steps=steps, now=1020) as office:
        assert office.alarms.acknowledge(FIRE, "ada").state == "acknowledged"
        assert office.items.commands == []


def test_an_alarm_goes_on_although_the_time_has_gone_back(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """On a machine without a clock that lost its time, the newer run is the one that began later."""
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.alarms.end(FIRE)
    with AlarmOffice(tmp_path, twilio, now=500) as office:
        office.alarms.start(FIRE)
        office.pass_time(60)
        office.wait(lambda: twilio.to(BOB))
    with AlarmOffice(tmp_path, twilio, now=570) as office:
        assert office.view().state == "alerting"


def test_a_refusal_that_cannot_be_stored_keeps_nobody_else_from_being_told(
    tmp_path: Path, twilio: ScriptedTwilio, announced: Announced
) -> None:
    """If the disk is full at the moment when a contact turns out to be missing, Bob is still notified."""
    announced("store.write_failed")
    with AlarmOffice(tmp_path, twilio, steps="call gone,bob; wait 60s") as office:
        with closing(sqlite3.connect(tmp_path / "db")) as disk:
            disk.execute(
                "CREATE TRIGGER full BEFORE INSERT ON alarm_records WHEN new.kind = 'outcome'"
                " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.to(BOB))


def test_what_cannot_be_read_at_a_restart_is_told_all_the_same(
    tmp_path: Path, twilio: ScriptedTwilio, announced: Announced
) -> None:
    """If the outbox does not answer at the start, both contacts are notified soon afterwards."""
    announced("alarm.not_begun")
    steps = "call ada,bob; wait 60s"
    twilio.is_away = True
    with AlarmOffice(tmp_path, twilio, steps=steps) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 2)
    resume = twilio.resume

    def fail_once(*given: object) -> bool:
        twilio.resume = resume  # type: ignore[method-assign]
        raise OSError("no answer")

    twilio.resume = fail_once  # type: ignore[assignment, method-assign]
    twilio.is_away = False
    with AlarmOffice(tmp_path, twilio, steps=steps, now=1010) as office:
        office.wait(lambda: all(one.status for one in office.view().attempts))


def test_while_twilio_is_away_for_ten_minutes_the_steps_go_on(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """After outages of 45 seconds and of minutes, everybody who is due is notified when Twilio is back."""
    twilio.is_away = True
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s; call bob; wait 60s; text ada; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: len(twilio.asked) == 1)
        office.pass_time(45)
        for begun in (2, 3):
            office.pass_time(60)
            office.wait(lambda begun=begun: len(twilio.asked) == begun)  # type: ignore[misc]
        office.pass_time(435)
        assert office.view().state == "alerting"
        assert not any(office.is_withdrawn(one.id) for one in twilio.asked)
        twilio.come_back()
        office.wait(lambda: all(one.status for one in office.view().attempts))


def test_the_steps_do_not_wait_while_an_outcome_is_written(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A slow disk delays only Twilio's callback; its content is known immediately."""
    is_open = threading.Event()
    is_open.set()

    def commit(work: Callable[[], object]) -> object:
        is_open.wait(30)
        return work()

    with AlarmOffice(tmp_path, twilio, commit=commit) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        is_open.clear()
        callback = threading.Thread(target=_tell, args=(office, twilio), kwargs={"CallStatus": "in-progress"})
        other = threading.Thread(target=_tell, args=(office, twilio), kwargs={"CallStatus": "busy"})
        try:
            for thread in (callback, other):
                thread.start()
            office.wait(lambda: office.view().attempts[0].status == "busy")
            assert other.is_alive()  # Twilio sends it once, so it gets no answer before it is on disk
        finally:
            is_open.set()
        other.join(30)
        office.wait(lambda: twilio.to(BOB))


def test_steps_that_are_due_together_wait_for_the_disk_once(tmp_path: Path) -> None:
    """Forty simultaneous alarms do not take forty times as long."""
    commits: list[int] = []

    def commit(work: Callable[[], object]) -> object:
        commits.append(1)
        return work()

    database = Database(tmp_path / "db", commit=commit)
    database.start()
    runs = Runs(SqliteAlarmLog(database, clock=lambda: 0.0), lambda: 0.0)
    begun = [runs.begin(f"twilio:alarm:a:{number}", steps="call ada; wait 1s; repeat 1") for number in range(40)]
    commits.clear()
    after = runs.note_all({run.id: "step" for run in begun})
    assert [run.step for run in after] == [2] * 40
    assert len(commits) == 1
    database.stop()


def test_no_open_alarm_is_forgotten(tmp_path: Path) -> None:
    """Even if there are more open alarms than stored runs, each continues."""
    database = Database(tmp_path / "db")
    database.start()
    runs = Runs(SqliteAlarmLog(database, clock=lambda: 0.0), lambda: 0.0)
    begun = [runs.begin(f"twilio:alarm:a:{number}", steps="call ada; wait 1s; repeat 1") for number in range(205)]
    assert all(runs.get(run.id) for run in begun)
    assert not any(runs.is_withdrawn(f"alarm.{run.id}.1.0") for run in begun)
    assert {run.step for run in runs.note_all({run.id: "step" for run in begun})} == {2}
    database.stop()


def test_an_alarm_goes_on_although_the_timeline_was_lost(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """If its file is lost and the clock was set back by a day, the next step still comes after its wait, not after a day."""
    steps = "call ada; wait 60s; call bob; wait 60s"
    with AlarmOffice(tmp_path, twilio, steps=steps, now=100_000) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.to(ADA))
    database = Database(tmp_path / "db")
    database.start()
    line = Timeline(tmp_path / "timeline", clock=lambda: 13_600.0, up=lambda: 5.0, boot="other")
    runs = Runs(SqliteAlarmLog(database, clock=line.now), line.now)
    line.not_before(runs.restore())
    (run,) = runs.open()
    assert run.due() == pytest.approx(line.now() + 60)
    database.stop()


@pytest.mark.parametrize("key", ["1", "2"])
def test_a_key_that_cannot_be_stored_is_not_confirmed(
    tmp_path: Path, twilio: ScriptedTwilio, announced: Announced, key: str
) -> None:
    """While the disk is full, the caller hears the alarm again, not the goodbye of the phone, and can repeat the key."""
    announced("alarm.key_failed", "store.write_failed", "alarm.job_failed", "alarm.work_failed")
    with AlarmOffice(tmp_path, twilio) as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        with closing(sqlite3.connect(tmp_path / "db")) as disk:
            _fill(disk)
            assert "Smoke. Press 1 to acknowledge" in _press(office, twilio, key)
            assert office.view().state == "alerting"
            disk.execute("DROP TRIGGER full")
        assert "You have acknowledged" in _press(office, twilio, "1")


def test_somebody_who_gets_another_name_during_the_call(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """Their keys count, because it is their number that was called."""
    with AlarmOffice(tmp_path, twilio, steps="call bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        bob = office.contacts.pop(ThingUID("twilio:contact:a:bob"))
        new = replace(bob, uid=ThingUID("twilio:contact:a:robert"), label="Robert")
        office.contacts[new.uid] = new
        assert "You have acknowledged" in _press(office, twilio, "1")
        assert office.view().taken_by == "Robert" and twilio.ended == []


def test_a_call_to_somebody_who_is_no_contact_any_more_ends_too(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """When somebody else acknowledges; their keys have no effect."""
    with AlarmOffice(tmp_path, twilio, steps="call bob; wait 60s") as office:
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked and office.view().attempts[0].status)
        del office.contacts[ThingUID("twilio:contact:a:bob")]
        assert _press(office, twilio, "1") == "<Response><Hangup/></Response>"
        office.alarms.acknowledge(FIRE, "ada")
        office.wait(lambda: twilio.ended == [(f"SM-{twilio.asked[0].id}", "")])


@pytest.mark.parametrize("is_over", [False, True])
def test_a_call_that_twilio_accepts_too_late_ends(tmp_path: Path, twilio: ScriptedTwilio, *, is_over: bool) -> None:
    """Twilio had been asked when somebody acknowledged the alarm or ended it."""
    with AlarmOffice(tmp_path, twilio, steps="call ada; wait 60s") as office:
        twilio.is_away = True
        office.alarms.start(FIRE)
        office.wait(lambda: twilio.asked)
        if is_over:
            office.alarms.end(FIRE)
        else:
            office.alarms.acknowledge(FIRE, "the console")
        assert twilio.ended == []
        twilio.come_back()
        office.wait(lambda: [sid for sid, _ in twilio.ended] == [f"SM-{twilio.asked[0].id}"])


def test_an_alarm_that_is_removed_while_it_starts_leaves_nothing_behind(tmp_path: Path, twilio: ScriptedTwilio) -> None:
    """A run without steps would be open forever."""
    with AlarmOffice(tmp_path, twilio, message="%item:Heat%") as office:
        alarms = dict(office.things.alarms)

        def told(_item: str, _language: str) -> str:
            office.things.alarms.clear()  # type: ignore[attr-defined]
            return "66"

        office.items.told = told  # type: ignore[assignment,method-assign]
        with pytest.raises(Refusal, match="unknown alarm"):
            office.alarms.start(FIRE)
        assert office.stored() == []
        office.things.alarms.update(alarms)  # type: ignore[attr-defined]
        assert office.view().state == "idle"
