"""Alarms from start to end, with a real broker and stand-ins for openHAB and Twilio."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.integration.alarm_home import ADA, BOB, CY, DAN, AlarmHome, alarm_home, uid
from tests.integration.test_lane_out import Wire
from tests.waiting import wait_until
from twilio_binding.protocol.announcement import GONE, Announcement


@pytest.fixture(scope="module")
def alarms() -> Iterator[AlarmHome]:
    """One stack for all; each test has its own alarm."""
    with alarm_home(
        'fire "Fire" [ steps="text ada,bob; wait 1s; call ada; wait 60s; call bob; wait 1m; repeat 1", message="Smoke", recall="All clear" ]',
        'water "Water" [ steps="call ada,bob; wait 60s" ]',
        'door "Door" [ steps="text cy; wait 1s", message="Open" ]',
        'night "Night" [ steps="call bob; wait 5m; call ada; wait 5m", message="Noise" ]',
        'pin "Safe" [ steps="call ada; wait 5m", requirePin=true ]',
        'freezer "Freezer" [ steps="text ada; wait 5m", message="Warm" ]',
        'garage "Garage" [ steps="text ada; wait 5m", message="Open" ]',
        'cloud "Cloud" [ steps="notify ada@example.com, notify; wait 5m", message="Smoke" ]',
        'attic "Attic" [ steps="text dan; wait 5m", message="Hot air", whatsAppTemplate="HX0123456789abcdef0123456789abcdef" ]',
        'cellar "Cellar" [ steps="text dan; wait 5m", message="Wet floor", whatsAppTemplate="HX0123456789abcdef0123456789abcdef" ]',
        f'loft "Loft" [ steps="whatsapp ada,bob; wait 5m", message="Draught", whatsAppTemplate="HX{"0" * 32}, de=HX{"d" * 32}" ]',
        'shed "Shed" [ steps="text ada,cy; wait 5m", message="Open" ]',
        'siren "Siren" [ steps="item Siren_Sound ON, mqtt house/alarm; wait 5m" ]',
        'boiler "Boiler" [ steps="text ada; wait 5m", message="%item:Heat%, pump %item:Boiler_Pump%, %item:Nothing%" ]',
        items='Number:Temperature Heat\nSwitch Boiler_Pump { twilio="" [ states="ON=running" ] }\n',
    ) as home:
        home.twilio.configure(pace=0.05)
        yield home


def test_from_a_switch_to_an_acknowledgement_by_key(alarms: AlarmHome) -> None:
    """ON at the item sends a text to both, then calls Ada, who acknowledges; Bob gets a text, and nobody else is called."""
    alarms.twilio.contact(ADA, script=["3", "1"])
    alarms.command("fire_active", "ON")
    alarms.wait_state("fire", "acknowledged")
    assert alarms.texts(ADA, "Fire: Smoke") == ["Alarm Fire: Smoke. Reply 1 or OK to acknowledge."]
    assert alarms.texts(BOB, "Fire: Smoke") == ["Alarm Fire: Smoke. Mit 1 oder OK antworten, um ihn zu übernehmen."]
    wait_until(lambda: alarms.state("fire", "acknowledged_by") == "Ada")
    wait_until(lambda: alarms.state("fire", "acknowledged_date").startswith("20"))
    wait_until(lambda: alarms.texts(BOB, "Ada hat ihn übernommen: Fire."))
    (call,) = wait_until(lambda: [one for one in alarms.calls(ADA) if "walk" in one])
    assert call["walk"]["said"][-1] == "You have acknowledged the alarm. Thank you. Goodbye."
    alarms.command("fire_active", "OFF")
    alarms.wait_state("fire", "idle")
    wait_until(lambda: alarms.texts(ADA, "Fire: All clear") and alarms.texts(BOB, "Fire: All clear"))
    wait_until(lambda: [update["state"] for update in alarms.updates("fire")][-1] == "idle")


def test_states_in_the_message_are_as_people_read_them(alarms: AlarmHome) -> None:
    """In openHAB, a converted state can have 34 digits, which nobody wants to hear in a call."""
    for item, state in (("Heat", "65.55555555555555555555555555555558 °C"), ("Boiler_Pump", "ON")):
        url, kind = f"{alarms.openhab.url}/rest/items/{item}/state", {"Content-Type": "text/plain"}
        requests.put(url, state.encode(), headers=kind, timeout=30).raise_for_status()
    wait_until(lambda: alarms.openhab.states("Heat") and alarms.openhab.states("Boiler_Pump"))
    alarms.command("boiler_active", "ON")
    wait_until(lambda: alarms.texts(ADA, "Alarm Boiler: 66 °C, pump running, ?"))
    alarms.command("boiler_active", "OFF")


def test_the_first_who_takes_it_has_it_and_the_other_call_ends(alarms: AlarmHome) -> None:
    """Both are called at once. While Ada's phone rings, Bob presses 1: her call ends, and she is told who acknowledged."""
    alarms.twilio.contact(ADA, script=["", "", ""])
    alarms.twilio.contact(BOB, script=["1"])
    alarms.twilio.configure(pace=1.0)
    alarms.ask("water", "startAlarm", message="Cellar under water")
    alarms.wait_state("water", "acknowledged")
    (call,) = wait_until(lambda: [one for one in alarms.calls(ADA) if "Water" in str(one) and "walk" in one])
    alarms.twilio.configure(pace=0.05)
    assert "Bob has acknowledged the alarm. Goodbye." in call["walk"]["said"]
    assert alarms.state("water", "message") == "Cellar under water"
    wait_until(lambda: alarms.texts(ADA, "Bob has acknowledged: Water."))
    assert "Bob has acknowledged: Water." in alarms.reply("1", sender=ADA)
    alarms.ask("water", "endAlarm")


