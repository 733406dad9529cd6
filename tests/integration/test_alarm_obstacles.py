"""What must not keep an alarm from anybody: STOP, limits, quiet hours, numbers that Twilio refuses, and other alarms."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.alarm_home import ACCOUNT, ADA, BOB, CY, AlarmHome, alarm_home, uid
from tests.waiting import wait_until
from twilio_binding.actions import connect

EVE = "+15557654325"
_CONTACTS = {
    "eve": f'phoneNumber="{EVE}", quietHours="00:00-23:59", rights="acknowledge"',
    "wrong": 'phoneNumber="+15005550001"',
    "landline": 'phoneNumber="+15005550009"',
    "stopped": 'phoneNumber="+15005550004"',
}
_MANY = [f"many{number}" for number in range(40)]
_LIMITS = (
    "MESSAGES_PER_HOUR",
    "MESSAGES_PER_DAY",
    "CALLS_PER_HOUR",
    "CALLS_PER_DAY",
    "EMERGENCIES_PER_DAY",
    "LOOP_SENDS",
)


@pytest.fixture(scope="module")
def home() -> Iterator[AlarmHome]:
    """A stack in which each limit but that of alarms is 1."""
    with alarm_home(
        'stop "Stop" [ steps="text ada; wait 5m; call bob; wait 5m", message="Smoke" ]',
        'wrong "Wrong" [ steps="text wrong; wait 5m; text cy; wait 5m", message="Smoke" ]',
        'landline "Landline" [ steps="text landline; wait 5m; text cy; wait 5m", message="Smoke" ]',
        'stopped "Stopped" [ steps="text stopped; wait 5m; text cy; wait 5m", message="Smoke" ]',
        'unreached "Unreached" [ steps="call wrong; wait 5m; text cy; wait 5m", message="Smoke" ]',
        'busy "Busy" [ steps="call ada,bob; wait 5m; text cy; wait 5m", message="Smoke" ]',
        'quiet "Quiet" [ steps="text eve; wait 1s; call eve; wait 5m", message="Smoke" ]',
        'often "Often" [ steps="text cy; wait 1s; call cy; wait 1s; repeat 2", message="Smoke" ]',
        *(f'{name} "{name}" [ steps="call ada,bob; wait 5m", maxPerHour=60 ]' for name in _MANY),
    ) as alarms:
        contacts = (
            f"Thing twilio:contact:myaccount:{name} ({ACCOUNT}) [ {given} ]" for name, given in _CONTACTS.items()
        )
        alarms.stack.things.with_name("more.things").write_text("\n".join(contacts) + "\n", encoding="utf-8")
        _limit(alarms, **dict.fromkeys(_LIMITS, "1"))
        alarms.twilio.configure(pace=0.05)
        yield alarms


def _limit(home: AlarmHome, **limits: str) -> None:
    """Restart the service with these limits."""
    settings = {f"TWILIO_BINDING_LIMITS__{name}": most for name, most in limits.items()}
    home.stack.service.restart_as("twilio_binding", settings)


def _reasons(home: AlarmHome, alarm: str) -> list[str]:
    """Why attempts of an alarm were refused."""
    return [str(one.get("reason")) for one in home.updates(alarm) if one.get("status") == "refused"]


def test_after_stop_the_next_step_comes_at_once(home: AlarmHome) -> None:
    """Twilio refuses the text to Ada, so Bob is called now; after START, Ada gets texts again."""
    home.reply("STOP", sender=ADA)
    home.twilio.contact(BOB, script=["1"])
    home.command("stop_active", "ON")
    home.wait_state("stop", "acknowledged", 30)
    assert home.texts(ADA, "Stop") == []
    (reason,) = wait_until(lambda: _reasons(home, "stop"))
    assert "21610" in reason and "START" in reason
    home.reply("START", sender=ADA)
    home.command("stop_active", "ON")
    wait_until(lambda: home.texts(ADA, "Alarm Stop: Smoke."), 30)
    home.command("stop_active", "OFF")


@pytest.mark.parametrize(
    ("alarm", "code"), [("wrong", "21211"), ("landline", "21614"), ("stopped", "21610"), ("unreached", "21217")]
)
def test_a_number_that_twilio_refuses_costs_no_time(home: AlarmHome, alarm: str, code: str) -> None:
    """The next step does not wait for five minutes, and the trigger says why."""
    home.command(f"{alarm}_active", "ON")
    wait_until(lambda: home.texts(CY, f"Alarm {alarm.title()}: Smoke"), 30)
    (reason,) = wait_until(lambda: _reasons(home, alarm))
    assert code in reason
    home.command(f"{alarm}_active", "OFF")


def _statuses(home: AlarmHome, alarm: str) -> list[str]:
    return [str(one.get("status")) for one in home.updates(alarm) if one.get("contact") in ("ada", "bob")]


def test_if_both_are_busy_the_next_step_comes_at_once(home: AlarmHome) -> None:
    """One busy contact is not enough for that."""
    home.twilio.contact(ADA, status="busy")
    home.twilio.contact(BOB, status="busy")
    home.command("busy_active", "ON")
    wait_until(lambda: home.texts(CY, "Alarm Busy: Smoke"), 30)
    wait_until(lambda: len(_statuses(home, "busy")) == 2)  # triggers may come after the text
    assert _statuses(home, "busy") == ["busy"] * 2
    home.command("busy_active", "OFF")


def test_quiet_hours_do_not_hold_it_back(home: AlarmHome) -> None:
    """Eve gets the text and the call, although she wants quiet all day."""
    home.twilio.contact(EVE, script=["1"])
    home.command("quiet_active", "ON")
    home.wait_state("quiet", "acknowledged", 30)
    assert home.texts(EVE, "Alarm Quiet: Smoke.") and home.calls(EVE)
    home.command("quiet_active", "OFF")


def test_no_limit_of_other_sends_holds(home: AlarmHome) -> None:
    """Three equal texts and three calls to one number come, although one text or call an hour is allowed."""
    home.twilio.contact(CY, status="no-answer")
    calls = len(home.calls(CY))
    home.command("often_active", "ON")
    home.wait_state("often", "exhausted", 60)
    assert len(home.texts(CY, "Alarm Often: Smoke")) == 3 and len(home.calls(CY)) == calls + 3
    assert _reasons(home, "often") == []


def test_many_at_once(home: AlarmHome) -> None:
    """Forty alarms call two people each, and are acknowledged at the same time: all calls end, and no connection is lost."""
    for who in (ADA, BOB):
        home.twilio.contact(who, script=["", "", "", ""])
    home.twilio.configure(pace=5.0)
    before = len(home.calls())
    with connect(home.stack.broker.url, timeout=60) as client, ThreadPoolExecutor(len(_MANY)) as pool:

        def ask(action: str, **args: str) -> set[str]:
            results = pool.map(lambda name: client.call(uid(name), action, args), _MANY)
            return {str(result.details.get("state", result)) for result in results}

        assert ask("startAlarm") == {"alerting"}
        wait_until(lambda: len(home.calls()) - before == 2 * len(_MANY), 40, "all calls to be made")
        assert ask("acknowledgeAlarm", by="Grace") == {"acknowledged"}
        home.twilio.configure(pace=0.05)
        for who, told in ((ADA, "Grace has acknowledged"), (BOB, "Grace hat ihn")):
            wait_until(lambda who=who, told=told: len(home.texts(who, told)) == len(_MANY), 30)  # type: ignore[misc]
        assert ask("endAlarm") == {"idle"}
    assert "pool is full" not in home.stack.service.log.read_text(encoding="utf-8")


def test_its_own_limit_is_told_long_before() -> None:
    """At half of the limit, the log warns; beyond it, texts are left out with a reason, and other steps happen."""
    with alarm_home(
        'flood "Flood" [ steps="text cy,bob; text cy,bob; text cy,bob; text cy,bob; item Siren ON; wait 5m" ]',
        items="Switch Siren\n",
    ) as home:
        _limit(home, ALARM_SENDS_PER_DAY="6")
        home.command("flood_active", "ON")
        wait_until(lambda: home.openhab.states("Siren"), 30, "the siren")
        reasons = wait_until(lambda: [one["reason"] for one in home.updates("flood") if one.get("status") == "paced"])
        assert "alarm_sends_per_day" in reasons[0]
        assert len(home.texts(CY)) + len(home.texts(BOB)) == 6
        log = home.stack.service.log.read_text(encoding="utf-8")
        assert 0 < log.index("alarm.many_sends") < log.index("alarm.paced")
