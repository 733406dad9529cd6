"""The examples: the Python programs run in a stack, and each does what its first line says."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest
import requests
from paho.mqtt.enums import CallbackAPIVersion

from lab.standins.stack import Stack, stack
from tests.standins import Answer, Receiver, receiver
from tests.waiting import let_pass, wait_until
from twilio_binding.mqtt import parse_broker_url
from twilio_binding.sandbox.demo_rule import PHONE

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
HELPER = Path(__file__).with_name("helper")
OUTSIDE, INSIDE = "python", "python-in-openhab"
ADA, BOB, STRANGER = "+15559876543", "+15557654321", "+15551110000"
CALLS = ("call-received", "dtmf-received")
Program = subprocess.Popen[str]
Run = Callable[..., AbstractContextManager[Program]]


@pytest.fixture(scope="module")
def shared_stack() -> Iterator[Stack]:
    """A stack with the items of the examples."""
    with stack() as up:
        (up.folder / "items" / "examples.items").write_bytes((EXAMPLES / "items" / "examples.items").read_bytes())
        wait_until(lambda: requests.get(f"{up.openhab.url}/rest/items/DoorCamera", timeout=30).ok, 10, "the items")
        yield up


@pytest.fixture(params=[OUTSIDE, INSIDE])
def run(home: Stack, request: pytest.FixtureRequest) -> Run:
    """Run an example until the end of the block; it listens when the block begins."""
    folder = EXAMPLES / request.param
    command = [sys.executable] if request.param == OUTSIDE else [sys.executable, str(HELPER / "as_rule.py")]
    search = [ROOT, ROOT / "automation" / "python" / "lib", HELPER, EXAMPLES / "python"]
    path = os.pathsep.join(map(str, search[: 1 if request.param == OUTSIDE else None]))

    @contextmanager
    def running(name: str, *arguments: str, listens: tuple[str, ...] = (), **environment: str) -> Iterator[Program]:
        environment = {"TWILIO_BINDING_MQTT__URL": home.broker.url, "OPENHAB_URL": home.openhab.url} | environment
        streams = 0 if listens else _settled_streams(home)
        with _listeners(home) as told:
            program = subprocess.Popen(
                [*command, str(folder / name), *arguments],
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": path, "no_proxy": "*"} | environment,
            )
            try:
                wanted = sorted(f"{PHONE}:{channel}" for channel in listens)
                if listens:
                    wait_until(lambda: wanted in tuple(told.values()), 15, f"{name} to listen")
                elif request.param == INSIDE or name == "alert.py":
                    wait_until(lambda: home.openhab.counts()["streams"] == streams + 1, 15, f"{name} to listen")
                yield program
            finally:
                program.terminate()
                program.communicate(timeout=30)
                wait_until(lambda: not any(told.values()), 10, "the program to be gone")

    return running


@contextmanager
def _listeners(home: Stack) -> Iterator[dict[str, list[str]]]:
    """The announcements of programs that listen, by topic."""
    told: dict[str, list[str]] = {}

    def heard(_client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        told[message.topic] = json.loads(message.payload)["channels"] if message.payload else []

    address = parse_broker_url(home.broker.url)
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_message = heard
    client.connect(address.host, address.port)
    client.loop_start()
    client.subscribe("twilio/listener/+", 1)
    try:
        yield told
    finally:
        client.disconnect()
        client.loop_stop()


def _settled_streams(home: Stack) -> int:
    """The number of listeners to openHAB, without those that have ended: openHAB notices when there is something to send."""

    def settled() -> bool:
        for item, state in (("FrontDoor", "OPEN"), ("FrontDoor", "CLOSED"), ("AlarmCall", "ON"), ("AlarmCall", "OFF")):
            _state(home, item, state)
        return home.openhab.counts()["streams"] == 1

    wait_until(settled, 15, "the streams of ended programs to be gone")
    return 1


def _sent(home: Stack, before: int, count: int) -> list[dict[str, object]]:
    """The messages sent since there were `before`, when there are `count`."""
    return wait_until(lambda: found if len(found := home.twilio.messages()[before:]) >= count else None, 15, "messages")


def _texts_after(home: Stack, *texts: tuple[str, str], answers: int) -> list[tuple[object, object]]:
    """Let texts (sender, body) come in one after the other; returns the answers by recipient, sorted."""
    before = len(home.twilio.messages())
    for sender, body in texts:
        home.twilio.receive_sms(body, sender=sender)
    found = _sent(home, before, len(texts) + answers)
    return sorted((message["to"], message["body"]) for message in found if message["direction"] != "inbound")


def _heard(home: Stack, before: int) -> list[str]:
    """What was said in calls since there were `before`."""
    walks = [call["walk"] for call in home.twilio.calls()[before:] if call.get("walk")]
    return [said for walk in walks for said in walk["said"]]


def _state(home: Stack, item: str, state: str) -> None:
    url = f"{home.openhab.url}/rest/items/{item}/state"
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    assert requests.put(url, state.encode(), headers=headers, timeout=30).status_code == 202
    wait_until(lambda: requests.get(url, timeout=30).content.decode() == state, 10, f"{item} to be {state}")


def test_alert(home: Stack, run: Run) -> None:
    """Both phones get a text when the door opens, and none when it closes."""
    before = len(home.twilio.messages())
    with run("alert.py"):
        for state in ("CLOSED", "OPEN", "CLOSED"):
            _state(home, "FrontDoor", state)
        found = _sent(home, before, 2)
    assert [each["body"] for each in found] == ["The front door was opened."] * 2
    assert {each["to"] for each in found} == {ADA, BOB}


def test_reply(home: Stack, run: Run) -> None:
    """Known senders get an answer, a stranger does not."""
    with run("reply.py", listens=("sms-received",)):
        answers = _texts_after(home, (STRANGER, "open"), (ADA, "hello"), (STRANGER, "open!"), (BOB, "hi"), answers=2)
    assert answers == sorted([(ADA, "The house has read: hello"), (BOB, "The house has read: hi")])


def test_sms_menu(home: Stack, run: Run) -> None:
    """Commands of known senders are carried out; other texts are answered with a list of commands."""
    _state(home, "FrontDoor", "CLOSED")
    _state(home, "AlarmSystem", "DISARMED")
    with run("sms_menu.py", listens=("sms-received",)):
        texts = ((STRANGER, "LIGHTS OFF"), (ADA, " status"), (ADA, "Lights on"), (BOB, "dance"))
        answers = _texts_after(home, *texts, answers=3)
    expected = [
        (ADA, "Door CLOSED, alarm DISARMED"),
        (ADA, "Lights on: done."),
        (BOB, "STATUS, CAMERA, LIGHTS ON or LIGHTS OFF?"),
    ]
    assert answers == sorted(expected)
    assert home.openhab.states("GardenLights")[-1:] == ["ON"]


def test_call_menu(home: Stack, run: Run) -> None:
    """Each key has its answer."""
    _state(home, "FrontDoor", "OPEN")
    with run("call_menu.py", listens=CALLS):
        said = [home.twilio.call([key]).said[-1] for key in ("1", "2", "9")]
    assert said == ["The front door is open.", "The garden lights are on.", "There is no such key. Goodbye."]


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_items_do_not_answer(home: Stack, run: Run) -> None:
    """If openHAB does not answer, the caller is told so, and the program continues."""
    with run("call_menu.py", listens=CALLS, OPENHAB_URL="http://127.0.0.1:1"):
        said = [home.twilio.call([key]).said[-1] for key in ("1", "2")]
    assert said == ["The front door is unknown.", "Your home is not responding."]


def test_temperatures(home: Stack, run: Run) -> None:
    """The rooms are read out one after the other in one call."""
    _state(home, "LivingRoomTemperature", "21.5 °C")
    _state(home, "BedroomTemperature", "18 °C")
    with run("temperatures.py", listens=CALLS):
        said = " ".join(home.twilio.call(["1", "2", "7", "hangup"]).said)
    assert "It is 21.5 degrees in the living room." in said
    assert "It is 18 degrees in the bedroom." in said
    assert "There is no such room." in said


def test_security_panel(home: Stack, run: Run) -> None:
    """Only a known caller with the PIN arms the alarm system; without the PIN, the panel's keys do nothing."""
    before = len(home.openhab.states("AlarmSystem"))
    _state(home, "AlarmSystem", "DISARMED")
    with run("security_panel.py", listens=CALLS, ALARM_PIN="4711"):
        stranger = home.twilio.call(["4711", "1"], caller=STRANGER).said
        wrong = home.twilio.call(["4712", "1"]).said
        armed = home.twilio.call(["4711", "1"]).said
        asked = home.twilio.call(["4711", "3"]).said
    assert stranger == ["Access denied."]
    assert wrong[-1] == "Wrong PIN."
    assert armed[-1] == asked[-1] == "The alarm system is armed."
    assert home.openhab.states("AlarmSystem")[before:] == ["DISARMED", "ARMED"]


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_alarm_calls_until_confirmed(home: Stack, run: Run) -> None:
    """Whoever is busy, or answers without pressing 1, is called again, until somebody presses 1."""
    before = len(home.twilio.calls())
    home.twilio.contact(ADA, status="busy")
    home.twilio.contact(BOB, script=["7"])
    heard = ("call-status-update", "dtmf-received")
    with run("alarm_until_confirmed.py", "Water & more", listens=heard, ALARM_PAUSE="0.1") as program:
        wait_until(lambda: len(home.twilio.calls()) >= before + 5, 20, "five calls in vain")
        home.twilio.contact(ADA, script=["1"])
        assert program.wait(20) == 0
        assert program.stdout is not None
        assert program.stdout.read() == "confirmed\n"
    calls = home.twilio.calls()[before:]
    assert [call["to"] for call in calls] == ([ADA, BOB] * len(calls))[: len(calls)]
    assert calls[-1]["to"] == ADA
    assert "Alarm: Water & more." in calls[-1]["walk"]["said"][0]
    assert calls[-1]["walk"]["said"][-1] == "Thank you. Nobody else is called."


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_alarm_leaves_time_between_calls(home: Stack, run: Run) -> None:
    """If everybody is busy, the alarm does not reach its own limits: the next call comes a minute later."""
    before = len(home.twilio.calls())
    home.twilio.contact(ADA, status="busy")
    home.twilio.contact(BOB, status="busy")
    with run("alarm_until_confirmed.py", "Fire", listens=("call-status-update", "dtmf-received")):
        wait_until(lambda: len(home.twilio.calls()) > before, 10, "the first call")
        let_pass(5)
    assert [call["to"] for call in home.twilio.calls()[before:]] == [ADA]


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_alarm_goes_on_when_twilio_is_away(home: Stack, run: Run) -> None:
    """A call that could not be made is made later."""
    home.twilio.contact(ADA, script=["1"])
    home.twilio.contact(BOB, script=["1"])
    home.twilio.faults.set("status", status=503, path="Calls", count=1)
    with run("alarm_until_confirmed.py", "Fire", listens=("call-status-update", "dtmf-received")) as program:
        assert program.wait(30) == 0
        assert program.stdout is not None
        assert program.stdout.read().endswith("confirmed\n")