def test_when_nobody_takes_it_that_is_told(alarms: AlarmHome) -> None:
    """After the last step, the state is exhausted; a contact without the right is not told how to acknowledge, and cannot."""
    alarms.command("door_active", "ON")
    alarms.wait_state("door", "exhausted")
    assert alarms.texts(CY, "Door") == ["Alarm Door: Open"]
    assert "may not acknowledge" in alarms.reply("1", sender=CY)
    assert alarms.ask("door", "acknowledgeAlarm", by="The neighbour").details["state"] == "acknowledged"
    alarms.wait_state("door", "acknowledged")
    wait_until(lambda: alarms.state("door", "acknowledged_by") == "The neighbour")


@pytest.mark.parametrize(
    ("conduct", "status"),
    [
        ({"status": "busy"}, "busy"),
        ({"status": "no-answer"}, "no-answer"),
        ({"status": "failed"}, "failed"),
        ({"answered_by": "machine_end_beep"}, "machine"),
        ({"script": ["2"]}, "passed"),
    ],
)
def test_a_call_that_reaches_nobody_is_passed_on_at_once(
    alarms: AlarmHome, conduct: dict[str, object], status: str
) -> None:
    """Ada is called within a second, not after the five minutes of the step."""
    alarms.twilio.configure(pace=0.05)
    before = len(alarms.calls(ADA))
    alarms.twilio.contact(BOB, **conduct)  # type: ignore[arg-type]
    alarms.twilio.contact(ADA, script=["1"])
    alarms.ask("night", "startAlarm")
    wait_until(lambda: len(alarms.calls(ADA)) > before, 5)
    alarms.wait_state("night", "acknowledged")
    told = wait_until(lambda: [one for one in alarms.updates("night") if one.get("status")])
    assert (told[-1]["contact"], told[-1]["status"]) == ("bob", status)
    assert alarms.ask("night", "endAlarm").details["state"] == "idle"


def test_a_machine_hears_the_message_once(alarms: AlarmHome) -> None:
    """The message does not end in a question that nobody answers, and keys have no effect."""
    alarms.twilio.contact(BOB, answered_by="machine_end_beep")
    alarms.twilio.contact(ADA, script=["1"])
    alarms.twilio.configure(pace=1.0)
    before = len(alarms.calls(BOB))
    alarms.ask("night", "startAlarm")
    (call,) = wait_until(lambda: [one for one in alarms.calls(BOB)[before:] if "walk" in one])
    alarms.twilio.configure(pace=0.05)
    assert call["walk"]["said"][-1] == "Hier ist Ihr Zuhause. Alarm Night. Noise"
    alarms.ask("night", "endAlarm")


def test_the_pin_is_asked_for(alarms: AlarmHome) -> None:
    """A wrong PIN is refused by phone and text; the right one acknowledges."""
    alarms.twilio.contact(ADA, script=["1", "1234", "9999"])
    alarms.ask("pin", "startAlarm", message="Open")
    call = wait_until(lambda: [one for one in alarms.calls(ADA) if "Safe" in str(one) and "walk" in one])[-1]
    said = " ".join(call["walk"]["said"])
    assert said.count("Enter your PIN") == 3 and said.count("This PIN is wrong.") == 2
    assert "PIN is missing or wrong" in alarms.reply("1", sender=ADA)
    assert "PIN is missing or wrong" in alarms.reply("1 0000", sender=ADA)
    assert alarms.state("pin") == "alerting"
    assert "You have acknowledged" in alarms.reply("1 4711", sender=ADA)
    alarms.wait_state("pin", "acknowledged")
    alarms.ask("pin", "endAlarm")


