"""A phone thing whose number contains blanks and brackets, in a real process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.standins.stack import Stack, stack
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.sandbox.demo_rule import PHONE


@pytest.fixture
def home() -> Iterator[Stack]:
    """A separate stack, because its things change."""
    with stack() as up:
        yield up


def test_formatted_number(home: Stack) -> None:
    """The phone is online under Twilio's form of the number: webhooks are set, texts are sent, and the inbox is empty."""
    heard: dict[str, list[dict[str, Any]]] = {}

    def hear(message: Message) -> None:
        if message.topic.endswith(("/things", "/inbox")):
            heard[message.topic] = json.loads(message.payload)

    connection = BrokerConnection(home.broker.url, client_id="formatted")
    connection.connected.subscribe(lambda: connection.subscribe("twilio/+"))
    connection.received.subscribe(hear)
    connection.start()
    try:
        text = home.things.read_text(encoding="utf-8")
        assert '"+15551234567"' in text
        home.things.write_text(text.replace('"+15551234567"', '"+1 (555) 123-4567"'), encoding="utf-8")
        home.twilio.console.add_number("+15550000009")
        home.service.stop()
        home.service.start()
        wait_until(lambda: len(heard.get("twilio/inbox", [])) == 1, 20, "the inbox")
        assert heard["twilio/inbox"][0]["properties"] == {"phoneNumber": "+15550000009"}
        wait_until(lambda: _status(heard) == "ONLINE", 20, "the phone to be online")
        with connect(home.broker.url, timeout=15) as client:
            assert phone(PHONE, client).sendSMS("+15557654321", "from a formatted number")
        sent = [message for message in home.twilio.messages() if message["body"] == "from a formatted number"]
        assert [message["from"] for message in sent] == ["+15551234567"]
    finally:
        connection.stop()


def _status(heard: dict[str, list[dict[str, Any]]]) -> object:
    return next((thing["status"] for thing in heard.get("twilio/things", []) if thing["uid"] == PHONE), "")