@pytest.mark.parametrize("run", [INSIDE], indirect=True)
def test_alarm_rule_calls_until_confirmed(home: Stack, run: Run) -> None:
    """While the switch is ON, people are called one after the other; pressing 1 turns it OFF and ends the calls."""
    before = len(home.twilio.calls())
    home.twilio.contact(ADA, status="no-answer")
    home.twilio.contact(BOB, script=["7"])
    _state(home, "AlarmCall", "OFF")
    with run("alarm_until_confirmed.py", listens=("dtmf-received",)):
        _state(home, "AlarmCall", "ON")
        wait_until(lambda: len(home.twilio.calls()) >= before + 4, 20, "four calls in vain")
        home.twilio.contact(ADA, script=["1"])
        wait_until(lambda: home.openhab.states("AlarmCall")[-1] == "OFF", 20, "somebody to confirm")
        wait_until(lambda: "Thank you. Nobody else is called." in _heard(home, before), 10, "a word of thanks")
    assert [call["to"] for call in home.twilio.calls()[before : before + 4]] == [ADA, BOB, ADA, BOB]


@pytest.fixture
def camera() -> Iterator[Receiver]:
    """A camera in the home network."""
    with receiver() as found:
        found.answer("/snapshot.jpg", Answer(body=b"\xff\xd8picture", content_type="image/jpeg"))
        yield found


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_picture(home: Stack, run: Run) -> None:
    """The picture of the item is sent, with and without a text."""
    _state(home, "DoorCamera", f"data:image/png;base64,{base64.b64encode(b'a picture').decode()}")
    before = len(home.twilio.messages())
    with run("picture.py") as program:
        assert program.wait(20) == 0
        assert program.stdout is not None
        assert program.stdout.read() == "sent\nsent\n"
    found = _sent(home, before, 2)
    assert [each["body"] for each in found] == ["Somebody is at the door.", ""]
    assert [each["num_media"] for each in found] == ["1", "1"]


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_no_picture(home: Stack, run: Run) -> None:
    """An item without a picture ends the program with a message, and nothing is sent."""
    _state(home, "DoorCamera", "NULL")
    before = len(home.twilio.messages())
    with run("picture.py") as program:
        assert program.wait(20) == 1
    assert len(home.twilio.messages()) == before