def test_several_alarms_are_taken_by_number(alarms: AlarmHome) -> None:
    """An ambiguous reply acknowledges neither; with a number it acknowledges one, and later the remaining one without."""
    alarms.ask("freezer", "startAlarm")
    alarms.ask("garage", "startAlarm")
    wait_until(lambda: alarms.texts(ADA, "Garage"))
    second = int(alarms.texts(ADA, "Garage")[-1].split("Reply 1 ")[1].split()[0])
    assert "Several alarms are open" in alarms.reply("OK", sender=ADA)
    assert "You have acknowledged" in alarms.reply(f"1 {second}", sender=ADA)
    alarms.wait_state("garage", "acknowledged")
    assert alarms.state("freezer") == "alerting"
    assert "You have acknowledged" in alarms.reply("ok, I am coming", sender=ADA)
    alarms.wait_state("freezer", "acknowledged")
    assert "You have acknowledged" in alarms.reply("1", sender=ADA)
    alarms.ask("freezer", "endAlarm")
    alarms.ask("garage", "endAlarm")
    assert "Message" not in alarms.reply("1", sender=ADA)


def test_a_test_among_several_alarms(alarms: AlarmHome) -> None:
    """The list of open alarms says which of them is a test, so that nobody mistakes it for the real one."""
    alarms.ask("freezer", "startAlarm")
    alarms.ask("garage", "startAlarm", test=True)
    wait_until(lambda: alarms.texts(ADA, "This is a test. Alarm Garage"))
    listed = alarms.reply("OK", sender=ADA)
    assert "Freezer" in listed and "Freezer (" not in listed and "Garage (This is a test)" in listed
    for alarm in ("freezer", "garage"):
        alarms.ask(alarm, "endAlarm")


def test_alarms_from_the_terminal(alarms: AlarmHome) -> None:
    """They are started, tested, acknowledged, ended and listed; an unknown name lists the known ones."""
    alarms.twilio.contact(ADA, script=[])
    assert alarms.terminal("alarm", "test", "garage").stdout == "twilio:alarm:myaccount:garage: alerting (test)\n"
    wait_until(lambda: alarms.texts(ADA, "This is a test. Alarm Garage: Open"))
    alarms.wait_state("garage", "alerting")
    listed = alarms.terminal("alarm", "list")
    assert listed.returncode == 1
    assert "twilio:alarm:myaccount:garage  alerting  Garage  step: text ada  message: Open" in listed.stdout
    acknowledged = alarms.terminal("alarm", "ack", "garage", "--by", "Grace")
    assert acknowledged.stdout.endswith("acknowledged by Grace (test)\n")
    assert alarms.terminal("alarm", "end", "garage").stdout == "twilio:alarm:myaccount:garage: idle\n"
    assert '"state": "idle"' in alarms.terminal("alarm", "end", "garage", "--json").stdout
    wrong = alarms.terminal("alarm", "start", "garden")
    assert wrong.returncode == 1 and "unknown alarm garden; known: twilio:alarm:myaccount:fire" in wrong.stderr
    unnamed = alarms.terminal("alarm", "start", "")
    assert unnamed.returncode == 1 and "the name of the alarm is empty; known: " in unnamed.stderr
    nothing = alarms.terminal("alarm", "ack", "garage")
    assert nothing.returncode == 1 and "not_active" in nothing.stderr


def test_no_test_of_an_active_alarm(alarms: AlarmHome) -> None:
    """The command fails and says why: nobody may believe that this is only a test."""
    assert alarms.terminal("alarm", "start", "garage").stdout.endswith("garage: alerting\n")
    told = alarms.terminal("alarm", "test", "garage")
    assert (told.returncode, told.stdout) == (1, "")
    assert "no test was started: this is a real alarm, and it is still active" in told.stderr
    assert alarms.terminal("alarm", "ack", "garage", "--by", "Grace").stdout.endswith("acknowledged by Grace\n")
    alarms.ask("garage", "endAlarm")


def test_an_alarm_that_is_removed_while_it_is_active(alarms: AlarmHome) -> None:
    """It can be acknowledged by text and in the terminal, and ended by its item."""
    alarms.ask("shed", "startAlarm")
    wait_until(lambda: alarms.texts(CY, "Shed"))
    wait_until(lambda: alarms.texts(ADA, "Shed"))
    alarms.remove("shed")
    told = alarms.terminal("alarm", "ack", uid("shed"), "--by", "Grace")
    assert told.stdout == f"{uid('shed')}: acknowledged by Grace\n"
    assert "Grace has acknowledged" in alarms.reply("1", sender=ADA)
    alarms.command("shed_active", "OFF")
    wait_until(lambda: alarms.terminal("alarm", "ack", uid("shed")).returncode == 1)
    assert alarms.terminal("alarm", "end", uid("shed")).stdout == f"{uid('shed')}: idle\n"
    never = alarms.terminal("alarm", "end", uid("never"))
    assert never.returncode == 1 and "unknown alarm" in never.stderr


