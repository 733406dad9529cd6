"""Items used by text from end to end: the command, its effect and the reply in the answer to the webhook; and rights."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.waiting import wait_until
from twilio_binding.actions import connect, listen, phone

PHONE = "twilio:phone:myaccount:myphone"
EVE = "twilio:contact:myaccount:eve"
_ADA, _BOB, _EVE = "+15557654321", "+15557654322", "+15557654323"
_HEADERS = {"Authorization": "Bearer oh.demo.0123456789"}
_CONTACTS = f"""
    Thing contact ada "Ada" [ phoneNumber="{_ADA}", language="en", rights="read,command", pin="4711" ]
    Thing contact bob "Bob" [ phoneNumber="{_BOB}", language="de", rights="read" ]
    Thing contact eve "Eve" [ phoneNumber="{_EVE}", language="en", rights="acknowledge" ]
}}"""
_ITEMS = """
Group Lights "Lights" { twilio="lights" }
Switch Kitchen_Light "Kitchen light" (Lights) { twilio="kitchen light, lamp" [ status=true ] }
Group:Switch:AND(ON,OFF) Lamps "Lamps" { twilio="lamps" }
Group:Switch:OR(ON,OFF) Machines "Machines" { twilio="machines" }
Contact Sensor "Sensor" (Lamps)
Switch Hall_Light "Hall light" (Lights, Lamps) { twilio="" }
Switch Garage "Garage" { twilio="garage" [ pin=true, states="ON=open,OFF=closed" ] }
Switch Boiler "Boiler" { twilio="boiler" [ confirm=true ] }
Number:Temperature Living "Living room" { twilio="living room" [ status=true ] }
Dimmer Desk "Desk lamp" { twilio="desk lamp" [ can="command" ] }
Contact Door "Front door" { twilio="front door" }
Switch Stuck "Pump" (Machines) { twilio="pump", channel="ntp:ntp:local:string" }
Switch Secret "Safe"
Switch Cellar "Cellar"
Switch Gate "Gate" { twilio="gate" [ callback=true ] }
Group Attic "Attic"
Switch Twin_A "Twin" (Attic) { twilio="twin" }
Switch Twin_B "Twin" { twilio="twin" }
Number Ada_Unread "Unread" { channel="twilio:contact:myaccount:ada:unread" }
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Stack]:
    """A stack where texts use items."""
    with stack() as up:
        text = up.things.read_text(encoding="utf-8").replace("\n}", _CONTACTS)
        text = text.replace(
            'phoneNumber="+15551234567"', 'phoneNumber="+15551234567", commands=true, interpreter="system"'
        )
        (up.folder / "items" / "house.items").write_text(_ITEMS, encoding="utf-8")
        up.things.write_text(text, encoding="utf-8")
        wait_until(lambda: EVE in str(shown(up)), 20, "the contacts to be known")
        wait_until(lambda: requests.get(f"{up.openhab.url}/rest/items/Cellar", timeout=30).status_code == 200, 20)
        yield up


def shown(home: Stack) -> list[dict[str, Any]]:
    """The published things."""
    with connect(home.broker.url) as client:
        found: list[dict[str, Any]] = json.loads(client.retained(client.topics.things) or b"[]")
        return found


def say(home: Stack, text: str, sender: str = _ADA) -> str:
    """The answer to a text; "" for none."""
    answer = home.twilio.receive_sms(text, sender=sender)["answer"]
    found = re.search(r"<Message>(.*)</Message>", answer, re.DOTALL)
    return found[1] if found else ""


def set_state(home: Stack, item: str, state: str) -> None:
    """Give an item a state."""
    headers = {**_HEADERS, "Content-Type": "text/plain"}
    requests.put(f"{home.openhab.url}/rest/items/{item}/state", data=state.encode(), headers=headers, timeout=30)
    wait_until(lambda: home.openhab.states(item)[-1:] == [state], 10)