@pytest.mark.parametrize("run", [OUTSIDE], indirect=True)
def test_lan_camera(home: Stack, run: Run, camera: Receiver) -> None:
    """The current picture of the camera is sent, and Twilio never learns the camera's address."""
    before = len(home.twilio.messages())
    with run("lan_camera.py", f"{camera.url}/snapshot.jpg") as program:
        assert program.wait(20) == 0
    assert len(camera.at("/snapshot.jpg")) == 1
    assert camera.url not in json.dumps(_sent(home, before, 1))


_RULE = f"""
import signal
from openhab_twilio import on_sms

@on_sms("{PHONE}")
def reply(message):
    return "Installed: " + message.body

signal.pause()
"""


def test_rule_beside_openhab(home: Stack, tmp_path: Path) -> None:
    """If the package is installed, the same rules run in a program beside openHAB."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    rule = tmp_path / "rule.py"
    rule.write_text(_RULE, encoding="utf-8")
    environment = {"PYTHONPATH": str(wheel), "TWILIO_BINDING_MQTT__URL": home.broker.url, "no_proxy": "*"}
    with _listeners(home) as told:
        program = subprocess.Popen([sys.executable, str(rule)], env=os.environ | environment)
        try:
            wait_until(lambda: [f"{PHONE}:sms-received"] in tuple(told.values()), 15, "the rule to listen")
            assert _texts_after(home, (ADA, "hello"), answers=1) == [(ADA, "Installed: hello")]
        finally:
            program.terminate()
            program.wait(30)
            wait_until(lambda: not any(told.values()), 10, "the program to be gone")
