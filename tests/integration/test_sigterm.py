"""SIGTERM while everything hangs: the process ends in time, and callers hear their default."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.camera import camera_that_is_off
from tests.integration.conftest import bodies
from tests.integration.test_held_calls import holds
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.mqtt import Client
from twilio_binding.sandbox.demo_rule import PHONE

CALLS = 10
CAMERAS = 3
TO = "+15557654321"


@pytest.mark.parametrize("broker", ["frozen", "gone"])
def test_sigterm_while_everything_hangs(broker: str) -> None:
    """With held calls, a camera that is off, a slow Twilio, and a hanging broker and openHAB, the exit code is 0 within 15 s."""
    with (
        stack() as own,
        camera_that_is_off() as camera,
        connect(own.broker.url, timeout=5) as client,
        ThreadPoolExecutor(CALLS + CAMERAS) as outside,
    ):
        client.answers(f"{PHONE}:call-received")
        wait_until(lambda: holds(own), 10, "the service to know of the rule")
        pictures = _pictures(client, camera)
        calls = [outside.submit(own.twilio.call, caller=f"+1555300{n:04d}") for n in range(CALLS)]
        wait_until(lambda: own.service.metric("held_calls") == CALLS, 10, "the calls to be held")
        _let_hang(own, client)
        for url in pictures:
            outside.submit(requests.get, f"{own.service.url}{url}", timeout=30)
        own.broker.send(signal.SIGSTOP if broker == "frozen" else signal.SIGKILL)
        began = time.monotonic()
        assert own.service.stop() == 0
        assert time.monotonic() - began < 15
        assert [call.result().said[-1] for call in calls] == ["No input received. Goodbye."] * CALLS
        _wake_up(own)
        wait_until(lambda: bodies(own, "hanging"), 30, "the text")


def _pictures(client: Client, camera: str) -> list[str]:
    """The paths of requested pictures at a camera."""
    urls = [phone(PHONE, client).createProxyMediaUrl(f"{camera}?{n}") for n in range(CAMERAS)]
    return [urlsplit(str(url)).path for url in urls]


def _let_hang(own: Stack, client: Client) -> None:
    """Let openHAB and Twilio answer nothing more, with a request in progress to each."""
    own.openhab.faults.set("hang", path="/rest/")
    own.twilio.faults.set("hang", path="/2010-04-01/", effect=True)
    assert own.twilio.receive_sms("hanging")["status"] == 200
    client.timeout = 0.5
    assert phone(PHONE, client).sendSMS(TO, "hanging").code == "timeout"


def _wake_up(own: Stack) -> None:
    own.openhab.faults.clear()
    own.twilio.faults.clear()
    own.broker.kill()
    own.broker.start()
    own.service.start()
