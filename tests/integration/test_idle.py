"""What a service has loaded that only waits: nothing for contacts, alarms, items and pages before a thing or somebody wants them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
"""It tells the sends of alarms from all others, and is small."""
_USE_OF_ITEMS = ("twilio_binding.app.item_use", "rapidfuzz")
_PHONE = 'phoneNumber="+15551234567"'
FIRE = "twilio:alarm:myaccount:fire"
_MORE = """
    Thing contact ada "Ada" [ phoneNumber="+15559876543", rights="read,command,acknowledge" ]
    Thing alarm fire "Fire" [ steps="text ada" ]
}"""


@pytest.fixture
def home() -> Iterator[Stack]:
    """A stack of which the service tells what it loads; it has a phone and nothing else."""
    with stack() as up:
        up.service.restart_as("twilio_binding", {"PYTHONPROFILEIMPORTTIME": "1"})
        yield up


def loaded(home: Stack) -> set[str]:
    """The modules that the service has loaded."""
    lines = home.service.log.read_text(encoding="utf-8").splitlines()
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


def later(names: set[str]) -> list[str]:
    """Those of modules that a service has no use for while it only has a phone."""
    return sorted(name for name in names - {*_NEEDED} if name.startswith(_LATER))


def test_idle(home: Stack) -> None:
    """With a phone and nothing else nothing of contacts, alarms, items and pages is loaded, also not by texts and calls."""
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
    with connect(home.broker.url, timeout=20) as client:
        wait_until(lambda: FIRE in str(client.retained(client.topics.things)), 30, "the alarm to be known")


def start_alarm(home: Stack) -> None:
    """Start the alarm, and wait until the contact is told."""
    with connect(home.broker.url, timeout=20) as client:
        client.call(FIRE, "startAlarm", {"message": "Smoke"})
    wait_until(lambda: "Fire: Smoke" in str(home.twilio.messages()), 30, "the text of the alarm")


def test_what_comes_with_a_reload(home: Stack) -> None:
    """The first contact and the first alarm work without a restart; items by text and phone stay away until a phone wants them."""
    add_people(home)
    start_alarm(home)
    assert "taken" in home.twilio.receive_sms("1", sender="+15559876543")["answer"]
    names = loaded(home)
    assert "twilio_binding.alarms.course" in names
    assert [name for name in later(names) if name.startswith(_USE_OF_ITEMS)] == []
    told = home.things.read_text(encoding="utf-8").replace(_PHONE, f"{_PHONE}, commands=true")
    home.things.write_text(told, encoding="utf-8")
    wait_until(lambda: home.twilio.receive_sms("blorp", sender="+15559876543")["answer"], 30, "an answer")


def test_what_an_earlier_run_left(home: Stack) -> None:
    """An alarm that runs is taken up by the next run of the process, also where the things say nothing of alarms any more."""
    alone = home.things.read_text(encoding="utf-8")
    add_people(home)
    start_alarm(home)
    home.service.stop()
    home.things.write_text(alone, encoding="utf-8")
    home.service.log.unlink()
    home.service.start()
    home.service.wait_ready()
    assert "twilio_binding.alarms.course" in loaded(home)
