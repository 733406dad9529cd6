"""From Twilio to a misbehaving openHAB. Based on facts in openhab-live: start-up answers, lost runs, 202."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.integration.conftest import bodies
from tests.waiting import wait_until
from twilio_binding.sandbox.demo_rule import PHONE

RELAY = "/rest/rules/twilio-relay"


def send(home: Stack, prefix: str, count: int) -> list[str]:
    """Send texts one after the other; each must be answered with 200."""
    texts = [f"{prefix} {n}" for n in range(count)]
    for text in texts:
        assert home.twilio.receive_sms(text)["status"] == 200
    return texts


def test_states_are_there_when_the_trigger_fires(home: Stack) -> None:
    """The linked items have body, sender and date of a text, each set once."""
    before = len(home.openhab.states("TwilioLastMessage"))
    home.twilio.receive_sms("states first", sender="+15550001111")
    wait_until(lambda: bodies(home, "states first"))
    assert home.openhab.states("TwilioLastMessage")[before:] == ["states first"]
    assert home.openhab.states("TwilioLastFrom")[-1] == "+15550001111"
    assert home.openhab.states("TwilioLastDate")[-1].startswith("20")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("runs are lost", {"kind": "lose-run", "count": 2}),
        ("triggers are not confirmed", {"kind": "lose-event", "path": "openhab/channels/", "count": 3}),
        ("runnow answers 500", {"kind": "status", "path": RELAY, "status": 500, "count": 3}),
        ("the run happens but its answer is cut off", {"kind": "cut", "path": RELAY, "effect": True, "count": 2}),
        ("the run happens but the answer is 500", {"kind": "status", "path": RELAY, "effect": True, "count": 2}),
        ("valid tokens get 401", {"kind": "status", "path": "/rest/items", "status": 401, "count": 4}),
        ("empty 404", {"kind": "status", "path": "/rest/", "status": 404, "body": "", "count": 4}),
        ("HTML 404", {"kind": "status", "path": "/rest/", "status": 404, "body": "<html/>", "count": 4}),
        ("states are cut off", {"kind": "cut", "path": "/rest/items", "count": 3}),
        ("openHAB is slow", {"kind": "slow", "path": RELAY, "seconds": 0.3, "count": 3}),
    ],
)
def test_nothing_is_lost_doubled_or_out_of_order(home: Stack, name: str, fault: dict[str, Any]) -> None:
    """Whatever openHAB answers for a while, each text's trigger fires once, in order."""
    home.openhab.faults.set(**fault)
    texts = send(home, name, 8)
    wait_until(lambda: len(bodies(home, name)) >= len(texts), 20, "all triggers")
    home.service.wait_delivered()
    assert bodies(home, name) == texts


@pytest.mark.parametrize("mid_frame", [False, True])
def test_cut_event_stream(home: Stack, mid_frame: bool) -> None:  # noqa: FBT001
    """Texts that arrive while the event stream breaks arrive once each, in order."""
    name = f"stream {mid_frame}"
    texts = []
    for n in range(12):
        if n % 4 == 2:
            home.openhab.faults.drop_streams(mid_frame=mid_frame)
        texts += [f"{name} {n}"]
        assert home.twilio.receive_sms(texts[-1])["status"] == 200
    wait_until(lambda: len(bodies(home, name)) >= len(texts), 20, "all triggers")
    home.service.wait_delivered()
    assert bodies(home, name) == texts


def test_item_that_does_not_fit_holds_nothing_up(home: Stack) -> None:
    """An item that does not accept the state is left out, and all others continue."""
    extra = home.folder / "items" / "wrong.items"
    extra.write_text(f'Number Wrong {{ channel="{PHONE}:last-message-body" }}\n')
    wait_until(lambda: home.openhab.counts()["links"] == 6, 5, "the link")
    home.twilio.receive_sms("not a number")
    wait_until(lambda: bodies(home, "not a number"))
    assert "openhab.state_refused" in home.service.log.read_text(encoding="utf-8")
    extra.unlink()


