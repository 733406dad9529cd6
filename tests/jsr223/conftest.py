"""One JVM for all tests of the script, a real broker, and the service's side of both connections."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.standins.jvm import Missing, OpenHAB, class_path, jdk
from tests.waiting import wait_until
from twilio_binding.installation import bundle
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt.exchange import Exchange
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.settings import OpenHABSettings

SECRET = "shared secret of 32 characters.."
PATIENCE = 45.0
"""Seconds that an action may take, so that a busy machine is no reason for a refusal."""
ACCOUNT, PHONE = "twilio:account:home", "twilio:phone:home:main"


@pytest.fixture(scope="session")
def openhab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHAB]:
    """The stand-in of openHAB."""
    try:
        home = jdk()
        classes = class_path(home)
    except Missing as missing:
        pytest.exit(str(missing), returncode=1)
    running = OpenHAB(home, classes, tmp_path_factory.mktemp("openhab"))
    yield running
    running.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An interpreter on a JVM is slow on a busy machine."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(600))


class ServiceSide:
    """The service's MQTT side and script client.

    `reply` answers the actions, `requests` are what arrived, `unanswered` those without a reply, with a function for one.
    """

    def __init__(self, broker: BrokerProcess) -> None:
        self.requests: queue.Queue[Request] = queue.Queue()
        self.unanswered: list[tuple[Request, Callable[[Reply], None]]] = []
        self.reply: Callable[[Request], Reply | None] = lambda request: Reply(
            id=request.id, ok=True, result={"sid": "SM1", "status": "queued"}
        )
        self.announcement: Announcement | None = None
        self.door = ScriptClient(SECRET)
        self._broker = broker
        self._shown: tuple[dict[str, object], ...] = ()
        self.exchange = self._exchange()

    def _exchange(self) -> Exchange:
        exchange = Exchange(self._broker.url, Topics(), client_id="service", metrics=Metrics())
        exchange.announced.subscribe(self._bridge)
        return exchange

    def _bridge(self, announcement: Announcement | None) -> None:
        self.announcement = announcement
        self.door.announce(announcement)

    def start(self) -> None:
        """Connect."""
        self.exchange.start(self._submit)
        wait_until(lambda: self.exchange.is_ready, 30, "the service's connection to the broker")
        self.exchange.publish_things(self._shown)

    def stop(self) -> None:
        """Disconnect, and say so."""
        self.exchange.stop()
        self.exchange = self._exchange()

    def _submit(self, request: Request, answer: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        self.requests.put(request)
        taken()
        reply = self.reply(request)
        if reply is None:
            self.unanswered.append((request, answer))
        else:
            answer(reply)

    def asked(self) -> Request:
        """The next request that arrives."""
        return self.requests.get(timeout=60)

    def show(self, *things: dict[str, object]) -> None:
        """Publish the things from `describe`."""
        self._shown = things
        self.exchange.publish_things(things)


def describe(
    uid: str, status: str = "ONLINE", detail: str = "NONE", text: str = "", **properties: str
) -> dict[str, object]:
    """A thing in the form that the service publishes."""
    return {"uid": uid, "status": status, "statusDetail": detail, "description": text, "properties": properties}


@pytest.fixture(scope="session")
def conf(tmp_path_factory: pytest.TempPathFactory, broker: BrokerProcess) -> Path:
    """The folder `automation/python` of openHAB, as the installer fills it."""
    folder = tmp_path_factory.mktemp("conf")
    made = bundle(secret=SECRET, mqtt_url=broker.url, base_topic="twilio", service_url="http://127.0.0.1:9")
    for path, content in made.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    set_patience(folder, PATIENCE)
    return folder


def set_patience(conf: Path, seconds: float) -> None:
    """Change how long an action may take; the script reads it when it is loaded."""
    settings = conf / "lib" / "openhab_twilio" / "settings.json"
    settings.write_text(json.dumps(json.loads(settings.read_text()) | {"patience": seconds}))


def load(openhab: OpenHAB, conf: Path, name: str = "bridge", file: Path | None = None) -> None:
    """Load the script, or reload it."""
    path = f"{conf / 'lib'}:{conf}"
    openhab.control("load", name=name, file=str(file or conf / "twilio.py"), path=path)


class Stack:
    """openHAB with the script, the service, and the things that tests look at."""

    def __init__(self, openhab: OpenHAB, conf: Path, service: ServiceSide) -> None:
        self.openhab = openhab
        self.conf = conf
        self.service = service

    def load(self, name: str = "bridge", file: Path | None = None) -> None:
        """Load the script, or reload it."""
        load(self.openhab, self.conf, name, file)

    def add(self, uid: str, bridge: str = "", **configuration: object) -> None:
        """Add a thing, like the UI."""
        thing = {"UID": uid, "thingTypeUID": ":".join(uid.split(":")[:2]), "configuration": configuration}
        status, answer = self.openhab.request("POST", "/rest/things", thing | ({"bridgeUID": bridge} if bridge else {}))
        assert status == 201, answer

    def remove(self, uid: str) -> None:
        """Remove a thing, and wait until it is gone."""
        self.openhab.request("DELETE", f"/rest/things/{uid}")
        path = f"/rest/things/{uid}"
        wait_until(
            lambda: self.openhab.request("GET", path)[0] == 404,
            30,
            lambda: f"{self.openhab.request('GET', path)} to go",
        )

    def thing(self, uid: str) -> dict[str, object]:
        """A thing as REST shows it."""
        thing = self.openhab.get(f"things/{uid}")
        assert isinstance(thing, dict)
        return thing

    def status(self, uid: str) -> tuple[str, str, str]:
        """Status, detail and text of a thing."""
        info = self.thing(uid)["statusInfo"]
        assert isinstance(info, dict)
        return info["status"], info["statusDetail"], info.get("description", "")

    def wait_for(self, uid: str, *status: str) -> None:
        """Wait for a status; detail and text are compared only if given."""
        wait_until(
            lambda: self.status(uid)[: len(status)] == status, 40, lambda: f"{uid} {status}, it is {self.status(uid)}"
        )

    def call(self, action: str, *args: str | None, thing: str = PHONE, **options: object) -> dict[str, object]:
        """Call an action like a rule: its result and the Java type of it."""
        answer = self.openhab.control("call", thing=thing, action=action, args=list(args), **options)
        assert isinstance(answer, dict)
        return answer

    def evaluate(self, code: str, name: str = "bridge") -> object:
        """The value of an expression in a loaded script."""
        return self.openhab.control("evaluate", name=name, code=code)

    def wait_until_warm(self) -> None:
        """Wait for the end of the dry runs: then the script's thread is free, and its code is fast."""
        wait_until(lambda: self.evaluate("_binding._offer._warm_up.is_done") == "True", 60, "the dry runs to end")

    def has_actions(self, uid: str) -> bool:
        """Whether rules that look up the actions of a thing find them."""
        try:
            self.openhab.control("keep", thing=uid, **{"as": "looked up"})
        except RuntimeError:
            return False
        return True

    def triggers(self) -> list[tuple[str, str]]:
        """The trigger events so far: channel and payload."""
        triggers = self.openhab.control("triggers")
        assert isinstance(triggers, list)
        return [(trigger["channel"], trigger["event"]) for trigger in triggers]


