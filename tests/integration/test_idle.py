"""What an idle service has loaded: nothing for contacts, alarms, items and pages before it is needed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.waiting import wait_until
from twilio_binding.actions import connect

_LATER = (
    "twilio_binding.alarms",
    "twilio_binding.app.alarms",
    "twilio_binding.app.console_pages",
    "twilio_binding.app.item_use",
    "twilio_binding.app.people",
    "twilio_binding.console.pages",
    "twilio_binding.doctor",
    "twilio_binding.model.alarm_",
    "twilio_binding.model.configuration.alarms",
    "twilio_binding.model.configuration.contacts",
    "twilio_binding.model.sentences",
    "twilio_binding.openhab.items",
    "twilio_binding.openhab.usable_items",
    "twilio_binding.people",
    "twilio_binding.store.alarms",
    "twilio_binding.store.asked_back",
    "twilio_binding.store.contacts",
    "twilio_binding.store.item_commands",
    "twilio_binding.store.past",
    "babel",
    "charset_normalizer.",
    "httpx",
    "openhab",
    "pygal",
    "pygments",
    "rapidfuzz",
    "rich.",
)
_NEEDED = ("twilio_binding.model.alarm_sends",)
"""It recognises the sends of alarms, and is small."""
_USE_OF_ITEMS = ("twilio_binding.app.item_use", "rapidfuzz")
_PHONE = 'phoneNumber="+15551234567"'
FIRE = "twilio:alarm:myaccount:fire"
_MORE = """
    Thing contact ada "Ada" [ phoneNumber="+15559876543", rights="read,command,acknowledge" ]
    Thing alarm fire "Fire" [ steps="text ada" ]
}"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Stack]:
    """A stack whose service reports what it loads from its next start on."""
    with stack() as up:
        up.service.environment["PYTHONPROFILEIMPORTTIME"] = "1"
        yield up


@pytest.fixture
def home(shared: Stack) -> Iterator[Stack]:
    """The stack with an empty data folder and only a phone."""
    alone = shared.things.read_text(encoding="utf-8")
    shared.service.stop()
    shutil.rmtree(shared.folder / "data")
    start_anew(shared)
    wait_until(lambda: FIRE not in things(shared), 30, "the things to be as they are")
    yield shared
    shared.things.write_text(alone, encoding="utf-8")


def start_anew(home: Stack) -> None:
    """Start the stopped service; loaded modules are reported from here on."""
    home.service.log.unlink()
    home.service.start()
    home.service.wait_ready()


def things(home: Stack) -> str:
    """The published things."""
    with connect(home.broker.url, timeout=20) as client:
        return str(client.retained(client.topics.things))


def loaded(home: Stack) -> set[str]:
    """The modules that the service has loaded."""
    lines = home.service.log.read_text(encoding="utf-8").splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


def later(names: set[str]) -> list[str]:
    """The modules that a service with only a phone does not need."""
    return sorted(name for name in names - {*_NEEDED} if name.startswith(_LATER))


def test_idle(home: Stack) -> None:
    """With only a phone, nothing of contacts, alarms, items and pages is loaded, not even by texts and calls."""
    before = loaded(home)
    assert "twilio_binding.app.service" in before
    assert later(before) == []
    home.twilio.receive_sms("hello", sender="+15559876543")
    home.twilio.call(caller="+15559876543")
    home.service.wait_delivered()
    assert sorted(name for name in loaded(home) - before if not name.startswith("encodings.")) == []


def add_people(home: Stack) -> None:
    """Configure a contact and an alarm while the service runs, and wait until they are known."""
    home.things.write_text(home.things.read_text(encoding="utf-8").replace("\n}", _MORE), encoding="utf-8")
    wait_until(lambda: FIRE in things(home), 30, "the alarm to be known")


def start_alarm(home: Stack) -> None:
    """Start the alarm, and wait until the contact is notified."""
    told = len(home.twilio.messages())
    with connect(home.broker.url, timeout=20) as client:
        client.call(FIRE, "startAlarm", {"message": "Smoke"})
    wait_until(lambda: "Fire: Smoke" in str(home.twilio.messages()[told:]), 30, "the text of the alarm")


def test_what_comes_with_a_reload(home: Stack) -> None:
    """The first contact and the first alarm work without a restart; the use of items is loaded when a phone needs it."""
    add_people(home)
    start_alarm(home)
    assert "<Message>" in home.twilio.receive_sms("1", sender="+15559876543")["answer"]
    names = loaded(home)
    assert "twilio_binding.alarms.course" in names
    assert [name for name in later(names) if name.startswith(_USE_OF_ITEMS)] == []
    told = home.things.read_text(encoding="utf-8").replace(_PHONE, f"{_PHONE}, commands=true")
    home.things.write_text(told, encoding="utf-8")
    wait_until(lambda: home.twilio.receive_sms("blorp", sender="+15559876543")["answer"], 30, "an answer")


def test_what_an_earlier_run_left(home: Stack) -> None:
    """A running alarm continues after a restart, even if the alarm is no longer configured."""
    alone = home.things.read_text(encoding="utf-8")
    add_people(home)
    start_alarm(home)
    home.service.stop()
    home.things.write_text(alone, encoding="utf-8")
    start_anew(home)
    assert "twilio_binding.alarms.course" in loaded(home)


def test_a_page_without_alarms(home: Stack) -> None:
    """The pages show that there are no alarms without loading their code; starting a missing alarm is refused."""
    assert (
        "active" not in requests.get(f"{home.service.admin_url}/alarms", timeout=30).text.partition("<main")[2].lower()
    )
    assert "twilio_binding.console.pages.alarms" in loaded(home)
    assert sorted(name for name in loaded(home) if name.startswith("twilio_binding.alarms")) == []
    with connect(home.broker.url, timeout=20) as client:
        assert client.call(FIRE, "startAlarm", {}).code == "unknown_thing"
