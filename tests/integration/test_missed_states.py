"""Items that an alarm follows, over breaks of openHAB's event stream and starts of openHAB."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from tests.integration.alarm_home import ADA, AlarmHome, alarm_home, uid
from tests.waiting import wait_until

_ITEMS = f"""
Switch Panic {{ channel="{uid("fire")}:active" [ profile="system:follow" ] }}
Switch Smoke {{ channel="{uid("water")}:active" [ profile="system:follow" ] }}
"""


@pytest.fixture
def home() -> Iterator[AlarmHome]:
    """Two alarms, each of which follows an item; both items are OFF, and this is known."""
    with alarm_home(
        'fire "Fire" [ steps="text ada; wait 10m", message="Panic" ]',
        'water "Water" [ steps="text ada; wait 10m", message="Smoke" ]',
        items=_ITEMS,
    ) as up:
        for item in ("Panic", "Smoke"):
            _put(up, item, "ON")
        wait_until(lambda: up.texts(ADA, "Fire") and up.texts(ADA, "Water"), 30, "both alarms to follow their items")
        for item in ("Panic", "Smoke"):
            _put(up, item, "OFF")
        up.wait_state("fire", "idle")
        up.wait_state("water", "idle")
        yield up


def _put(home: AlarmHome, item: str, state: str) -> None:
    """Give an item a state, as a binding does."""
    url = f"{home.openhab.url}/rest/items/{item}/state"
    requests.put(url, state, headers={"Content-Type": "text/plain"}, timeout=30).raise_for_status()


def _has_run_for(home: AlarmHome, seconds: int, *, without: int) -> int:
    """OpenHAB opens streams again, and tells from the first one on that it has run for so long; returns the fault that tells it."""
    told = json.dumps({"systemInfo": {"startLevel": 100, "uptime": seconds}})
    fault = home.openhab.faults.set(
        "status", path="/rest/systeminfo", status=200, body=told, content_type="application/json"
    )
    home.openhab.faults.remove(without)
    return fault


def _without_streams(home: AlarmHome) -> int:
    """End all streams, and let none be opened; returns the fault that does this."""
    fault = home.openhab.faults.set("status", path="/rest/events.*", status=503)
    home.openhab.faults.drop_streams()
    wait_until(lambda: not home.stack.service.dependencies()["openhab"]["up"], 30, "the service to miss its stream")
    return fault


def test_what_a_break_has_hidden(home: AlarmHome) -> None:
    """An item that was switched on meanwhile starts its alarm, once; one that has not changed does nothing."""
    before = len(home.texts(ADA, "Fire")), len(home.texts(ADA, "Water"))
    without = _without_streams(home)
    _put(home, "Panic", "ON")
    _has_run_for(home, 86_400, without=without)
    home.wait_state("fire", "alerting", 40)
    assert "openhab.state_missed" in home.stack.service.log.read_text(encoding="utf-8")
    home.ask("fire", "endAlarm")
    home.wait_state("fire", "idle")
    without = _without_streams(home)
    _has_run_for(home, 86_400, without=without)
    home.stack.service.wait_ready("openhab", seconds=40)
    _put(home, "Smoke", "ON")
    home.wait_state("water", "alerting", 30)
    assert (len(home.texts(ADA, "Fire")), len(home.texts(ADA, "Water"))) == (before[0] + 1, before[1] + 1)
    assert home.state("fire") == "idle"


def test_what_openhab_restores_starts_nothing(home: AlarmHome) -> None:
    """After a start of openHAB an item that is ON may have been so for long; a change after that counts."""
    before = len(home.texts(ADA, "Fire"))
    old = _has_run_for(home, 86_400, without=_without_streams(home))  # the stand-in itself began a moment ago
    home.stack.service.wait_ready("openhab", seconds=40)
    without = _without_streams(home)
    _put(home, "Panic", "ON")
    home.openhab.faults.remove(old)
    _has_run_for(home, 0, without=without)
    home.stack.service.wait_ready("openhab", seconds=40)
    _put(home, "Smoke", "ON")
    home.wait_state("water", "alerting", 30)
    assert len(home.texts(ADA, "Fire")) == before
    _put(home, "Panic", "ON")
    home.wait_state("fire", "alerting", 30)