@pytest.fixture
def service(broker: BrokerProcess) -> Iterator[ServiceSide]:
    """The service's side, connected."""
    made = ServiceSide(broker)
    made.start()
    made.show(describe(ACCOUNT), describe(PHONE, smsWebhookUrl="https://h/sms"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def _loaded(openhab: OpenHAB, conf: Path) -> None:
    """The script is loaded once; tests of its lifecycle reload it."""
    load(openhab, conf)


class Expected:
    """Warnings of the script that a test expects, by a part of their text."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def __call__(self, *parts: str) -> None:
        """Allow them in this test."""
        self.parts += parts


@pytest.fixture
def expected(openhab: OpenHAB) -> Iterator[Expected]:
    """Fails a test in which the script logs an unexpected warning."""
    before = len(list(openhab.warnings()))
    allowed = Expected()
    yield allowed
    surprising = [line for line in list(openhab.warnings())[before:] if not any(part in line for part in allowed.parts)]
    complaints = openhab.control("complaints")
    assert not surprising, surprising
    assert complaints == [], complaints


@pytest.fixture
def stack(openhab: OpenHAB, conf: Path, service: ServiceSide, expected: Expected, _loaded: None) -> Iterator[Stack]:
    """An account and a phone that are online."""
    openhab.control("forget")
    made = Stack(openhab, conf, service)
    made.add(ACCOUNT, accountSid="AC" + "0" * 32, authToken="t")
    made.add(PHONE, ACCOUNT, phoneNumber="+15551234567")
    made.wait_for(ACCOUNT, "ONLINE")
    made.wait_for(PHONE, "ONLINE")
    yield made
    for uid in (PHONE, ACCOUNT):
        made.remove(uid)


@pytest.fixture
def line(openhab: OpenHAB) -> Iterator[OpenHABRequests]:
    """The service's connection to openHAB."""
    requests = OpenHABRequests(OpenHABSettings(url=openhab.url))
    yield requests
    requests.close()