def payload(home: Stack, body: str) -> dict[str, Any]:
    """The payload of the trigger of a text."""

    def found() -> dict[str, Any] | None:
        triggers = home.openhab.triggers(channel=f"{PHONE}:sms-received")
        told = (json.loads(str(one["payload"])) for one in triggers)
        return next((one for one in told if one["body"] == body), None)

    return wait_until(found, 10, "the trigger")


def sent(home: Stack, to: str) -> list[str]:
    """The texts to a number, except replies in answers."""
    messages = (one for one in home.twilio.messages() if one["direction"] == "outbound-api")
    return [one["body"] for one in messages if one["to"] == to]


def test_command(home: Stack) -> None:
    """The reply follows the effect of a command, and rules get who took the text."""
    assert say(home, "kitchen light on") == "Kitchen light is on."
    assert home.openhab.states("Kitchen_Light")[-1] == "ON"
    assert say(home, "turn the kitchen lihgt off please") == "Kitchen light is off."
    assert payload(home, "kitchen light on")["handledBy"] == "command"
    assert list(payload(home, "kitchen light on"))[:6] == ["from", "to", "body", "messageSid", "numMedia", "mediaUrls"]


def test_whatsapp(home: Stack) -> None:
    """WhatsApp works like a text."""
    answer = home.twilio.receive_whatsapp("hall light on", sender=_ADA)["answer"]
    assert "<Message>Hall light is on.</Message>" in answer


def test_states(home: Stack) -> None:
    """A name asks for the state, with its unit; the status contains the marked items; unreadable ones are never told."""
    set_state(home, "Living", "21.53 °C")
    set_state(home, "Door", "OPEN")
    say(home, "kitchen light off")
    assert say(home, "living room") == "Living room is 22 °C."
    assert say(home, "is the front door open?") == "Front door is open."
    assert say(home, "wie ist living room", _BOB) == "Living room: 22 °C."
    assert say(home, "status").splitlines() == ["Kitchen light is off.", "Living room is 22 °C."]
    assert say(home, "desk lamp?") == "You may not see the state of Desk lamp."


def test_number_and_group(home: Stack) -> None:
    """Numbers are commanded as written; a group reaches its members, and its state is theirs."""
    assert say(home, "set living room to 19.5 degrees").startswith("Living room is")
    assert home.openhab.states("Living")[-1] == "19.5"
    assert say(home, "lights on").startswith("Lights")
    wait_until(lambda: home.openhab.states("Hall_Light")[-1:] == ["ON"], 10)
    assert say(home, "lights") == "Lights: Kitchen light on, Hall light on"


def test_typed_groups(home: Stack) -> None:
    """The effect of a command to a group is that of its members, whatever the group's own state is; also for `undo`."""
    set_state(home, "Hall_Light", "ON")
    set_state(home, "Stuck", "OFF")
    set_state(home, "Sensor", "OPEN")
    assert say(home, "lamps off") == "Lamps: off."
    assert say(home, "undo") == "Lamps: Hall light on"
    assert say(home, "machines on") == "Machines: on, sent, but it still says Pump off."


def test_help_list_and_undo(home: Stack) -> None:
    """The list contains only usable items; undo takes back the last command."""
    assert "Kitchen light" in say(home, "list") and "Safe" not in say(home, "list")
    assert "Lights on" in say(home, "help")
    say(home, "kitchen light off")
    say(home, "kitchen light on")
    assert say(home, "undo") == "Kitchen light is off."
    assert home.openhab.states("Kitchen_Light")[-1] == "OFF"


def test_confirmation(home: Stack) -> None:
    """An item with a confirmation does nothing until it gets one; NO cancels."""
    before = len(home.openhab.states("Boiler"))
    assert say(home, "boiler on") == "Boiler: on? Reply YES."
    assert say(home, "no") == "Nothing was done."
    assert say(home, "yes").startswith("I did not understand")
    assert len(home.openhab.states("Boiler")) == before
    say(home, "boiler on")
    assert say(home, "yes") == "Boiler is on."


