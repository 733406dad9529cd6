"""The dry runs after a start of the script: nobody outside notices them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

import pytest

from tests.jsr223.conftest import PHONE, Stack
from tests.waiting import wait_until
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.events import BridgeEvent
from twilio_binding.sandbox.broker import BrokerProcess

_IDS = "list(__import__('java').type('java.lang.System').getProperties().get('twilio.relay.seen'))"


def _runs(stack: Stack) -> int:
    return int(str(stack.evaluate("_binding._offer._warm_up.runs")))


class _Listener:
    """Everything that passes the broker."""

    def __init__(self, broker: BrokerProcess) -> None:
        self.topics: list[str] = []
        self._connection = BrokerConnection(broker.url, client_id="listener")
        self._connection.connected.subscribe(lambda: self._connection.subscribe("twilio/#"))
        self._connection.received.subscribe(self._note)
        self._connection.start()
        self._connection.wait(30)

    def _note(self, message: Message) -> None:
        self.topics.append(message.topic)

    def stop(self) -> None:
        """End."""
        self._connection.stop()


def test_it_sends_nothing_and_changes_nothing(stack: Stack, broker: BrokerProcess) -> None:
    """Items, triggers, ids of events, services and messages are as without dry runs."""
    for channel in ("last-call-from", "last-call-status", "last-call-date"):
        stack.openhab.request("PUT", f"/rest/links/{channel}/{PHONE}:{channel}", {"type": "String"})
    stack.wait_until_warm()
    services = stack.openhab.control("counts")
    listener = _Listener(broker)
    try:
        stack.load()
        stack.wait_for(PHONE, "ONLINE")
        ids = stack.evaluate(_IDS)
        stack.wait_until_warm()
        assert _runs(stack) >= 1
        assert not [topic for topic in listener.topics if topic.split("/")[1] in ("action", "reply", "command")]
    finally:
        listener.stop()
    assert stack.evaluate(_IDS) == ids
    assert stack.triggers() == []
    assert [stack.openhab.get(f"items/last-call-{name}") for name in ("from", "status", "date")] == ["NULL"] * 3
    assert stack.service.requests.empty()
    after = stack.openhab.control("counts")
    assert isinstance(services, dict)
    assert isinstance(after, dict)
    assert after["services"] == services["services"]


@pytest.fixture
def _answering(stack: Stack) -> Iterator[None]:
    """A rule answers calls."""
    stack.openhab.control("answer", uid="answering", thing=PHONE, channel="call-received", twiml="<Response/>")
    yield
    stack.openhab.control("no-answer", uid="answering")


@pytest.mark.usefixtures("_answering")
def test_a_call_does_not_wait_for_its_end(stack: Stack, line: OpenHABRequests) -> None:
    """An event that arrives meanwhile is delivered, and its rule is answered."""
    stack.load()
    stack.wait_for(PHONE, "ONLINE")
    wait_until(lambda: stack.service.door.is_open)
    event = BridgeEvent(
        id=f"w{time.time_ns()}", thing=PHONE, channel="call-received", payload=json.dumps({"callSid": "CA7"})
    )
    assert stack.service.door.deliver(line, [event])[0].outcome == "done"
    request = stack.service.asked()
    assert (request.action, request.args) == ("respondWithTwiml", {"callSid": "CA7", "twiml": "<Response/>"})
    assert [payload for _, payload in stack.triggers()] == ['{"callSid": "CA7"}']


def test_a_script_that_is_unloaded_meanwhile_ends_at_once(stack: Stack) -> None:
    """The end of the script does not wait for dry runs, and none comes later."""
    stack.load()
    unloaded = threading.Thread(target=lambda: stack.openhab.control("unload", name="bridge"))
    began = time.monotonic()
    unloaded.start()
    unloaded.join(30)
    assert not unloaded.is_alive(), f"after {time.monotonic() - began:.0f} s"
    stack.load()
    stack.wait_for(PHONE, "ONLINE")
