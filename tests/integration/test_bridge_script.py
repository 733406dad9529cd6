"""Events through the script inside openHAB, and through the relay rule while the script is gone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from lab.standins.stack import Stack, stack
from tests.integration.conftest import bodies
from tests.integration.test_lane_out import Wire
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.actions import connect
from twilio_binding.protocol.announcement import GONE, VERSION, Announcement
from twilio_binding.sandbox.demo_rule import PHONE

ACCOUNT = "twilio:account:myaccount"
OFFLINE = {"status": "OFFLINE", "statusDetail": "BRIDGE_OFFLINE"}


class Script:
    """The script in the stack's openHAB, as it announces itself."""

    def __init__(self, home: Stack, wire: Wire) -> None:
        self._home = home
        self._wire = wire
        self.secret = (home.folder / "data" / "relay-secret").read_text(encoding="ascii")

    def load(self, *, secret: str = "", version: int = VERSION) -> None:
        """Load it, and announce it."""
        self._home.openhab.contents.load_script(secret or self.secret)
        self.say(Announcement(instance=str(time.time_ns()), bridge="1", features=("events",), version=version).encode())

    def say(self, payload: bytes) -> None:
        """Publish a text as its announcement."""
        self._wire.connection.publish("twilio/bridge", payload, retain=True).wait_for_publish(10)

    def wait_way(self, way: str) -> None:
        """Wait until events take this way."""
        wait_until(lambda: self._home.service.dependencies()["openhab"]["way"] == way, 10, way)

    @property
    def events(self) -> int:
        """The number of events that it has carried out."""
        return int(str(self._home.openhab.counts()["script_events"]))


@pytest.fixture
def script(home: Stack) -> Iterator[Script]:
    """The script, not loaded yet, with its things in openHAB."""
    home.openhab.contents.put_thing(ACCOUNT, {"thingTypeUID": "twilio:account"})
    home.openhab.contents.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
    with Wire(home.broker.url, "script") as wire:
        script = Script(home, wire)
        yield script
        home.openhab.contents.unload_script()
        script.say(GONE)
        script.wait_way("relay rule")
        home.service.wait_delivered()


def text(home: Stack, body: str) -> None:
    """A text comes in."""
    home.twilio.receive_sms(body)


def told_things(home: Stack) -> list[dict[str, str]]:
    """The things that the service publishes."""
    with connect(home.broker.url) as client:
        payload = client.retained(client.topics.things)
    things: list[dict[str, str]] = json.loads(payload or b"[]")
    return things


def test_events_go_to_the_script(home: Stack, script: Script) -> None:
    """With the script loaded, states and trigger of a text come from its things, and the relay rule is not used."""
    script.load()
    script.wait_way("bridge script")
    runs, events = home.openhab.runs("twilio-relay")["runs"], script.events
    text(home, "through the door")
    home.service.wait_delivered()
    assert bodies(home, "through the door") == ["through the door"]
    assert home.openhab.states("TwilioLastMessage")[-1:] == ["through the door"]
    assert (home.openhab.runs("twilio-relay")["runs"], script.events) == (runs, events + 1)


def test_script_that_goes_without_a_word(home: Stack, script: Script) -> None:
    """If the script is suddenly gone, the event takes the relay rule, once."""
    script.load()
    script.wait_way("bridge script")
    home.openhab.contents.unload_script()
    text(home, "nobody at the door")
    home.service.wait_delivered()
    assert bodies(home, "nobody at the door") == ["nobody at the door"]
    assert home.service.dependencies()["openhab"]["way"] == "relay rule"


def test_script_that_is_loaded_anew(home: Stack, script: Script) -> None:
    """While openHAB reloads the script, events wait for it: the relay rule would run rules without actions."""
    script.load()
    script.wait_way("bridge script")
    runs = home.openhab.runs("twilio-relay")["runs"]
    home.openhab.contents.unload_script()
    script.say(GONE)
    script.wait_way("relay rule")
    text(home, "while it is loaded")
    wait_until(lambda: home.service.metric("backlog"), 10, "the text to wait")
    script.load()
    home.service.wait_delivered()
    assert bodies(home, "while it is loaded") == ["while it is loaded"]
    assert home.openhab.runs("twilio-relay")["runs"] == runs


