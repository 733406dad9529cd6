"""The broker with the project's access list: who can publish and who can read what."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin:/opt/homebrew/bin"
MOSQUITTO, PASSWD = shutil.which("mosquitto", path=PATH), shutil.which("mosquitto_passwd", path=PATH)
pytestmark = pytest.mark.skipif(not MOSQUITTO or not PASSWD, reason="mosquitto is missing: apt-get install mosquitto")

USERS = ("twilio-binding", "openhab", "programs", "doorbell", "spectator")
SEND, CALL = f"twilio/action/{PHONE}/sendSMS", f"twilio/action/{PHONE}/makeCall"
EVENT, STATE = f"twilio/event/{PHONE}/sms-received", f"twilio/state/{PHONE}/last-message-body"
STATUS, THINGS, INBOX, BRIDGE = "twilio/status", "twilio/things", "twilio/inbox", "twilio/bridge"
REPLY, LISTENER, ELSEWHERE = "twilio/reply/x/1", "twilio/listener/x", "home/light"
TOPICS = {SEND, CALL, EVENT, STATE, STATUS, THINGS, INBOX, BRIDGE, REPLY, LISTENER, ELSEWHERE}
WRITE = {
    "twilio-binding": TOPICS - {ELSEWHERE},
    "openhab": {SEND, CALL, BRIDGE, LISTENER},
    "programs": {SEND, CALL, LISTENER},
    "doorbell": {SEND},
    "spectator": set(),
}
READ = {
    "twilio-binding": TOPICS - {ELSEWHERE},
    "openhab": {STATUS, THINGS, INBOX, EVENT, STATE, REPLY},
    "programs": {STATUS, THINGS, EVENT, STATE, REPLY},
    "doorbell": set(),
    "spectator": {STATUS, THINGS},
}


class Somebody:
    """A client of the broker."""

    def __init__(self, port: int, user: str, password: str = "secret") -> None:
        self.heard: set[str] = set()
        self._said: SimpleQueue[str] = SimpleQueue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        if user:
            self._client.username_pw_set(user, password)
        self._client.on_connect = self._answered
        self._client.on_subscribe = self._subscribed
        self._client.on_publish = self._published
        self._client.on_message = lambda _client, _data, message: self.heard.add(message.topic)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.greeting = self._said.get(timeout=30)

    def may_write(self, topic: str) -> bool:
        """Publish, and return whether the broker accepts it."""
        self._client.publish(topic, b"x", qos=1)
        return self._said.get(timeout=30) == "Success"

    def listen(self) -> None:
        """Subscribe to everything."""
        self._client.subscribe("#", 1)
        self._said.get(timeout=30)

    def leave(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _answered(self, _client: object, _data: object, _flags: object, reason: object, _props: object) -> None:
        self._said.put(str(reason))

    def _subscribed(self, _client: object, _data: object, _mid: int, reasons: Any, _props: object) -> None:
        self._said.put(str(reasons[0]))

    def _published(self, _client: object, _data: object, _mid: int, reason: object, _props: object) -> None:
        self._said.put("Success" if str(reason) in {"Success", "No matching subscribers"} else str(reason))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a mosquitto with the project's files."""
    assert MOSQUITTO is not None
    assert PASSWD is not None
    found = free_port()
    with tempfile.TemporaryDirectory(prefix="broker-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # started by root, mosquitto works as a user of its own
        (folder / "twilio.acl").write_bytes((PACKAGING / "twilio.acl").read_bytes())
        for number, user in enumerate(USERS):
            create = ["-c"] if number == 0 else []
            subprocess.run([PASSWD, *create, "-b", str(folder / "twilio.passwd"), user, "secret"], check=True)
        text = (PACKAGING / "mosquitto.conf").read_text(encoding="utf-8")
        text = text.replace("/etc/mosquitto", name).replace("listener 1883", f"listener {found}")
        (folder / "broker.conf").write_text(f"{text}log_type none\n", encoding="utf-8")
        for file in folder.iterdir():
            file.chmod(0o644)
        process = subprocess.Popen([MOSQUITTO, "-c", str(folder / "broker.conf")], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: process.poll() is None and _listens(found), 10, "mosquitto")
            yield found
        finally:
            process.terminate()
            process.wait(30)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


@contextmanager
def somebody(port: int, user: str, password: str = "secret") -> Iterator[Somebody]:
    """A client for the time of the block."""
    client = Somebody(port, user, password)
    try:
        yield client
    finally:
        client.leave()


@pytest.mark.parametrize(("user", "password"), [("", ""), ("openhab", "wrong"), ("nobody", "secret")])
def test_strangers(port: int, user: str, password: str) -> None:
    """Clients without a name, or with a wrong password or unknown name, are refused."""
    with somebody(port, user, password) as client:
        assert client.greeting in {"Not authorized", "Bad user name or password"}


@pytest.mark.parametrize("user", USERS)
def test_who_may_publish(port: int, user: str) -> None:
    """Each role can publish what it needs, and nothing else; only three can make calls."""
    with somebody(port, user) as client:
        assert {topic for topic in TOPICS if client.may_write(topic)} == WRITE[user]


def test_who_hears_what(port: int) -> None:
    """Each role reads what it needs, even if it subscribes to everything."""
    with ExitStack() as cleanup:
        clients = {user: cleanup.enter_context(somebody(port, user)) for user in USERS}
        for client in clients.values():
            client.listen()
        for topic in sorted(TOPICS - {ELSEWHERE, STATUS}):
            assert clients["twilio-binding"].may_write(topic)
        assert clients["twilio-binding"].may_write(STATUS)
        for user, client in clients.items():
            if READ[user]:
                wait_until(lambda client=client: STATUS in client.heard, 10, f"{user} to hear the last")  # type: ignore[misc]
        assert {user: client.heard for user, client in clients.items()} == READ


def test_the_service_and_a_program_get_along(port: int, tmp_path: Path) -> None:
    """The service comes up and a program gets its reply; one without the role is refused immediately."""
    settings = {
        "MQTT__URL": f"mqtt://twilio-binding:secret@127.0.0.1:{port}",
        "THINGS": json.dumps([str(SEEDS / "things" / "*.things")]),
        "OPENHAB__URL": "http://127.0.0.1:1",
        "TWILIO__API_URL": "http://127.0.0.1:1",
    }
    with ServiceProcess(tmp_path, settings) as service:
        service.wait_ready("mqtt")
        with connect(f"mqtt://programs:secret@127.0.0.1:{port}") as client:
            assert phone(PHONE, client).respondWithTwiml("CA1", "<Response/>").code == "unknown_call"
            assert PHONE in str(client.retained(THINGS))
        with connect(f"mqtt://spectator:secret@127.0.0.1:{port}") as client:
            assert phone(PHONE, client).sendSMS("+15559876543", "hi").code == "broker_refused"
        assert service.metric("actions_total") == 1
