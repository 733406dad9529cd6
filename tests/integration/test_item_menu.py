"""The phone menu: keys, groups, PINs, speech, rules that come first, and strangers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.waiting import wait_until
from twilio_binding.sandbox.twilio.signing import Form

PHONE = "twilio:phone:myaccount:myphone"
_ADA, _BOB = "+15557654321", "+15557654322"
_HEADERS = {"Authorization": "Bearer oh.demo.0123456789", "Content-Type": "text/plain"}
_CONTACTS = f"""
    Thing contact ada "Ada" [ phoneNumber="{_ADA}", language="en", rights="read,command", pin="4711" ]
    Thing contact bob "Bob" [ phoneNumber="{_BOB}", language="de", voice="Polly.Vicki", rights="read" ]
}}"""
_ITEMS = """
Switch Kitchen_Light "Kitchen light" { twilio="kitchen light" [ key=1, status=true ] }
Rollershutter Blind "Blind" { twilio="blind" [ key=2 ] }
Number:Temperature Living "Living room" { twilio="living room" [ key=3, status=true ] }
Switch Garage "Garage" { twilio="garage" [ key=4, pin=true, states="ON=open,OFF=closed" ] }
Switch Gate "Gate" { twilio="gate" [ key=6, callback=true ] }
Switch Boiler "Boiler" { twilio="boiler" [ key=5, confirm=true ] }
DateTime Clock "Clock" { twilio="clock" [ key=8 ] }
"""
_MANY = "\n".join(
    f'Switch Lamp_{group}_{number} "Lamp {group} {number}" (g{group}) {{ twilio="" [ key={number} ] }}'
    for group in "AB"
    for number in range(1, 7)
)
_GROUPS = 'Group gA "Attic"\nGroup gB "Basement"\n'


@pytest.fixture(scope="module")
def made() -> Iterator[Stack]:
    """A stack where calls use items."""
    with stack() as up:
        (up.folder / "items" / "own.items").write_text(_ITEMS, encoding="utf-8")
        configure(up, "menu=true, speech=true")
        yield up


@pytest.fixture
def home(made: Stack) -> Stack:
    """The stack of the module, with known states."""
    for item, state in (("Kitchen_Light", "OFF"), ("Living", "21.5 °C"), ("Garage", "OFF"), ("Boiler", "OFF")):
        set_state(made, item, state)
    return made


def configure(home: Stack, parameters: str) -> None:
    """Give the phone parameters, and wait until they apply."""
    text = home.things.read_text(encoding="utf-8")
    phone = 'Thing phone myphone "My Twilio Number" [ phoneNumber="+15551234567"'
    begin, _, end = text.partition(phone)
    rest = end.partition("]")[2].partition("\n")[2]
    rest = rest if "contact" in rest else _CONTACTS.lstrip("\n")
    home.things.write_text(f"{begin}{phone}, {parameters} ]\n{rest}", encoding="utf-8")
    wanted = "menu=true" in parameters
    wait_until(lambda: ("For the status" in " ".join(home.twilio.call([], caller=_ADA).said)) is wanted, 20, "the menu")


def set_state(home: Stack, item: str, state: str) -> None:
    """Give an item a state."""
    url = f"{home.openhab.url}/rest/items/{item}/state"
    requests.put(url, data=state.encode(), headers=_HEADERS, timeout=30).raise_for_status()
    wait_until(lambda: home.openhab.states(item)[-1:] == [state], 10)


def call(home: Stack, *keys: str, caller: str = _ADA) -> list[str]:
    """What a caller hears who presses keys, or speaks, one after the other."""
    return home.twilio.call(list(keys), caller=caller).said


def test_keys(home: Stack) -> None:
    """The menu says states and keys; a key sends the announced command, and its effect is heard."""
    said = call(home, "1")
    assert said[0].startswith("Kitchen light is off. To switch it on, press 1. For Blind, press 2.")
    assert said[1].startswith("Kitchen light is on. To switch it off, press 1.")
    assert home.openhab.states("Kitchen_Light")[-1] == "ON"


def test_states_with_names(home: Stack) -> None:
    """The other state of a switch is announced with the name that its metadata gives it."""
    set_state(home, "Garage", "ON")
    assert "Garage is open. To close it, press 4." in call(home)[0]
    set_state(home, "Garage", "OFF")
    assert "Garage is closed. To open it, press 4." in call(home)[0]


def test_trigger_says_who_answered(home: Stack) -> None:
    """Calls and keys still reach rules; the payload ends with who handled them."""
    call(home, "9")
    for channel in ("call-received", "dtmf-received"):
        triggers = wait_until(lambda channel=channel: home.openhab.triggers(channel=f"{PHONE}:{channel}"), 10)  # type: ignore[misc]
        assert list(json.loads(str(triggers[-1]["payload"])).items())[-1] == ("handledBy", "menu")


def test_status_repeat_and_unknown_keys(home: Stack) -> None:
    """9 is the status, with spoken numbers; # repeats, * goes back, and other keys do nothing."""
    said = call(home, "9", "#", "7")
    assert said[1].startswith("Kitchen light is off. Living room is 22 degrees.")
    assert said[2] == said[0] and said[3].startswith("That key has no function here.")