def test_doubt(home: Stack) -> None:
    """An ambiguous name leads to a question, and a number chooses."""
    asked = say(home, "light on")
    assert "1 Kitchen light on" in asked and "2 Hall light on" in asked
    assert say(home, "2") == "Hall light is on."
    assert "1 Twin on (Attic), 2 Twin on (Twin_B)?" in say(home, "twin on")
    assert say(home, "2") == "Twin is on."
    assert home.openhab.states("Twin_B") == ["ON"] and home.openhab.states("Twin_A") != ["ON"]


def test_nothing_is_done_later(home: Stack) -> None:
    """A time is no value: a person hears that nothing was done. Who may only read, hears that."""
    set_state(home, "Desk", "40")
    refusal = "I cannot do things later or for a time. Nothing was changed."
    assert say(home, "turn on the desk lamp at six") == refusal
    assert say(home, "garage open for ten minutes") == refusal
    assert say(home, "Boiler um sechs an", sender=_BOB) == "Sie dürfen nur Zustände abfragen, keine Befehle senden."
    assert say(home, "desk lamp at 6") == "Did you mean 1 Desk lamp 6 %? Reply with the number."
    state = requests.get(f"{home.openhab.url}/rest/items/Desk/state", headers=_HEADERS, timeout=5).text
    assert state == "40"


def test_what_an_item_does_not_take(home: Stack) -> None:
    """The answer lists what the item accepts."""
    assert say(home, "desk lamp 150") == "Desk lamp accepts on, off, a number from 0 to 100."
    assert say(home, "front door open") == "Front door accepts no commands."


def test_without_effect(home: Stack) -> None:
    """If the state does not change, the answer says so."""
    set_state(home, "Stuck", "OFF")
    assert say(home, "pump on") == "Pump: on, sent, but it still says off."


def test_rights(home: Stack) -> None:
    """A contact who may only read commands nothing; contacts without rights and strangers get no answer."""
    before = len(home.openhab.states("Kitchen_Light"))
    assert say(home, "kitchen light on", _BOB) == "Sie dürfen nur Zustände abfragen, keine Befehle senden."
    for sender in (_EVE, "+15550001111"):
        for text in ("kitchen light on", "kitchen light", "status", "help", "4711 garage open"):
            assert say(home, text, sender) == ""
    assert len(home.openhab.states("Kitchen_Light")) == before
    assert "handledBy" not in payload(home, "4711 garage open")


def test_strangers_learn_nothing(home: Stack) -> None:
    """Whatever they write, strangers and contacts without rights get the same empty answer."""
    texts = ("qwertz", "kitchen light on", "attic light on", "4711 garage open", "9999 garage open", "status", "help")
    answers = {
        home.twilio.receive_sms(text, sender=sender)["answer"] for sender in ("+15550000001", _EVE) for text in texts
    }
    assert answers == {'<?xml version="1.0" encoding="UTF-8"?><Response/>'}


def test_pin(home: Stack) -> None:
    """A PIN is in the text or asked for; three wrong ones lock it and notify the owner; then the right one is refused, too."""
    assert say(home, "4711 garage open") == "Garage is open."
    assert say(home, "garage close") == "Your PIN is needed. Reply with your PIN."
    assert home.openhab.states("Garage")[-1] == "ON"
    assert say(home, "4711") == "Garage is closed."
    for pin in ("1111", "2222", "3333"):
        assert say(home, f"{pin} garage open") == "The PIN is wrong."
    assert say(home, "4711 garage open").startswith("Too many wrong PINs")
    assert home.openhab.states("Garage")[-1] == "OFF"
    wait_until(lambda: any("3 wrong PINs" in text for text in sent(home, _ADA)), 10, "the owner to be told")