def test_script_that_is_gone_for_good(home: Stack, script: Script) -> None:
    """A script that does not come back delays events only for some seconds."""
    script.load()
    script.wait_way("bridge script")
    home.openhab.contents.unload_script()
    script.say(GONE)
    text(home, "without it from now on")
    home.service.wait_delivered(30)
    assert bodies(home, "without it from now on") == ["without it from now on"]


def test_script_that_comes_and_goes_in_a_flood(home: Stack, script: Script) -> None:
    """While texts arrive, the script is loaded and unloaded again and again: none is lost or doubled, and the order is kept."""
    sent = [f"turn {number:03}" for number in range(60)]
    for number, body in enumerate(sent):
        if number % 12 == 0:
            script.load()
        if number % 12 == 6:
            home.openhab.contents.unload_script()
        if number % 24 == 8:
            script.say(GONE)
        text(home, body)
    home.service.wait_delivered()
    assert bodies(home, "turn ") == sent


def test_answer_that_is_lost(home: Stack, script: Script) -> None:
    """If the answer to an event is cut off, the event also goes through the relay rule, and takes effect once."""
    script.load()
    script.wait_way("bridge script")
    fault = home.openhab.faults.set("cut", path="/twilio/bridge/", count=1)
    text(home, "cut off")
    wait_until(lambda: home.openhab.faults.hits(fault) == 1, 10, "the fault")
    home.service.wait_delivered()
    assert bodies(home, "cut off") == ["cut off"]


def test_openhab_that_starts(home: Stack, script: Script) -> None:
    """While openHAB starts, its rules do not listen yet, so events wait although the script is running."""
    script.load()
    script.wait_way("bridge script")
    home.openhab.restart(0.02, until=12.6)
    text(home, "while it starts")
    wait_until(lambda: "start level 30" in home.service.dependencies()["openhab"].get("reason", ""), 20, "the level")
    assert bodies(home, "while it starts") == []
    home.openhab.proceed()
    home.service.wait_delivered(30)
    assert bodies(home, "while it starts") == ["while it starts"]


def test_thing_that_openhab_does_not_have(home: Stack, script: Script) -> None:
    """Events of a thing that is only in a file take the relay rule."""
    home.openhab.contents.remove_thing(PHONE)
    script.load()
    script.wait_way("bridge script")
    text(home, "a thing of the file")
    home.service.wait_delivered()
    assert bodies(home, "a thing of the file") == ["a thing of the file"]
    assert home.openhab.states("TwilioLastMessage")[-1:] == ["a thing of the file"]


def test_thing_that_is_not_ready(home: Stack, script: Script) -> None:
    """Events of a thing without a running handler wait for it."""
    home.openhab.contents.put_thing(
        PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT, "statusInfo": OFFLINE}
    )
    script.load()
    script.wait_way("bridge script")
    text(home, "not yet")
    wait_until(lambda: home.service.metric("backlog") == 1, 10, "the event to wait")
    assert bodies(home, "not yet") == []
    home.openhab.contents.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
    home.service.wait_delivered()
    assert bodies(home, "not yet") == ["not yet"]