def test_item_with_several_commands(home: Stack) -> None:
    """A shutter has its own menu; * leads back."""
    said = call(home, "2", "2", "2", "*")
    assert "For up, press 1. For down, press 2. For stop, press 3. To enter a value, press 4." in said[1]
    assert "Blind is closed." in said[2]
    assert said[4].startswith("Kitchen light is")
    assert home.openhab.states("Blind")[-1] == "100"


def test_value_by_keys(home: Stack) -> None:
    """A number is entered with * as decimal point."""
    said = call(home, "3", "1", "19*5#")
    assert said[2].startswith("Enter the value") and said[3].startswith("Living room is")
    assert home.openhab.states("Living")[-1] == "19.5"


def test_pin_by_keys(home: Stack) -> None:
    """The PIN is entered by keys; a wrong one does nothing."""
    said = call(home, "4", "1234#", "4711#")
    assert said[1].startswith("Enter your PIN") and said[2].startswith("The PIN is wrong.")
    assert said[3].startswith("Garage is open.")
    assert home.openhab.states("Garage")[-1] == "ON"


def test_confirmation_by_keys(home: Stack) -> None:
    """Key 1 confirms; any other key does nothing."""
    assert call(home, "5", "2")[2].startswith("Nothing was done.")
    assert home.openhab.states("Boiler")[-1] == "OFF"
    assert call(home, "5", "1")[2].startswith("Boiler is on.")


def test_speech(home: Stack) -> None:
    """Callers can say what they can write; a PIN is still required."""
    assert call(home, "turn on the kitchen light")[1].startswith("Kitchen light is on.")
    assert call(home, "garage open")[1].startswith("Enter your PIN")
    assert call(home, "zzz blah")[1].startswith("I did not understand that. Kitchen light")


@pytest.mark.parametrize("confidence", ["0.31", "", "nonsense"])
def test_speech_that_is_not_sure(home: Stack, confidence: str) -> None:
    """What Twilio hardly heard commands nothing before key 1."""
    form: Form = {
        "CallSid": "CA" + "9" * 32,
        "From": _ADA,
        "To": "+15551234567",
        "SpeechResult": "turn on the kitchen light",
        "Confidence": confidence,
        "CallStatus": "in-progress",
    }
    url = f"https://my.domain.com/twilio/callback/{PHONE}/gather?menu=items.menu.top.0.--------"
    assert "Kitchen light: on. To confirm, press 1." in home.twilio.webhooks.post(url, form)["answer"]
    assert home.openhab.states("Kitchen_Light")[-1] == "OFF"


def test_item_without_commands_by_keys(home: Stack) -> None:
    """Its state is said, and the menu goes on."""
    set_state(home, "Clock", "2026-11-29T06:45:00.000+0000")
    assert call(home, "8")[1].startswith("Clock is 11/29/26, 6:45 AM. Kitchen light is off.")