def test_call_back(home: Stack) -> None:
    """An item with `callback` cannot be commanded by a text, whose number may be forged: its owner is called, and confirms with 1.

    WhatsApp proves the number.
    """
    set_state(home, "Gate", "OFF")
    home.twilio.contact(_ADA, script=["2"], answered_by="human")
    calls = len(home.twilio.calls())
    assert say(home, "gate on") == "Gate can only be switched after a call back. I am calling you now."

    def ended() -> bool:
        listed = home.twilio.calls()
        return len(listed) > calls and all(one["status"] == "completed" for one in listed)

    wait_until(ended, 30, "the call in which another key was pressed to end")
    assert home.openhab.states("Gate")[-1] == "OFF"
    home.twilio.contact(_ADA, script=["1"], answered_by="human")
    say(home, "gate on")
    wait_until(lambda: home.openhab.states("Gate")[-1] == "ON", 20, "the gate to open after the key")
    answer = home.twilio.receive_whatsapp("gate off", sender=_ADA)["answer"]
    assert "Gate is off." in answer


def test_interpreter(home: Stack) -> None:
    """A text that is not understood goes to openHAB's interpreter, unless it contains a word of an item with a PIN."""
    assert say(home, "turn on the cellar") == "Ok."
    wait_until(lambda: home.openhab.states("Cellar")[-1:] == ["ON"], 10)
    assert payload(home, "turn on the cellar")["handledBy"] == "interpreter"
    assert say(home, "make me a sandwich").startswith("I did not understand")
    before = home.openhab.states("Garage")
    assert not say(home, "turn on garage quickly now").startswith("Ok")
    assert not say(home, f"{'please ' * 70}turn on the garage").startswith("Ok")
    assert home.openhab.states("Garage") == before


def test_a_rule_answers_what_is_not_understood(home: Stack) -> None:
    """If a rule replies, there is no second reply; otherwise there is one."""
    with connect(home.broker.url) as client:
        texts = listen(PHONE, "sms-received", client=client)
        answers = phone(PHONE, client=client)

        def answer() -> None:
            while (event := texts.get(timeout=60)[1])["body"] != "xyzzy":
                if event["body"].startswith("weather"):
                    answers.sendSMS(event["from"], "Sunny.")

        rule = threading.Thread(target=answer)
        rule.start()
        asked = (f"weather {'abcdefgh'[number]}" for number in range(8))
        wait_until(lambda: say(home, next(asked)) == "", 40, "a text that only the rule answers")
        wait_until(lambda: "Sunny." in sent(home, _ADA), 20, "the answer of the rule")
        assert say(home, "xyzzy").startswith("I did not understand")
        rule.join()


def test_an_answer_to_a_rule_is_no_command(home: Stack) -> None:
    """After a text of a rule, such as "Reply ON or OFF", words without a name no longer mean the item of the last command."""
    assert say(home, "desk lamp 40") == "Desk lamp is 40 %."
    assert say(home, "20 %") == "Desk lamp is 20 %."
    with connect(home.broker.url) as client:
        assert phone(PHONE, client=client).sendSMS(_ADA, "Shall the heating stay on? Reply ON or OFF.")
    before = len(home.openhab.states("Desk"))
    assert not say(home, "off").startswith("Desk lamp")
    assert len(home.openhab.states("Desk")) == before
    assert say(home, "desk lamp off") == "Desk lamp is off."


def test_commands_are_not_unread(home: Stack) -> None:
    """A command does not count as unread; a reply to no question may be a message, which nobody has handled."""
    say(home, "good morning everybody, see you at eight")
    home.service.wait_delivered()
    unread = wait_until(lambda: int(home.openhab.states("Ada_Unread")[-1]), 20, "the number of unread messages")
    say(home, "kitchen light on")
    say(home, "status")
    assert say(home, "yes").startswith("I did not understand")
    assert "handledBy" not in payload(home, "yes")
    wait_until(lambda: int(home.openhab.states("Ada_Unread")[-1]) > unread, 20, "the next one")
    assert int(home.openhab.states("Ada_Unread")[-1]) == unread + 1


def test_metadata_over_rest(home: Stack) -> None:
    """An item with new metadata from the UI can be used immediately; after losing it, it cannot, seconds later."""
    url = f"{home.openhab.url}/rest/items/Secret/metadata/twilio"
    assert say(home, "strongbox on").startswith("I did not understand")
    requests.put(url, json={"value": "strongbox", "config": {}}, headers=_HEADERS, timeout=30).raise_for_status()
    wait_until(lambda: say(home, "strongbox on") == "Strongbox is on.", 10, "the new item")
    requests.delete(url, headers=_HEADERS, timeout=30).raise_for_status()
    wait_until(lambda: say(home, "strongbox off").startswith("I did not understand"), 20, "the item to go")