def test_new_link_gets_the_last_state(home: Stack) -> None:
    """An item that is linked later gets the last state immediately, and all later ones."""
    home.twilio.receive_sms("before the link")
    wait_until(lambda: bodies(home, "before the link"))
    home.service.wait_delivered()
    extra = home.folder / "items" / "late.items"
    extra.write_text(f'String Late "x" {{ channel="{PHONE}:last-message-body" }}\n')
    wait_until(lambda: home.openhab.states("Late") == ["before the link"], 10, "the last state on the new item")
    home.twilio.receive_sms("after the link")
    wait_until(lambda: home.openhab.states("Late")[-1] == "after the link", 10, "the next state")
    extra.unlink()


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_relay_rule_is_repaired(home: Stack, how: str) -> None:
    """A removed or changed relay rule is restored, and texts that came meanwhile arrive."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer oh.demo.0123456789"
        url = f"{home.openhab.url}{RELAY}"
        rule = session.get(url).json()
        if how == "changed":
            rule["actions"][0]["configuration"]["script"] = 'logInfo("x", "y")'
            assert session.put(url, json=rule).status_code == 200
        else:
            assert session.delete(url).status_code == 200
    home.twilio.receive_sms(f"relay {how}")
    wait_until(lambda: bodies(home, f"relay {how}"), 15, "the trigger")
    assert bodies(home, f"relay {how}") == [f"relay {how}"]


def test_forty_callers_at_once_each_get_one_trigger(home: Stack) -> None:
    """Simultaneous texts all arrive once."""
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda n: home.twilio.receive_sms(f"at once {n}")["status"], range(40)))
    assert answers == [200] * 40
    wait_until(lambda: len(bodies(home, "at once")) >= 40, 20, "all triggers")
    home.service.wait_delivered()
    assert sorted(bodies(home, "at once")) == sorted(f"at once {n}" for n in range(40))


def test_openhab_5_1_which_drops_runs_of_a_busy_rule() -> None:
    """With an openHAB that drops parallel runs, mixed calls and texts still arrive, each once."""
    with stack(version="5.1") as home:
        with ThreadPoolExecutor(10) as pool:
            texts = pool.map(lambda n: home.twilio.receive_sms(f"mixed {n}")["status"], range(60))
            calls = pool.map(lambda n: home.twilio.call([], caller=f"+1555000{n:04d}").error, range(20))
            assert set(texts) == {200}
            assert set(calls) == {0}
        wait_until(lambda: len(bodies(home, "mixed")) >= 60, 30, "all triggers")
        home.service.wait_delivered()
        assert len(bodies(home, "mixed")) == 60


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 403, "body": "<html>blocked</html>", "content_type": "text/html"},
        {"kind": "status", "status": 413},
    ],
    ids=["a firewall", "too long"],
)
def test_event_that_never_arrives(home: Stack, fault: dict[str, Any]) -> None:
    """An event that something in front of openHAB always refuses is set aside and named; all others arrive in order."""
    prefix = f"{fault['kind']} {fault.get('status')}"
    home.openhab.faults.set(**fault, path=f"{RELAY}/runnow", contains=f"{prefix} 2")
    texts = send(home, prefix, 5)
    others = [text for text in texts if not text.endswith(" 2")]
    wait_until(lambda: bodies(home, prefix) == others, 30, "the others")
    wait_until(lambda: home.service.metric('backlog{lane="openhab"}') == 0, 10, "nothing to wait")
    wait_until(lambda: home.service.dependencies()["openhab"].get("events_set_aside", 0), 10, "it to be named")
    assert "event=delivery.set_aside" in home.service.log.read_text(encoding="utf-8")


def test_event_whose_answer_never_comes(home: Stack) -> None:
    """An event that openHAB handled, but whose answer is always cut off, is delivered once, and not set aside."""
    before = home.service.metric('deliveries_total{lane="openhab",outcome="set_aside"}')
    home.openhab.faults.set("cut", path=f"{RELAY}/runnow", contains="always cut 2", effect=True)
    texts = send(home, "always cut", 5)
    wait_until(lambda: bodies(home, "always cut") == texts, 30, "all of them")
    wait_until(lambda: home.service.metric('backlog{lane="openhab"}') == 0, 10, "nothing to wait")
    assert home.service.metric('deliveries_total{lane="openhab",outcome="set_aside"}') == before