def test_reader(home: Stack) -> None:
    """A contact who may only read hears states in their language and voice, and commands nothing."""
    report = home.twilio.call(["1", "9"], caller=_BOB)
    assert report.said[0].startswith("Für Kitchen light drücken Sie 1.")
    assert report.said[1].startswith("Kitchen light: aus.")
    assert home.openhab.states("Kitchen_Light")[-1] == "OFF"
    assert 'voice="Polly.Vicki"' in str(report.requests[0]["answer"]) and "de-DE" in str(report.requests[0]["answer"])


def test_groups(home: Stack) -> None:
    """More than eight items are put into their groups."""
    extra = home.folder / "items" / "many.items"
    extra.write_text(_GROUPS + _MANY, encoding="utf-8")
    try:
        wait_until(lambda: "For Attic, press 1. For Basement, press 2." in call(home)[0], 30, "the groups")
        said = call(home, "2", "3", "*")
        assert "For Lamp B 3, press 3." in said[1] and "For Lamp B 3" not in said[0]
    finally:
        extra.unlink()
        wait_until(lambda: "Attic" not in call(home)[0], 30, "the groups to go")


def test_strangers(home: Stack) -> None:
    """A stranger hears the greeting of the phone, no names and no states."""
    said = " ".join(call(home, caller="+15550001111"))
    assert "smart home system" in said and "Kitchen" not in said


def test_rejected_strangers_and_no_menu(home: Stack) -> None:
    """Strangers can be rejected; without `menu`, contacts hear the greeting, too."""
    configure(home, 'strangers="reject"')
    report = home.twilio.call([], caller="+15550001111")
    assert report.said == [] and "Reject" in str(report.requests[0]["answer"])
    assert "smart home system" in " ".join(call(home))
    configure(home, "menu=true, speech=true")


def test_call_back(home: Stack) -> None:
    """A caller whose number is not proven is called back, and commands nothing in this call; the menu follows in the other."""
    set_state(home, "Gate", "OFF")
    home.twilio.contact(_ADA, script=["5", "6"], answered_by="human")
    (base,) = re.findall(r'action="([^"]+)"', str(home.twilio.call([], caller=_ADA).requests[0]["answer"]))
    form: Form = {
        "CallSid": "CA" + "7" * 32, "From": _ADA, "To": "+15551234567", "Digits": "6", "CallStatus": "in-progress",
        "Direction": "inbound", "StirVerstat": "TN-Validation-Passed-C",
    }  # fmt: skip
    answer = home.twilio.webhooks.post(base, form)["answer"]
    assert "only be switched after a call back" in answer and "Hangup" in answer
    assert home.openhab.states("Gate")[-1] == "OFF"
    wait_until(lambda: home.openhab.states("Gate")[-1] == "ON", 20, "the gate to open in the other call")


def test_a_menu_that_never_was(home: Stack) -> None:
    """An unknown place in the menu, or a removed item, leads to the top."""
    for step in ("item.Nothing", "value.Secret", "do.Nothing.ON", "menu.top", "nonsense", ""):
        url = f"https://my.domain.com/twilio/callback/{PHONE}/gather?menu=items.{step}"
        form: Form = {
            "CallSid": "CA" + "8" * 32,
            "From": _ADA,
            "To": "+15551234567",
            "Digits": "1",
            "CallStatus": "in-progress",
        }
        assert "For the status, press 9" in home.twilio.webhooks.post(url, form)["answer"], step


def test_a_rule_comes_first_where_calls_wait_for_one_always(home: Stack) -> None:
    """With waitForRule="always", a rule's answer wins, and the menu is the default; otherwise the menu answers immediately."""
    configure(home, 'menu=true, responseTimeout=1, waitForRule="always"')
    wait_until(lambda: home.twilio.call([], caller=_ADA).requests[0]["ms"] > 900, 20, "calls to wait for a rule")
    assert call(home)[0].startswith("Kitchen light")
    home.start_rule()
    assert "Kitchen light" not in " ".join(call(home))
    configure(home, "menu=true, speech=true")
    wait_until(lambda: call(home)[0].startswith("Kitchen light"), 20, "the menu in place of the rule")
