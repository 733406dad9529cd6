"""Houses of real processes for the integration tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from twilio_binding.actions import Phone, connect, phone
from twilio_binding.sandbox.house import House, house
from twilio_binding.sandbox.house_rule import PHONE


@pytest.fixture(scope="module")
def shared_house() -> Iterator[House]:
    """One house for the tests of a module that leave it whole."""
    with house() as up:
        yield up


@pytest.fixture
def home(shared_house: House) -> House:
    """The house of the module, whole again."""
    shared_house.twilio.clear_faults()
    shared_house.openhab.clear_faults()
    shared_house.sidecar.wait_ready()
    return shared_house


@pytest.fixture
def own_phone(home: House) -> Iterator[Phone]:
    """The actions of the phone, over MQTT."""
    with connect(home.broker.url, timeout=15) as client:
        yield phone(PHONE, client)


def bodies(home: House, prefix: str) -> list[str]:
    """The bodies of the texts that openHAB was told of, in order, if they begin so."""
    payloads: list[dict[str, Any]] = [
        json.loads(str(trigger["payload"])) for trigger in home.openhab.triggers(channel=f"{PHONE}:sms-received")
    ]
    return [payload["body"] for payload in payloads if payload["body"].startswith(prefix)]
