"""The openHAB stand-in: the relay rule, busy rules and listeners."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from lab.standins.client import OpenHABStandIn
from tests.integration.openhab_probe import SseListener
from tests.waiting import wait_until
from twilio_binding.sandbox.openhab import OpenHABOptions

_ADMIN = {"Authorization": "Bearer T"}
_UID = "twilio-relay"
_CHANNEL = "twilio:phone:a:b:sms-received"
_SCRIPT = (
    '// twilio-relay 2\nval lines = (input as String).split("\\n")\nif (lines.get(0) == "sesame") { /* fires */ }\n'
)


@pytest.fixture(scope="module", params=["5.3", "5.1"])
def server(request: pytest.FixtureRequest) -> Iterator[OpenHABStandIn]:
    """A stand-in of either kind, whose rules take their time."""
    with OpenHABStandIn(OpenHABOptions(token="T", version=request.param, run_time=0.03)) as standin:
        yield standin


@pytest.fixture
def openhab(server: OpenHABStandIn) -> OpenHABStandIn:
    """The stand-in with the relay rule and nothing else."""
    server.reset()
    assert _put_relay(server, "POST").status_code == 201
    return server


def test_relay_fires_what_it_is_told(openhab: OpenHABStandIn) -> None:
    """All lines of a run fire in order, with unchanged payloads, before the rule is idle again."""
    with SseListener(openhab.url, "openhab/channels/*,openhab/rules/*/state") as listener:
        assert (
            _run(openhab, "sesame", f'0 1 - {_CHANNEL} {{"body":"a b  c <&>"}}', f"0 2 - {_CHANNEL} x y").status_code
            == 200
        )
        fired = listener.wait_for(f"openhab/channels/{_CHANNEL}/triggered", 2)
        listener.wait_for(f"openhab/rules/{_UID}/state", 2)
    assert fired == [
        {"event": '{"body":"a b  c <&>"}', "channel": _CHANNEL},
        {"event": "x y", "channel": _CHANNEL},
    ]
    assert [trigger["n"] for trigger in openhab.triggers()] == [1, 2]
    assert [trigger["n"] for trigger in openhab.triggers(since=1)] == [2]


@pytest.mark.parametrize(
    "lines", [("wrong", f"0 1 - {_CHANNEL} x"), ("sesame",), ("sesame", "0 1 - other:a:b:c x"), ("", "")]
)
def test_relay_fires_nothing_else(openhab: OpenHABStandIn, lines: tuple[str, ...]) -> None:
    """With a wrong secret, no events, or a channel of another binding: 200 and nothing."""
    assert _run(openhab, *lines).status_code == 200
    assert _run(openhab, "sesame", f"0 last - {_CHANNEL} x").status_code == 200
    wait_until(lambda: len(openhab.triggers()) > 0)
    assert [trigger["payload"] for trigger in openhab.triggers()] == ["x"]


@pytest.mark.parametrize("body", [{}, None, {"input": 7}, {"input": None}, {"other": "x"}])
def test_input_that_is_no_text_is_200_too(openhab: OpenHABStandIn, body: object) -> None:
    """Whatever the context contains, runnow returns 200."""
    assert requests.post(f"{openhab.url}/rest/rules/{_UID}/runnow", json=body, timeout=30).status_code == 200


def test_relay_fires_an_id_once(openhab: OpenHABStandIn) -> None:
    """A known id is not fired again, even after an update of the rule; its sender gets a confirmation."""
    _run(openhab, "sesame", f"0 7 - {_CHANNEL} x")
    assert _put_relay(openhab, "PUT").status_code == 200
    _run(openhab, "sesame", f"0 7 - {_CHANNEL} x", f"0 8 - {_CHANNEL} y")
    wait_until(lambda: len(openhab.triggers()) == 3)
    fired = [(trigger["channel"], trigger["payload"]) for trigger in openhab.triggers()]
    assert fired == [(_CHANNEL, "x"), ("twilio:relay:service:done", "7"), (_CHANNEL, "y")]


def test_restart_keeps_the_rule_and_forgets_the_ids(openhab: OpenHABStandIn) -> None:
    """After a restart the rule is there and idle, and fires an id again."""
    _run(openhab, "sesame", f"0 7 - {_CHANNEL} x")
    wait_until(lambda: len(openhab.triggers()) == 1)
    openhab.restart()
    _run(openhab, "sesame", f"0 7 - {_CHANNEL} again")
    wait_until(lambda: [t["payload"] for t in openhab.triggers(channel=_CHANNEL)] == ["x", "again"])


def test_disabled_rule_loses_runs(openhab: OpenHABStandIn) -> None:
    """A disabled rule answers 200 and does nothing; its status says so."""
    url = f"{openhab.url}/rest/rules/{_UID}"
    assert requests.post(f"{url}/enable", data="false", headers=_ADMIN, timeout=30).status_code == 200
    assert _run(openhab, "sesame", f"0 1 - {_CHANNEL} x").status_code == 200
    status = requests.get(url, headers=_ADMIN, timeout=30).json()["status"]
    assert status == {"status": "UNINITIALIZED", "statusDetail": "DISABLED"}
    assert openhab.runs(_UID)["runs"] == 0


def test_busy_rule_queues_or_drops(openhab: OpenHABStandIn, request: pytest.FixtureRequest) -> None:
    """Parallel runs all return 200; 5.3 carries out all of them, 5.1 drops those that find the rule busy."""
    callers = [threading.Thread(target=_run, args=(openhab, "sesame", f"0 {n} - {_CHANNEL} x")) for n in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    runs = openhab.runs(_UID)
    assert runs["runs"] + runs["dropped"] == 6
    assert (runs["dropped"] == 0) is ("5.3" in request.node.name)


def test_one_caller_that_waits_loses_nothing(openhab: OpenHABStandIn) -> None:
    """Runs one after the other are all carried out, in every version."""
    for number in range(10):
        _run(openhab, "sesame", f"0 {number} - {_CHANNEL} {number}")
    wait_until(lambda: [t["payload"] for t in openhab.triggers()] == [str(number) for number in range(10)])


def test_listening_rules_are_listed_and_counted(openhab: OpenHABStandIn, request: pytest.FixtureRequest) -> None:
    """A rule with a channel trigger is in the list, from a file or over REST; wildcards work since 5.2 only."""
    openhab.contents.put_rule("exact", _listening(_CHANNEL))
    openhab.contents.put_rule("wild", _listening("twilio:phone:*:sms-received"))
    openhab.contents.put_rule("other event", _listening(_CHANNEL, event="something else"))
    openhab.trigger(_CHANNEL, "hello")
    wait_until(lambda: openhab.runs("exact")["runs"] == 1)
    assert openhab.runs("wild")["runs"] == (1 if "5.3" in request.node.name else 0)
    assert openhab.runs("other event")["runs"] == 0
    rules = requests.get(f"{openhab.url}/rest/rules", headers=_ADMIN, timeout=30).json()
    assert [rule["uid"] for rule in rules if rule["triggers"]] == ["exact", "wild", "other event"]
    assert requests.delete(f"{openhab.url}/rest/rules/exact", headers=_ADMIN, timeout=30).status_code == 404


def test_rule_events(openhab: OpenHABStandIn) -> None:
    """Adding, updating and removing a rule is told with its definition."""
    with SseListener(openhab.url, "openhab/rules/*") as listener:
        requests.delete(f"{openhab.url}/rest/rules/{_UID}", headers=_ADMIN, timeout=30)
        removed = listener.wait_for(f"openhab/rules/{_UID}/removed")
        _put_relay(openhab, "POST")
        listener.wait_for(f"openhab/rules/{_UID}/added")
        assert listener.wait_for(f"openhab/rules/{_UID}/state")[-1] == {"status": "IDLE", "statusDetail": "NONE"}
    assert "twilio-relay 2" in str(removed)


def test_lost_runs_on_demand(openhab: OpenHABStandIn) -> None:
    """Lost runs answer 200 and fire nothing; the next one works."""
    openhab.faults.set("lose-run", count=2)
    assert [_run(openhab, "sesame", f"0 {n} - {_CHANNEL} {n}").status_code for n in range(3)] == [200, 200, 200]
    wait_until(lambda: [t["payload"] for t in openhab.triggers()] == ["2"])
    assert openhab.runs(_UID) == {"runs": 1, "dropped": 0, "lost": 2}


def _put_relay(openhab: OpenHABStandIn, method: str) -> requests.Response:
    settings = {"type": "application/vnd.openhab.dsl.rule", "script": _SCRIPT}
    action = {"id": "1", "type": "script.ScriptAction", "configuration": settings}
    rule = {"uid": _UID, "name": "Relay", "actions": [action]}
    url = f"{openhab.url}/rest/rules" + (f"/{_UID}" if method == "PUT" else "")
    return requests.request(method, url, json=rule, headers=_ADMIN, timeout=30)


def _run(openhab: OpenHABStandIn, *lines: str) -> requests.Response:
    body = {"input": "\n".join(lines)}
    return requests.post(f"{openhab.url}/rest/rules/{_UID}/runnow", json=body, timeout=30)


def _listening(channel: str, event: str = "") -> dict[str, object]:
    settings = {"channelUID": channel} | ({"event": event} if event else {})
    return {"triggers": [{"id": "1", "type": "core.ChannelEventTrigger", "configuration": settings}]}
