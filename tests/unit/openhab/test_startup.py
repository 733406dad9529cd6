"""Whether openHAB has just started: then the states of items are old ones, and no commands."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.standins import Receiver, receiver
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.locale import Locale
from twilio_binding.openhab.startup import OpenHABStart
from twilio_binding.settings import OpenHABSettings


@pytest.fixture
def openhab() -> Iterator[Receiver]:
    """A server in the place of openHAB."""
    with receiver() as server:
        yield server


@pytest.fixture
def startup(openhab: Receiver) -> Iterator[OpenHABStart]:
    """What is known of its starts, with a connection that has just been opened."""
    requests = OpenHABRequests(OpenHABSettings(url=openhab.url))
    found = OpenHABStart(requests, ScriptClient("s"), ExpectedScript(None), Locale(RestClient(requests)))
    found.opened()
    yield found
    requests.close()


def _tell(openhab: Receiver, facts: dict[str, object]) -> None:
    """Tell how far openHAB is and how long it has run."""
    openhab.answer("/rest/systeminfo", json.dumps({"systemInfo": facts}))


@pytest.mark.parametrize(
    ("facts", "has_failed", "has_started"),
    [
        ({"startLevel": 100, "uptime": 86_400}, True, False),
        ({"startLevel": 100}, True, False),
        ({"startLevel": 100, "uptime": 40}, True, True),
        ({"startLevel": 100, "uptime": 40}, False, False),
    ],
)
def test_a_try_that_failed(
    openhab: Receiver, startup: OpenHABStart, facts: dict[str, object], *, has_failed: bool, has_started: bool
) -> None:
    """A fault of an openHAB that has run for long is not a start: its states count."""
    if has_failed:
        startup.failed()
    _tell(openhab, facts)
    startup.check()
    assert startup.has_started is has_started


def test_a_start_that_was_seen(openhab: Receiver, startup: OpenHABStart) -> None:
    """A low start level says so, until the next connection."""
    _tell(openhab, {"startLevel": 30, "uptime": 20})
    with pytest.raises(DependencyDownError):
        startup.check()
    _tell(openhab, {"startLevel": 100})
    startup.check()
    assert startup.has_started
    startup.opened()
    startup.check()
    assert not startup.has_started


@pytest.mark.parametrize(("told", "is_news"), [(40, False), (50, True), (70, True), (None, False), ("100", False)])
def test_a_start_level_that_is_waited_for(
    openhab: Receiver, startup: OpenHABStart, told: object, *, is_news: bool
) -> None:
    """The event of a start level from which rules run is news once, and only after a start of openHAB."""
    event = json.dumps({"startlevel": told})
    assert not startup.follow(startup.topic, event)
    _tell(openhab, {"startLevel": 30})
    with pytest.raises(DependencyDownError):
        startup.check()
    assert startup.follow(startup.topic, event) is is_news
    _tell(openhab, {"startLevel": 50})
    startup.check()
    assert not startup.follow(startup.topic, event)
