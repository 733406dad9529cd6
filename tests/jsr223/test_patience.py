"""Actions that nobody answers: a rule waits as long as the settings say, and no longer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.standins.jvm import OpenHAB
from tests.jsr223.conftest import PATIENCE, PHONE, Expected, Stack, load, set_patience
from tests.waiting import busy, wait_until

_TO = "+15559876543"
_SECONDS = 2.0


@pytest.fixture(scope="module", autouse=True)
def _impatient(openhab: OpenHAB, conf: Path, _loaded: None) -> Iterator[None]:
    """For these tests, an action may take two seconds."""
    set_patience(conf, _SECONDS)
    load(openhab, conf)
    yield
    set_patience(conf, PATIENCE)
    load(openhab, conf)


def _load_again(stack: Stack) -> None:
    """Load the script, and wait until it is warm: then two seconds are enough for an action, on a busy machine as well."""
    stack.load()
    stack.wait_for(PHONE, "ONLINE")
    stack.wait_until_warm()


def test_a_service_that_does_not_answer_costs_the_rule_its_patience_only(stack: Stack, expected: Expected) -> None:
    """Without a reply the action returns false after the time in the settings."""
    expected("sendSMS: timeout")
    stack.service.reply = lambda _: None
    began = time.monotonic()
    assert stack.call("sendSMS", _TO, "x")["result"] is False
    assert _SECONDS - 0.1 < time.monotonic() - began < _SECONDS + busy()


def test_an_object_that_a_rule_keeps_is_quiet_while_the_script_is_away(stack: Stack) -> None:
    """Without the script, a kept object returns false or null, and raises nothing."""
    stack.openhab.control("keep", thing=PHONE, **{"as": "away"})
    stack.openhab.control("unload", name="bridge")
    try:
        assert stack.call("sendSMS", _TO, "x", kept="away")["result"] is False
        assert stack.call("createItemMediaUrl", "x", kept="away")["result"] is None
        assert stack.call("sendSMSResult", _TO, "x", kept="away")["result"] is None
        wait_until(lambda: not stack.has_actions(PHONE), 30, "the actions to be withdrawn")
        with pytest.raises(RuntimeError, match="getActions gives null"):
            stack.call("sendSMS", _TO, "x")
    finally:
        _load_again(stack)
    assert stack.call("sendSMS", _TO, "x", kept="away")["result"] is True


def test_actions_of_a_script_that_stays_away_go(stack: Stack) -> None:
    """A call waits no longer than a rule may, and what nobody takes over is withdrawn after a while; a late copy brings it back."""
    before = stack.openhab.control("counts")
    began = time.monotonic()
    stack.openhab.control("unload", name="bridge")
    unloaded = time.monotonic()
    assert stack.call("sendSMS", _TO, "x")["result"] is False
    assert time.monotonic() - began > _SECONDS
    assert time.monotonic() - unloaded < _SECONDS + 4 * busy()
    wait_until(lambda: not stack.has_actions(PHONE), 30, "the actions to be withdrawn")
    assert stack.openhab.request("GET", f"/rest/actions/{PHONE}")[0] == 204
    _load_again(stack)
    assert stack.call("sendSMS", _TO, "x")["result"] is True
    after = stack.openhab.control("counts")
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["services"] == before["services"]