def test_edited_metadata(home: Stack) -> None:
    """An item that gets a confirmation in the UI asks for it from the next text on."""
    url = f"{home.openhab.url}/rest/items/Cellar/metadata/twilio"
    body: dict[str, Any] = {"value": "vault", "config": {}}
    requests.put(url, json=body, headers=_HEADERS, timeout=30).raise_for_status()
    wait_until(lambda: say(home, "vault on") == "Vault is on.", 20, "the new item")
    requests.put(url, json={**body, "config": {"confirm": True}}, headers=_HEADERS, timeout=30).raise_for_status()
    wait_until(lambda: say(home, "vault off") == "Vault: off? Reply YES.", 9, "the confirmation")
    requests.delete(url, headers=_HEADERS, timeout=30).raise_for_status()


def test_questions_survive_a_restart(home: Stack) -> None:
    """Questions are still open after the service was killed: which item, a confirmation, the PIN."""
    set_state(home, "Hall_Light", "OFF")
    set_state(home, "Boiler", "OFF")
    assert "2 Hall light on" in say(home, "light on")
    home.service.kill()
    home.service.start()
    home.service.wait_ready()
    assert say(home, "2") == "Hall light is on."
    assert say(home, "2").startswith("I did not understand")
    assert say(home, "boiler on") == "Boiler: on? Reply YES."
    home.service.kill()
    home.service.start()
    home.service.wait_ready()
    assert say(home, "yes") == "Boiler is on."
    assert say(home, "yes").startswith("I did not understand")


def test_restart_while_openhab_is_down(home: Stack) -> None:
    """A service that starts without openHAB says that the home does not respond, and reports when it does; `undo` continues."""
    set_state(home, "Hall_Light", "OFF")
    assert say(home, "hall light on") == "Hall light is on."
    try:
        home.openhab.faults.down()
        home.service.kill()
        home.service.start()
        assert say(home, "hall light") == "Your home is not responding. I will tell you when it is back."
    finally:
        home.openhab.faults.up()
    home.service.wait_ready()
    wait_until(lambda: "Your home is responding again." in sent(home, _ADA), 30, "the news")
    assert say(home, "undo") == "Hall light is off."


def test_openhab_down(home: Stack) -> None:
    """While openHAB is down, nothing is done, nor later unless the sender wants it; they are notified when it is back."""
    set_state(home, "Hall_Light", "OFF")
    set_state(home, "Kitchen_Light", "OFF")
    down = "Your home is not responding. I will tell you when it is back. To have it done then, reply LATER."
    try:
        home.openhab.faults.down()
        assert say(home, "kitchen light on") == down
        assert say(home, "hall light on") == down
        assert say(home, "later") == "It will be done when your home is back."
        assert (
            say(home, "kitchen light", _BOB)
            == "Ihr Zuhause antwortet nicht. Ich melde mich, sobald es wieder erreichbar ist."
        )
    finally:
        home.openhab.faults.up()
    home.service.wait_ready()
    wait_until(lambda: "Your home is responding again. Hall light is on." in sent(home, _ADA), 20, "the late command")
    wait_until(lambda: "Ihr Zuhause antwortet wieder." in sent(home, _BOB), 20, "the news")
    assert home.openhab.states("Kitchen_Light")[-1] == "OFF"


def test_secrets_are_not_logged(home: Stack) -> None:
    """The log contains neither PINs nor numbers nor texts, but who commanded what."""
    log = re.sub(r"timestamp=\S+", "", home.service.log.read_text(encoding="utf-8"))
    assert "item.command" in log and "Kitchen_Light" in log
    for secret in ("4711", "1111", _ADA, "kitchen light on"):
        assert secret not in log
