"""Events through the script inside openHAB, and through the relay rule while it is away."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.integration.conftest import bodies
from tests.integration.test_lane_out import Wire
from tests.waiting import wait_until
from twilio_binding.bridge_protocol import GONE, VERSION, Announcement
from twilio_binding.sandbox.house import House
from twilio_binding.sandbox.house_rule import PHONE

ACCOUNT = "twilio:account:myaccount"
OFFLINE = {"status": "OFFLINE", "statusDetail": "BRIDGE_OFFLINE"}


class Script:
    """The script in the house's openHAB, as it announces itself."""

    def __init__(self, home: House, wire: Wire) -> None:
        self._home = home
        self._wire = wire
        self.secret = (home.folder / "data" / "relay-secret").read_text(encoding="ascii")

    def load(self, *, secret: str = "", version: int = VERSION) -> None:
        """Load it, and say so."""
        self._home.openhab.load_script(secret or self.secret)
        self.say(Announcement(instance=str(time.time_ns()), bridge="1", features=("events",), version=version).encode())

    def say(self, payload: bytes) -> None:
        """Publish something as its announcement."""
        self._wire.connection.publish("twilio/bridge", payload, retain=True).wait_for_publish(10)

    def wait_way(self, way: str) -> None:
        """Wait until events go this way."""
        wait_until(lambda: self._home.sidecar.neighbours()["openhab"]["way"] == way, 10, way)

    @property
    def events(self) -> int:
        """How many events it has carried out."""
        return int(str(self._home.openhab.counts()["script_events"]))


@pytest.fixture
def script(home: House) -> Iterator[Script]:
    """The script, not loaded yet, with its things in openHAB."""
    home.openhab.put_thing(ACCOUNT, {"thingTypeUID": "twilio:account"})
    home.openhab.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
    with Wire(home.broker.url, "script") as wire:
        script = Script(home, wire)
        yield script
        home.openhab.unload_script()
        script.say(GONE)
        script.wait_way("relay rule")
        home.sidecar.wait_delivered()


def text(home: House, body: str) -> None:
    """A text comes in."""
    home.twilio.receive_sms(body)


def test_events_go_to_the_script(home: House, script: Script) -> None:
    """With the script loaded, states and trigger of a text come from its things; the relay rule rests."""
    script.load()
    script.wait_way("bridge script")
    runs, events = home.openhab.runs("twilio-relay")["runs"], script.events
    text(home, "through the door")
    home.sidecar.wait_delivered()
    assert bodies(home, "through the door") == ["through the door"]
    assert home.openhab.states("TwilioLastMessage")[-1:] == ["through the door"]
    assert (home.openhab.runs("twilio-relay")["runs"], script.events) == (runs, events + 1)


def test_script_that_goes_without_a_word(home: House, script: Script) -> None:
    """A script that is suddenly away costs nothing: the event takes the relay rule, once."""
    script.load()
    script.wait_way("bridge script")
    home.openhab.unload_script()
    text(home, "nobody at the door")
    home.sidecar.wait_delivered()
    assert bodies(home, "nobody at the door") == ["nobody at the door"]
    assert home.sidecar.neighbours()["openhab"]["way"] == "relay rule"


def test_script_that_comes_and_goes_in_a_flood(home: House, script: Script) -> None:
    """While texts come in, the script is loaded and unloaded again and again: none lost, none twice, in order."""
    sent = [f"turn {number:03}" for number in range(60)]
    for number, body in enumerate(sent):
        if number % 12 == 0:
            script.load()
        if number % 12 == 6:
            home.openhab.unload_script()
        if number % 24 == 8:
            script.say(GONE)
        text(home, body)
    home.sidecar.wait_delivered()
    assert bodies(home, "turn ") == sent


def test_answer_that_is_lost(home: House, script: Script) -> None:
    """An event whose answer was cut off goes again by the relay rule, and takes effect once."""
    script.load()
    script.wait_way("bridge script")
    fault = home.openhab.fault("cut", path="/twilio/bridge/", count=1)
    text(home, "cut off")
    wait_until(lambda: home.openhab.hits(fault) == 1, 10, "the fault")
    home.sidecar.wait_delivered()
    assert bodies(home, "cut off") == ["cut off"]


def test_openhab_that_starts(home: House, script: Script) -> None:
    """While openHAB starts its rules do not listen yet: events wait although the script is there already."""
    script.load()
    script.wait_way("bridge script")
    home.openhab.restart(0.3)
    text(home, "while it starts")
    wait_until(lambda: home.openhab.counts()["level"] == 30, 20, "openHAB to be half up")
    assert bodies(home, "while it starts") == []
    home.sidecar.wait_delivered(30)
    assert bodies(home, "while it starts") == ["while it starts"]


def test_thing_that_openhab_does_not_have(home: House, script: Script) -> None:
    """Events of a thing that only a file configures take the relay rule."""
    home.openhab.remove_thing(PHONE)
    script.load()
    script.wait_way("bridge script")
    text(home, "a thing of the file")
    home.sidecar.wait_delivered()
    assert bodies(home, "a thing of the file") == ["a thing of the file"]
    assert home.openhab.states("TwilioLastMessage")[-1:] == ["a thing of the file"]


def test_thing_that_is_not_ready(home: House, script: Script) -> None:
    """Events of a thing whose handler does not run wait for it."""
    home.openhab.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT, "statusInfo": OFFLINE})
    script.load()
    script.wait_way("bridge script")
    text(home, "not yet")
    wait_until(lambda: home.sidecar.metric("backlog") == 1, 10, "the event to wait")
    assert bodies(home, "not yet") == []
    home.openhab.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
    home.sidecar.wait_delivered()
    assert bodies(home, "not yet") == ["not yet"]


def test_script_with_another_secret(home: House, script: Script) -> None:
    """A script that does not know the secret gets events and is not believed: they take the relay rule."""
    script.load(secret="another")
    text(home, "who is there")
    home.sidecar.wait_delivered()
    assert bodies(home, "who is there") == ["who is there"]
    assert home.sidecar.neighbours()["openhab"]["way"] == "relay rule"


@pytest.mark.parametrize(
    "payload", [b"nonsense", b"[]", b'{"version":"x"}', b'{"version":99,"features":["events"]}', b"{}"]
)
def test_announcement_that_makes_no_sense(home: House, script: Script, payload: bytes) -> None:
    """What cannot be used as an announcement leaves the relay rule at work."""
    script.load()
    script.wait_way("bridge script")
    script.say(GONE)
    script.say(payload)
    script.wait_way("relay rule")
    text(home, f"still here {payload!r}")
    home.sidecar.wait_delivered()
    assert len(bodies(home, f"still here {payload!r}")) == 1
