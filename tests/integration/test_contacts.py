"""Contacts from end to end, without the script: items, texts and calls, questions, and fallbacks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.waiting import let_pass, wait_until
from twilio_binding.actions import connect, contact
from twilio_binding.mqtt import Client
from twilio_binding.protocol.commands import Command

PHONE = "twilio:phone:myaccount:myphone"
ADA, BOB, EVE = (f"twilio:contact:myaccount:{name}" for name in ("ada", "bob", "eve"))
_ADA, _BOB, _EVE = "+15557654321", "+15557654322", "+15557654323"
_CONTACTS = f"""
    Thing contact ada "Ada" [ phoneNumber="{_ADA}", language="de", voice="Polly.Vicki", rights="read,command", pin="4711" ]
    Thing contact bob "Bob" [ phoneNumber="{_BOB}", fallback="ada" ]
    Thing contact eve "Eve" [ phoneNumber="{_EVE}", quietHours="00:00-23:59" ]
}}"""
_ITEMS = f"""
String Ada_Message {{ channel="{ADA}:message" }}
DateTime Ada_Date {{ channel="{ADA}:message-date" }}
String Ada_Status {{ channel="{ADA}:delivery-status" }}
Number Ada_Unread {{ channel="{ADA}:unread" }}
DateTime Ada_Call {{ channel="{ADA}:last-call-date" }}
String Door {{ channel="{ADA}:message" [profile="system:follow"] }}
"""


@pytest.fixture(scope="module")
def made() -> Iterator[Stack]:
    """A stack with three contacts and items."""
    with stack() as up:
        wait_until(lambda: up.openhab.counts()["streams"] == 1)  # without contacts nothing is different
        up.things.write_text(up.things.read_text(encoding="utf-8").replace("\n}", _CONTACTS), encoding="utf-8")
        (up.folder / "items" / "contacts.items").write_text(_ITEMS, encoding="utf-8")
        wait_until(lambda: EVE in shown(up), 20, "the contacts to be known")
        wait_until(lambda: up.openhab.counts()["streams"] == 2, 20, "the stream of commands to items")
        yield up


@pytest.fixture
def home(made: Stack) -> Stack:
    """The stack of the module."""
    return made


@pytest.fixture
def client(home: Stack) -> Iterator[Client]:
    """A client of the service."""
    with connect(home.broker.url, timeout=20) as client:
        yield client


def shown(home: Stack) -> dict[str, dict[str, Any]]:
    """The published things."""
    with connect(home.broker.url) as client:
        return {thing["uid"]: thing for thing in json.loads(client.retained(client.topics.things) or b"[]")}


def sent(home: Stack, to: str) -> list[str]:
    """The texts to a number."""
    messages = (message for message in home.twilio.messages() if message["direction"] == "outbound-api")
    return [message["body"] for message in messages if message["to"] == to]


def payloads(home: Stack, channel: str) -> list[dict[str, Any]]:
    """The payloads of a trigger channel."""
    return [json.loads(str(trigger["payload"])) for trigger in home.openhab.triggers(channel=channel)]


def command(home: Stack, item: str, text: str) -> None:
    """Command an item like a rule or the UI."""
    headers = {"Authorization": "Bearer oh.demo.0123456789", "Content-Type": "text/plain"}
    url = f"{home.openhab.url}/rest/items/{item}"
    requests.post(url, data=text.encode(), headers=headers, timeout=30).raise_for_status()


def test_contacts_are_described(home: Stack) -> None:
    """A contact is online with its phone, and lists the channels that accept commands; neither number nor PIN is shown."""
    ada = wait_until(lambda: (known := shown(home)[ADA])["status"] == "ONLINE" and known, 20)
    assert (ada["label"], ada["bridgeUID"], ada["properties"]) == ("Ada", "twilio:account:myaccount", {})
    assert [channel["id"] for channel in ada["channels"] if channel.get("writable")] == ["message", "unread"]
    assert _ADA not in json.dumps(ada) and not _PIN.search(json.dumps(ada))


def test_text_from_a_contact(home: Stack, client: Client) -> None:
    """A contact's text sets their items, counts as unread, and fires their trigger; the phone's trigger fires as before."""
    home.twilio.receive_sms("Hallo Haus", sender=_ADA)
    wait_until(lambda: home.openhab.states("Ada_Message")[-1:] == ["Hallo Haus"], 10, "the item")
    wait_until(lambda: home.openhab.states("Ada_Unread"), 10, "the number of unread messages")
    (payload,) = wait_until(lambda: payloads(home, f"{ADA}:message-received"), 10, "the trigger")
    assert (payload["body"], payload["from"], payload["contact"]) == ("Hallo Haus", _ADA, ADA)
    home.service.wait_delivered()  # each thing gets its own event
    assert [one["body"] for one in payloads(home, f"{PHONE}:sms-received")][-1] == "Hallo Haus"
    assert home.openhab.states("Ada_Date")
    assert client.retained(client.topics.state(ADA, "message")) == b"Hallo Haus"


def test_stranger(home: Stack) -> None:
    """Texts of strangers belong to no contact."""
    before = len(payloads(home, f"{ADA}:message-received"))
    home.twilio.receive_sms("Hello", sender="+15550001111")
    wait_until(lambda: payloads(home, f"{PHONE}:sms-received")[-1:] and
               payloads(home, f"{PHONE}:sms-received")[-1]["body"] == "Hello", 10)  # fmt: skip
    assert len(payloads(home, f"{ADA}:message-received")) == before


def test_command_to_an_item(home: Stack) -> None:
    """A command to the linked item is sent as a text, once; the item then shows their newest text again."""
    home.twilio.receive_sms("Bin unterwegs", sender=_ADA)
    wait_until(lambda: home.openhab.states("Ada_Message")[-1:] == ["Bin unterwegs"], 10)
    command(home, "Ada_Message", "The washing is done")
    wait_until(lambda: "The washing is done" in sent(home, _ADA), 10, "the text")
    wait_until(lambda: home.openhab.states("Ada_Message")[-1] == "Bin unterwegs", 10, "the state to come back")
    wait_until(lambda: home.openhab.states("Ada_Status")[-1:] == ["delivered"], 10, "the delivery")
    assert sent(home, _ADA).count("The washing is done") == 1


def test_command_that_comes_in_both_ways(home: Stack, client: Client) -> None:
    """With the script, a command to an item arrives from it and on the event stream, and is carried out once."""
    copy = Command(thing=ADA, channel="message", value="both ways", id="both", deadline=time.time() + 60)
    command(home, "Ada_Message", "both ways")
    client._connection.publish(client.topics.command(ADA, "message"), copy.encode())
    command(home, "Ada_Message", "the end")
    wait_until(lambda: "the end" in sent(home, _ADA), 10, "the next text")
    let_pass(0.3)
    assert sent(home, _ADA).count("both ways") == 1


def test_stream_that_breaks(home: Stack) -> None:
    """After openHAB cuts its event streams, commands are followed again a moment later."""
    home.openhab.faults.drop_streams()
    wait_until(lambda: home.openhab.counts()["streams"] == 2, 20, "both streams")
    command(home, "Ada_Message", "after the break")
    wait_until(lambda: "after the break" in sent(home, _ADA), 10, "the text")


def test_item_that_follows(home: Stack) -> None:
    """With the profile follow, each state of the item is a command to the channel."""
    headers = {"Authorization": "Bearer oh.demo.0123456789", "Content-Type": "text/plain"}
    url = f"{home.openhab.url}/rest/items/Door/state"
    requests.put(url, data=b"OPEN since 10 minutes", headers=headers, timeout=30).raise_for_status()
    wait_until(lambda: "OPEN since 10 minutes" in sent(home, _ADA), 10, "the text")


def test_commands_over_mqtt(home: Stack, client: Client) -> None:
    """Programs publish commands; a retained or invalid one is refused, and the log says why."""
    publish = client._connection.publish
    publish(client.topics.command(ADA, "unread"), b"0")
    wait_until(lambda: home.openhab.states("Ada_Unread")[-1:] == ["0"], 10, "no unread messages")
    publish(client.topics.command(ADA, "message-date"), b"now")
    publish(client.topics.command(ADA, "message"), '{"value":"Grüße","id":"7"}'.encode())
    publish(client.topics.command(ADA, "message"), '{"value":"Grüße","id":"7"}'.encode())
    wait_until(lambda: "Grüße" in sent(home, _ADA), 10, "the text")
    wait_until(lambda: "not_writable" in home.service.log.read_text(encoding="utf-8"), 10, "the refusal")
    assert sent(home, _ADA).count("Grüße") == 1
    home.twilio.receive_sms("noch da?", sender=_ADA)
    wait_until(lambda: home.openhab.states("Ada_Unread")[-1] == "1", 10, "one unread message")


def test_send_and_call(home: Stack, client: Client) -> None:
    """Actions of a contact need no number; a call uses their voice and language."""
    result = contact(ADA, client).send("Dinner")
    assert result and result.sid.startswith("SM")
    assert not client.call(ADA, "send", {})
    assert client.call("twilio:contact:myaccount:nobody", "send", {"text": "x"}).code == "unknown_thing"
    assert client.call(PHONE, "send", {"text": "x"}).code == "unknown_thing"
    called = contact(ADA, client).call("Es brennt {gatherUrl}")
    assert called
    call = wait_until(lambda: next((c for c in home.twilio.calls() if c["sid"] == called.sid and c.get("walk")), None))
    assert call["to"] == _ADA
    assert call["walk"]["said"] == ["Es brennt {gatherUrl}"]


def test_same_request_twice(home: Stack, client: Client) -> None:
    """Requests with the same id are sent once; a different one with that id is refused."""
    for _ in range(2):
        assert client.call(ADA, "send", {"text": "once only"}, request_id="contact-1")
    assert client.call(ADA, "send", {"text": "another"}, request_id="contact-1").code == "id_reused"
    assert sent(home, _ADA).count("once only") == 1


def test_what_does_not_arrive(home: Stack, client: Client) -> None:
    """An undelivered text goes to the fallback, once, and names the original recipient."""
    home.twilio.failing(_BOB, "undelivered", 30003)
    assert client.call(BOB, "send", {"text": "Come home"})
    wait_until(lambda: "(Bob) Come home" in sent(home, _ADA), 15, "the text to the fallback")
    assert sent(home, _ADA).count("(Bob) Come home") == 1


def test_quiet_hours(home: Stack, client: Client) -> None:
    """During quiet hours a text waits, also across a restart, and is sent once when they are over."""
    result = client.call(EVE, "send", {"text": "No hurry"})
    assert (result.ok, result.status) == (True, "waiting")
    client._connection.publish(client.topics.command(EVE, "message"), b"kept", retain=True)
    wait_until(lambda: f"command.followed logger=twilio_binding.people.commands thing={EVE}" in
               home.service.log.read_text(encoding="utf-8"), 10, "the command")  # fmt: skip
    home.service.kill()
    home.service.start()
    home.service.wait_ready()
    wait_until(lambda: "must not be retained" in home.service.log.read_text(encoding="utf-8"), 10, "the refusal")
    client._connection.publish(client.topics.command(EVE, "message"), b"", retain=True)
    assert sent(home, _EVE) == []
    text = home.things.read_text(encoding="utf-8")
    home.things.write_text(text.replace(', quietHours="00:00-23:59"', ""), encoding="utf-8")
    wait_until(lambda: sorted(sent(home, _EVE)) == ["No hurry", "kept"], 20, "the text")
    home.things.write_text(text, encoding="utf-8")


def test_question(home: Stack, client: Client) -> None:
    """A question is sent as a text; the answer, a number or words, fires a trigger once, and is otherwise an ordinary text."""
    assert client.call(BOB, "ask", {"question": "x", "answers": "yes", "minutes": 5}).code == "bad_argument"
    assert client.call(ADA, "ask", {"question": "Garage offen lassen?", "answers": "ja,nein", "minutes": "5"})
    wait_until(lambda: "Garage offen lassen? (1 ja, 2 nein)" in sent(home, _ADA), 10, "the question")
    home.twilio.receive_sms("was?", sender=_ADA)
    home.twilio.receive_sms("JA!", sender=_ADA)
    home.twilio.receive_sms("2", sender=_ADA)
    (answer,) = wait_until(lambda: payloads(home, f"{ADA}:answer-received"), 10, "the answer")
    assert (answer["answer"], answer["isDefault"], answer["question"]) == ("ja", False, "Garage offen lassen?")
    handled = {one["body"]: one.get("handledBy") for one in payloads(home, f"{PHONE}:sms-received")}
    wait_until(lambda: "2" in {one["body"] for one in payloads(home, f"{PHONE}:sms-received")}, 10)
    assert (handled["was?"], handled["JA!"]) == (None, "answer")
    assert len(payloads(home, f"{ADA}:answer-received")) == 1


def test_call_from_a_contact(home: Stack) -> None:
    """A call from a contact is noted; the phone treats it like every call."""
    home.twilio.call(caller=_ADA)
    wait_until(lambda: home.openhab.states("Ada_Call"), 10, "the date of the call")


_PIN = re.compile(r"\b4711\b")
"""Digits of a time or a hash may happen to be the same."""


def test_no_pin_is_kept_as_it_is(home: Stack) -> None:
    """The stored configuration contains the PIN only salted."""
    kept = (home.folder / "data" / "things.json").read_text(encoding="utf-8")
    assert "twilio:contact:myaccount:ada" in kept and "pbkdf2:" in kept and not _PIN.search(kept)
    assert not _PIN.search(home.service.log.read_text(encoding="utf-8"))


def test_check_tells_of_contacts(home: Stack) -> None:
    """`check` counts contacts, and reports errors in them by line."""
    text = home.things.read_text(encoding="utf-8")
    environment = os.environ | {"TWILIO_BINDING_THINGS": json.dumps([str(home.things)])}

    def check() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "twilio_binding", "check"]
        return subprocess.run(
            command, cwd=home.folder, env=environment, capture_output=True, text=True, check=False, timeout=30
        )

    assert "1 file, 1 account, 1 phone, 3 contacts" in check().stdout
    home.things.write_text(text.replace("read,command", "read,comand"), encoding="utf-8")
    done = check()
    home.things.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "twilio.things:3:" in done.stderr
    assert "rights: unknown value 'comand'; did you mean command?" in done.stderr


def test_killed_after_a_command(home: Stack, client: Client) -> None:
    """A command's text is sent once, although the service is killed immediately; the number of unread texts stays."""
    home.twilio.receive_sms("noch eins", sender=_ADA)
    wait_until(lambda: home.openhab.states("Ada_Message")[-1:] == ["noch eins"], 10)
    home.service.wait_delivered()
    unread = home.openhab.states("Ada_Unread")[-1]
    topic, body = client.topics.command(ADA, "message"), b'{"value":"survivor","id":"survivor"}'
    client._connection.publish(topic, body)
    home.service.kill()
    home.service.start()
    home.service.wait_ready()
    client._connection.publish(topic, body)
    wait_until(lambda: "survivor" in sent(home, _ADA), 20, "the text")
    let_pass(0.5)
    assert sent(home, _ADA).count("survivor") == 1
    home.twilio.receive_sms("und noch eins", sender=_ADA)
    wait_until(lambda: home.openhab.states("Ada_Unread")[-1] == str(int(unread) + 1), 10, "the next number")
