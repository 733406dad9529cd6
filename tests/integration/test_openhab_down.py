"""Callers while nothing in openHAB can answer: they hear the default immediately, and so do waiting ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from lab.standins.stack import Stack
from tests.integration.test_held_calls import ANSWER, held_sid, open_sids
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.mqtt import Client
from twilio_binding.sandbox.demo_rule import PHONE

_CALLS = f"{PHONE}:call-received"
_DEFAULT = "No input received. Goodbye."
_RULE = {
    "uid": "calls",
    "name": "calls",
    "triggers": [{"id": "1", "type": "core.ChannelEventTrigger", "configuration": {"channelUID": _CALLS}}],
    "conditions": [],
    "actions": [{"id": "2", "type": "script.ScriptAction", "configuration": {"type": "x", "script": ""}}],
}


class Rule:
    """A rule in openHAB on calls; the test controls its answer."""

    def __init__(self, home: Stack, client: Client) -> None:
        self._home = home
        self._phone = phone(PHONE, client)
        self._session = requests.Session()
        self._session.headers["Authorization"] = "Bearer oh.demo.0123456789"
        self._url = f"{home.openhab.url}/rest/rules"

    def add(self) -> None:
        """Add it, like the UI."""
        assert self._session.post(self._url, json=_RULE).status_code == 201

    def remove(self) -> None:
        """Remove it."""
        self._session.delete(f"{self._url}/calls")

    def enable(self, *, enabled: bool) -> None:
        """Enable or disable it."""
        self._session.post(
            f"{self._url}/calls/enable", data=str(enabled).lower(), headers={"Content-Type": "text/plain"}
        )

    def is_waited_for(self) -> bool:
        """Whether a caller waits for it now; then it answers. A caller that hears the default at once does not wait."""
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(self._home.twilio.call)
            wait_until(lambda: call.done() or self._home.service.metric("held_calls"))
            sids = wait_until(lambda: call.done() or open_sids(self._home))
            if isinstance(sids, list) and self._phone.respondWithTwiml(sids[-1], ANSWER.format("by the rule")):
                assert call.result().said == ["by the rule"]
                return True
            assert call.result().said[-1] == _DEFAULT
            assert call.result().requests[0]["ms"] < 4000
            return False

    def close(self) -> None:
        """End its connections."""
        self._session.close()


@pytest.fixture
def rule(home: Stack) -> Iterator[Rule]:
    """A rule that callers wait for."""
    with connect(home.broker.url, timeout=30) as client:
        rule = Rule(home, client)
        rule.add()
        wait_until(rule.is_waited_for)
        yield rule
        home.openhab.faults.up()
        home.service.wait_ready(seconds=30)
        rule.remove()
        wait_until(lambda: not rule.is_waited_for())
        rule.close()


def test_rule_that_is_removed(home: Stack, rule: Rule) -> None:
    """After a rule was removed, the next caller hears the default, although the rule answered before; if it returns, callers wait again."""
    for _ in range(2):
        assert rule.is_waited_for()
        rule.remove()
        wait_until(lambda: not rule.is_waited_for())
        rule.add()
        wait_until(rule.is_waited_for)
    assert home.service.metric('call_answers_total{by="deadline"}') == 0


def test_rule_that_is_disabled(home: Stack, rule: Rule) -> None:
    """Callers do not wait for a disabled rule, and wait again when it is enabled."""
    rule.enable(enabled=False)
    wait_until(lambda: not rule.is_waited_for())
    rule.enable(enabled=True)
    wait_until(rule.is_waited_for)
    assert home.service.metric('call_answers_total{by="deadline"}') == 0


def test_openhab_that_goes_down(home: Stack, rule: Rule) -> None:
    """When openHAB goes down, waiting callers hear the default, and later ones hear it immediately."""
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(home.twilio.call)
        held_sid(home)
        home.openhab.faults.down()
        report = call.result(20)
    assert report.said[-1] == _DEFAULT
    assert report.requests[0]["ms"] < 6000
    for _ in range(3):
        assert not rule.is_waited_for()
    home.openhab.faults.up()
    wait_until(rule.is_waited_for, 20)


def test_openhab_that_restarts(home: Stack, rule: Rule) -> None:
    """While openHAB starts, callers hear the default immediately, even if its event stream is already open."""
    home.openhab.restart(0.3, until=1)
    wait_until(lambda: "does not answer" in home.service.dependencies()["openhab"].get("reason", ""))
    home.openhab.proceed()
    while True:
        waited = rule.is_waited_for()
        if home.openhab.counts()["level"] not in (0, 10, 20, 30):
            break
        assert not waited
    home.service.wait_ready("openhab", seconds=30)
    wait_until(rule.is_waited_for, 20)
    assert home.service.metric('call_answers_total{by="deadline"}') == 0


def test_event_stream_that_breaks_off(home: Stack, rule: Rule) -> None:
    """A stream that is back immediately costs no caller the rule's answer."""
    for _ in range(5):
        home.openhab.faults.drop_streams()
        assert rule.is_waited_for()
    assert home.service.metric('call_answers_total{by="deadline"}') == 0


def test_program_that_answers_while_openhab_is_down(home: Stack, rule: Rule) -> None:
    """Callers wait for a program on MQTT that announced that it answers, whatever openHAB does."""
    with connect(home.broker.url) as program:
        program.answers(_CALLS)
        home.openhab.faults.down()
        wait_until(lambda: not home.service.dependencies()["openhab"]["up"])
        for _ in range(2):
            assert rule.is_waited_for()
    wait_until(lambda: not rule.is_waited_for())