def test_who_calls_while_an_alarm_is_open_takes_it(alarms: AlarmHome) -> None:
    """Ada hears two alarms one after the other; Cy, who cannot acknowledge, hears the greeting of the phone."""
    alarms.ask("freezer", "startAlarm")
    alarms.ask("garage", "startAlarm")
    strange = alarms.twilio.call([], caller=CY).said
    assert "Warm" not in " ".join(strange)
    said = " ".join(alarms.twilio.call(["1", "1"], caller=ADA).said)
    assert "Alarm Freezer. Warm. Press 1" in said and "You have acknowledged" in said and "Alarm Garage. Open" in said
    for alarm in ("freezer", "garage"):
        alarms.wait_state(alarm, "acknowledged")
        wait_until(lambda alarm=alarm: alarms.state(alarm, "acknowledged_by") == "Ada")  # type: ignore[misc]
        alarms.ask(alarm, "endAlarm")


def test_buttons_on_whatsapp(alarms: AlarmHome) -> None:
    """A template is sent; a button acknowledges the alarm of its message, although two are open."""
    for alarm in ("attic", "cellar"):
        alarms.ask(alarm, "startAlarm")
    to = f"whatsapp:{DAN}"
    wait_until(lambda: len(alarms.texts(to)) == 2)
    template = "HX0123456789abcdef0123456789abcdef"
    assert {text.rpartition(" ")[0] for text in alarms.texts(to)} == {
        f"{template} Attic Hot air",
        f"{template} Cellar Wet floor",
    }
    sids = {one["body"].split()[1]: one["sid"] for one in alarms.twilio.messages() if one["to"] == to}

    def press(text: str, payload: str, alarm: str = "") -> str:
        extra = {"ButtonText": text, "ButtonPayload": payload}
        extra |= {"OriginalRepliedMessageSid": sids[alarm]} if alarm else {}
        return str(alarms.twilio.receive_whatsapp(text, sender=DAN, extra=extra)["answer"])

    assert "Several alarms are open" in press("Take it", "1")
    assert "You have acknowledged" in press("Take it", "1", "Cellar")
    alarms.wait_state("cellar", "acknowledged")
    assert alarms.state("attic") == "alerting"
    assert "You have acknowledged" in press("OK", "some_id_of_theirs")
    alarms.wait_state("attic", "acknowledged")
    for alarm in ("attic", "cellar"):
        alarms.ask(alarm, "endAlarm")


def test_templates_by_language(alarms: AlarmHome) -> None:
    """Bob gets the German template, Ada the one for all other languages."""
    alarms.ask("loft", "startAlarm")
    wait_until(lambda: alarms.texts(f"whatsapp:{ADA}", f"HX{'0' * 32} Loft Draught"))
    wait_until(lambda: alarms.texts(f"whatsapp:{BOB}", f"HX{'d' * 32} Loft Draught"))
    alarms.ask("loft", "endAlarm")


def test_notify_goes_through_the_script(alarms: AlarmHome) -> None:
    """OpenHAB Cloud notifies a user, then all users; until the script is there, the thing says what is missing."""
    wait_until(lambda: "twilio-binding install" in alarms.thing("cloud")["description"])
    assert alarms.thing("cloud")["status"] == "ONLINE"
    alarms.ask("cloud", "startAlarm")
    secret = (alarms.stack.folder / "data" / "relay-secret").read_text(encoding="ascii")
    alarms.openhab.contents.load_script(secret)
    sent = [{"text": "Alarm Cloud: Smoke", "user": user} for user in ("ada@example.com", "")]
    wait_until(lambda: sorted(alarms.openhab.contents.notifications(), key=str) == sorted(sent, key=str), 30)
    alarms.ask("cloud", "endAlarm")
    alarms.openhab.contents.unload_script()
    with Wire(alarms.stack.broker.url, "script") as wire:
        said = Announcement(instance="i", bridge="1", features=("events", "notifications"))
        wire.connection.publish("twilio/bridge", said.encode(), retain=True).wait_for_publish(10)
        wait_until(lambda: not alarms.thing("cloud")["description"], 20)
        wire.connection.publish("twilio/bridge", GONE, retain=True).wait_for_publish(10)
        wait_until(lambda: alarms.thing("cloud")["description"], 20)
