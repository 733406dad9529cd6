"""Stacks of real processes for the integration tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lab.standins.stack import Stack, stack
from twilio_binding.actions import Phone, connect, phone
from twilio_binding.sandbox.demo_rule import PHONE


@pytest.fixture(scope="module")
def shared_stack() -> Iterator[Stack]:
    """One stack for the tests of a module that do not damage it."""
    with stack() as up:
        yield up


@pytest.fixture
def home(shared_stack: Stack) -> Stack:
    """The stack of the module, restored."""
    shared_stack.twilio.faults.clear()
    shared_stack.openhab.faults.clear()
    shared_stack.service.wait_ready()
    return shared_stack


@pytest.fixture
def own_phone(home: Stack) -> Iterator[Phone]:
    """The actions of the phone, over MQTT."""
    with connect(home.broker.url, timeout=15) as client:
        yield phone(PHONE, client)


def bodies(home: Stack, prefix: str) -> list[str]:
    """The bodies of the texts that reached openHAB and begin so, in order."""
    payloads: list[dict[str, Any]] = [
        json.loads(str(trigger["payload"])) for trigger in home.openhab.triggers(channel=f"{PHONE}:sms-received")
    ]
    return [payload["body"] for payload in payloads if payload["body"].startswith(prefix)]