def test_thing_that_is_not_ready_stops_no_other() -> None:
    """While one phone is disabled in openHAB, events of others continue, and `/ready` says what waits until it is enabled."""
    other, number = f"{PHONE}2", "+15551234568"
    with stack() as home, Wire(home.broker.url, "script") as wire:
        text = home.things.read_text(encoding="utf-8").rstrip().removesuffix("}")
        home.things.write_text(f'{text}    Thing phone myphone2 [ phoneNumber="{number}" ]\n}}\n', encoding="utf-8")
        home.twilio.console.add_number(number, sms_url=f"https://my.domain.com/twilio/callback/{other}/sms")
        home.openhab.contents.put_thing(ACCOUNT, {"thingTypeUID": "twilio:account"})
        home.openhab.contents.put_thing(
            PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT, "statusInfo": OFFLINE}
        )
        home.openhab.contents.put_thing(other, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
        script = Script(home, wire)
        script.load()
        script.wait_way("bridge script")
        texts = [f"waits {count}" for count in range(3)]
        for body in texts:
            home.twilio.receive_sms(body)
        wait_until(lambda: home.twilio.receive_sms("goes on", to=number)["status"] == 200, 20, "the second phone")
        wait_until(lambda: home.openhab.triggers(channel=f"{other}:sms-received"), 10, "the other phone's trigger")
        wait_until(lambda: PHONE in home.service.dependencies()["openhab"].get("reason", ""), 10, "the reason")
        assert bodies(home, "waits") == []
        home.openhab.contents.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
        home.service.wait_delivered()
        assert bodies(home, "waits") == texts
        home.service.wait_ready("openhab")


def test_script_with_another_secret(home: Stack, script: Script) -> None:
    """A script installed with another data folder is an error with a cure in all places; events continue."""
    script.load(secret="another")
    entry = wait_until(lambda: found if not (found := home.service.dependencies()["openhab"])["up"] else None)
    assert "another secret" in entry["reason"]
    assert f"twilio-binding install <openHAB's conf folder>` with data_dir {home.folder / 'data'}" in entry["reason"]
    text(home, "who is there")
    home.service.wait_delivered()
    assert bodies(home, "who is there") == ["who is there"]
    assert home.service.dependencies()["openhab"]["way"] == "relay rule"
    assert home.service.log.read_text(encoding="utf-8").count("event=bridge.unusable") == 1
    account, phone = wait_until(lambda: things if (things := told_things(home))[0]["status"] == "OFFLINE" else None)
    assert "another secret" in account["description"]
    assert (phone["status"], phone["statusDetail"]) == ("OFFLINE", "BRIDGE_OFFLINE")
    (home.folder / "conf" / "items").mkdir(parents=True)
    settings = {"DATA_DIR": str(home.folder / "data"), "MQTT__URL": home.broker.url}
    settings["ADMIN__LISTEN"] = home.service.admin_url.removeprefix("http://")
    assert command(home.folder, "install", "conf", **settings).returncode == 0
    checked = command(home.folder, "install", "--check", "conf", **settings)
    assert checked.returncode == 1
    assert "The service reports: the script in openHAB has another secret" in checked.stderr
    script.load()
    wait_until(lambda: home.service.dependencies()["openhab"]["up"], 10, "the right script")
    wait_until(lambda: told_things(home)[0]["status"] == "ONLINE", 10, "the things")
    assert command(home.folder, "install", "--check", "conf", **settings).returncode == 0


def test_openhab_that_starts_has_its_script_first(home: Stack, script: Script) -> None:
    """If openHAB had the script before, nothing fires after a start of openHAB until the script is back."""
    script.load()
    script.wait_way("bridge script")
    script.say(GONE)
    home.openhab.contents.unload_script()
    home.openhab.restart(0.1)
    text(home, "before the script")
    wait_until(lambda: "the script" in home.service.dependencies()["openhab"].get("reason", ""), 20, "openHAB to be up")
    events = script.events
    assert bodies(home, "before the script") == []
    home.service.stop()
    home.service.start()
    wait_until(
        lambda: "the script" in home.service.dependencies()["openhab"].get("reason", ""), 20, "a service that knows"
    )
    assert bodies(home, "before the script") == []
    script.load()
    home.service.wait_delivered()
    assert bodies(home, "before the script") == ["before the script"]
    assert script.events == events + 1


def test_stale_announcement_of_an_openhab_that_starts(home: Stack, script: Script) -> None:
    """A retained announcement from before a crash of openHAB does not count: the service waits for the script."""
    script.load()
    script.wait_way("bridge script")
    home.openhab.contents.unload_script()
    home.openhab.restart(0.1)
    text(home, "kept by the broker")
    wait_until(lambda: "the script" in home.service.dependencies()["openhab"].get("reason", ""), 20, "openHAB to be up")
    assert bodies(home, "kept by the broker") == []
    script.load()
    home.service.wait_delivered()
    assert bodies(home, "kept by the broker") == ["kept by the broker"]


@pytest.mark.parametrize(
    "payload", [b"nonsense", b"[]", b'{"version":"x"}', b'{"version":99,"features":["events"]}', b"{}"]
)
def test_announcement_that_makes_no_sense(home: Stack, script: Script, payload: bytes) -> None:
    """With an invalid announcement, the relay rule stays in use."""
    script.load()
    script.wait_way("bridge script")
    script.say(GONE)
    script.say(payload)
    script.wait_way("relay rule")
    text(home, f"still here {payload!r}")
    home.service.wait_delivered()
    assert len(bodies(home, f"still here {payload!r}")) == 1
