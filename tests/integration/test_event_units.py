"""An event is a unit: its states are in the items, then its trigger fires, then rules run, then the next event begins."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.integration.conftest import bodies
from tests.waiting import limit, wait_until
from twilio_binding.sandbox.demo_rule import PHONE

LISTENING: dict[str, Any] = {
    "triggers": [
        {"id": "1", "type": "core.ChannelEventTrigger", "configuration": {"channelUID": f"{PHONE}:sms-received"}}
    ],
    "actions": [],
}
LISTENING_TO_ALL: dict[str, Any] = {
    "triggers": [
        {"id": "1", "type": "core.ChannelEventTrigger", "configuration": {"channelUID": "twilio:phone:*:sms-received"}}
    ],
    "actions": [],
}
RUN = "/rest/rules/twilio-relay/runnow"
BODY, SENDER = f"{PHONE}:last-message-body", f"{PHONE}:last-message-from"


class Items:
    """A `.items` file of the test."""

    def __init__(self, home: Stack) -> None:
        self._home = home
        self._path = home.folder / "items" / "more.items"
        self._links = int(str(home.openhab.counts()["links"]))
        self._lines = 0

    def write(self, text: str) -> None:
        """Write this to the file, one item a line."""
        self._lines = len(text.splitlines())
        self._path.write_text(text, encoding="utf-8")

    def wait(self) -> None:
        """Wait until openHAB and the service have the links; then the service restores no old states."""
        wait_until(lambda: self._home.openhab.counts()["links"] == self._links + self._lines, 5, "the links")

    def add(self, text: str) -> None:
        """Write the file, and wait."""
        self.write(text)
        self.wait()


@pytest.fixture
def items(home: Stack) -> Iterator[Items]:
    """More items, beside those of the stack."""
    made = Items(home)
    yield made
    made.write("")
    made.wait()


def saw_others(home: Stack, prefix: str) -> list[tuple[str, str]]:
    """What rules on the triggers found in the items, if it did not belong to their trigger."""
    found = []
    for trigger in home.openhab.triggers(channel=f"{PHONE}:sms-received"):
        body, items = json.loads(str(trigger["payload"]))["body"], trigger["items"]
        assert isinstance(items, dict)
        if body.startswith(prefix) and items["TwilioLastMessage"] != body:
            found.append((body, items["TwilioLastMessage"]))
    return found


def set_aside(home: Stack) -> dict[tuple[str, str], str]:
    """The items without states in `/ready`: the reason, by item and channel."""
    entries: list[dict[str, str]] = home.service.dependencies()["openhab"].get("set_aside", [])
    return {(one["item"], one["link"]): one["reason"] for one in entries}


def warnings(home: Stack, item: str) -> list[str]:
    """The warnings of the log about an item."""
    lines = home.service.log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "level=warning" in line and f" item={item} " in line]


# ---- a rule on the trigger finds the states of its own event


@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", ["rule", "put", "script"])
def test_rule_never_finds_the_states_of_another_message(way: str) -> None:
    """With 100 texts at intervals, 100 in bursts of ten, and 100 after an outage, no rule finds another text's states."""
    with stack() as home:
        _go(home, way)
        for number in range(100):
            home.twilio.receive_sms(f"apart {number}")
            time.sleep(0.02)
        with ThreadPoolExecutor(10) as callers:
            for burst in range(10):
                list(callers.map(lambda n, burst=burst: home.twilio.receive_sms(f"burst {burst} {n}"), range(10)))
        home.openhab.faults.down()
        for number in range(100):
            home.twilio.receive_sms(f"outage {number}")
        home.openhab.faults.up()
        for prefix in ("apart", "burst", "outage"):
            wait_until(lambda prefix=prefix: len(bodies(home, prefix)) == 100, 30, prefix)  # type: ignore[misc]
            wait_until(lambda: home.openhab.triggers(channel=f"{PHONE}:sms-received")[-1]["items"], 5, "the last look")
            assert saw_others(home, prefix) == []


@pytest.mark.parametrize("way", ["rule", "script"])
def test_rule_that_begins_late_finds_the_states_of_its_own_event(way: str) -> None:
    """On a busy server, rules begin 80 ms after their trigger: the next event of the thing waits for them."""
    with stack(rule_start=0.08) as home:
        home.openhab.contents.put_rule("late", LISTENING)
        _go(home, way)
        home.twilio.receive_sms("the service knows the rule")
        home.service.wait_delivered()
        with ThreadPoolExecutor(10) as callers:
            list(callers.map(lambda n: home.twilio.receive_sms(f"late {n}"), range(30)))
        wait_until(lambda: len(bodies(home, "late")) == 30, 30, "all triggers")
        wait_until(lambda: home.openhab.triggers(channel=f"{PHONE}:sms-received")[-1]["items"], 5, "the last look")
        assert saw_others(home, "late") == []


def test_rule_that_never_runs_is_soon_not_waited_for() -> None:
    """Before openHAB 5.2, a rule with a wildcard never runs: the service waits once, and then hardly at all."""
    with stack(version="5.1") as home:
        home.openhab.contents.put_rule("wild", LISTENING_TO_ALL)
        began = time.monotonic()
        for number in range(20):
            home.twilio.receive_sms(f"wild {number}")
        wait_until(lambda: len(bodies(home, "wild")) == 20, 20, "all triggers")
        assert time.monotonic() - began < limit(8)


def _go(home: Stack, way: str) -> None:
    """Choose the way of events."""
    if way == "put":
        home.openhab.faults.set("bad-script", path="(?s).*setState")
        home.openhab.restart()
        wait_until(lambda: "openhab.relay_silent" in home.service.log.read_text(encoding="utf-8"), 30, "the other rule")
        home.service.wait_ready("openhab")
    elif way == "script":
        _load_script(home)


def _load_script(home: Stack) -> None:
    from tests.integration.test_bridge_script import ACCOUNT, Script
    from tests.integration.test_lane_out import Wire

    home.openhab.contents.put_thing(ACCOUNT, {"thingTypeUID": "twilio:account"})
    home.openhab.contents.put_thing(PHONE, {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT})
    with Wire(home.broker.url, "script") as wire:
        script = Script(home, wire)
        script.load()
        script.wait_way("bridge script")


# ---- each state once, in order


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("no confirmation", {"kind": "lose-event", "path": "openhab/channels/", "count": 4}),
        ("lost runs", {"kind": "lose-run", "count": 3}),
        ("answers cut off", {"kind": "cut", "path": RUN, "effect": True, "count": 3}),
        ("answers 500", {"kind": "status", "path": RUN, "effect": True, "count": 3}),
        ("late answers", {"kind": "slow", "path": RUN, "seconds": 0.4, "count": 3}),
    ],
)
def test_states_take_effect_once_and_in_order(home: Stack, name: str, fault: dict[str, Any]) -> None:
    """An item gets each state once, and no state of an earlier message after that of a later one."""
    before = len(home.openhab.states("TwilioLastMessage"))
    home.openhab.faults.set(**fault)
    texts = [f"{name} {number}" for number in range(12)]
    for text in texts:
        home.twilio.receive_sms(text)
    wait_until(lambda: len(bodies(home, name)) >= len(texts), 30, "all triggers")
    home.service.wait_delivered()
    assert home.openhab.states("TwilioLastMessage")[before:] == bodies(home, name) == texts


def test_event_without_a_trigger_is_confirmed_and_its_states_are_set_once(home: Stack) -> None:
    """A call whose trigger is outdated still sets its states, once, even if that was not confirmed at first."""
    home.openhab.faults.down()
    home.twilio.call([], caller="+15550007777")
    home.service.stop()
    before = len(home.openhab.states("TwilioLastCallFrom"))
    home.openhab.faults.up()
    home.openhab.faults.set("lose-event", path="openhab/channels/twilio:relay", count=2)
    home.service.start()
    wait_until(lambda: home.service.metric("backlog") == 0, 60, "the states")
    assert home.openhab.states("TwilioLastCallFrom")[before:].count("+15550007777") == 1


# ---- one item that refuses stops nothing

REFUSALS: list[tuple[str, dict[str, Any]]] = [
    ("500 for ever", {"kind": "status", "status": 500}),
    (
        "403 of a firewall",
        {"kind": "status", "status": 403, "body": "<html>blocked</html>", "content_type": "text/html"},
    ),
    ("401 of a proxy", {"kind": "status", "status": 401, "body": "<html>who?</html>", "content_type": "text/html"}),
    ("empty 404", {"kind": "status", "status": 404, "body": ""}),
    ("400", {"kind": "status", "status": 400, "body": "<html/>"}),
    ("no answer", {"kind": "hang"}),
]


@pytest.mark.parametrize(
    ("method", "name", "fault"),
    [(method, *refusal) for method in ("PUT", "GET") for refusal in REFUSALS] + [("GET", "cut off", {"kind": "cut"})],
)
def test_item_that_keeps_failing_stops_no_other(home: Stack, method: str, name: str, fault: dict[str, Any]) -> None:
    """After an openHAB restart, one item cannot be read or set: events continue, and it is named until it works again."""
    home.twilio.receive_sms(f"before {method} {name}")
    home.service.wait_delivered()
    told = len(warnings(home, "TwilioLastFrom"))
    given = home.openhab.faults.set(path="/rest/items/TwilioLastFrom/", method=method, **fault)
    home.openhab.restart()
    wait_until(lambda: ("TwilioLastFrom", SENDER) in set_aside(home), 20, "the item to be named")
    assert home.service.metric("items_set_aside{") == 1
    home.service.wait_ready()
    home.twilio.receive_sms(f"after {method} {name}")
    wait_until(lambda: bodies(home, f"after {method} {name}"), 20, "the trigger")
    assert home.openhab.faults.hits(given) <= 8
    assert len(warnings(home, "TwilioLastFrom")) == told + 1
    wait_until(lambda: not set_aside(home), 10, "the rule to have set it")


def test_items_that_cannot_take_a_state_are_named_once_until_they_can(home: Stack, items: Items) -> None:
    """An item of another type, or a link without an item: log, `/ready` and metrics name item, channel and reason."""
    items.add(f'Number Wrong {{ channel="{BODY}" }}\n')
    for number in range(3):
        home.twilio.receive_sms(f"not a number {number}")
    wait_until(lambda: len(bodies(home, "not a number")) == 3, 10, "the triggers")
    home.service.wait_delivered()
    assert "type Number" in set_aside(home)["Wrong", BODY]
    assert home.service.metric(f'items_set_aside{{channel="{BODY}",item="Wrong"}}') == 1
    assert len(warnings(home, "Wrong")) == 1
    home.service.wait_ready("openhab")
    home.twilio.receive_sms("42")
    wait_until(lambda: ("Wrong", BODY) not in set_aside(home), 10, "it to take a state")
    assert home.openhab.states("Wrong") == ["42"]


def test_links_that_lead_nowhere_are_named_once(home: Stack, items: Items) -> None:
    """A missing channel or phone, or a trigger without a profile, is named once when the link appears."""
    nowhere = {
        "NoChannel": f"{PHONE}:last-mesage-body",
        "NoPhone": "twilio:phone:myaccount:mphone:last-message-body",
        "Account": "twilio:account:myaccount:last-message-body",
        "Trigger": f"{PHONE}:sms-received",
    }
    items.add("".join(f'String {item} {{ channel="{channel}" }}\n' for item, channel in nowhere.items()))
    wait_until(lambda: nowhere.items() <= set_aside(home).keys(), 10, "all to be named")
    assert all(len(warnings(home, item)) == 1 for item in nowhere)
    home.twilio.receive_sms("nowhere")
    wait_until(lambda: bodies(home, "nowhere"), 10, "the trigger")
    items.add("")
    wait_until(lambda: not nowhere.items() & set_aside(home).keys(), 10, "none to be named")


def test_text_that_is_the_name_of_no_state_is_a_text(home: Stack) -> None:
    """A text NULL or UNDEF is a text in a String item, as with the add-on."""
    before = len(home.openhab.states("TwilioLastMessage"))
    for text in ("NULL", "UNDEF"):
        home.twilio.receive_sms(text)
    home.service.wait_delivered()
    assert home.openhab.states("TwilioLastMessage")[before:] == ["NULL", "UNDEF"]


# ---- profiles of links


def test_profiles_that_can_be_applied_are(home: Stack, items: Items) -> None:
    """Times on update and on trigger, a moved time, the payload as a command; `follow` gives an item nothing."""
    items.add(
        f'DateTime Updated {{ channel="{BODY}" [profile="timestamp-update"] }}\n'
        f'DateTime Moved {{ channel="{PHONE}:last-message-date" [profile="system:timestamp-offset", offset=3600] }}\n'
        f'DateTime Fired {{ channel="{PHONE}:sms-received" [profile="timestamp-trigger"] }}\n'
        f'String Event {{ channel="{PHONE}:sms-received" [profile="trigger-event-string"] }}\n'
        f'String Follower {{ channel="{BODY}" [profile="follow"] }}\n'
        f'String Default {{ channel="{BODY}" [profile="default"] }}\n'
    )
    home.twilio.receive_sms("by profile")
    wait_until(lambda: bodies(home, "by profile"), 10, "the trigger")
    home.service.wait_delivered()
    states = {name: home.openhab.states(name) for name in ("Updated", "Moved", "Fired", "Event", "Follower", "Default")}
    assert len(states["Updated"]) == len(states["Fired"]) == 1
    assert states["Default"][-1] == "by profile"
    assert json.loads(states["Event"][-1])["body"] == "by profile"
    assert states["Follower"] == []
    last = home.openhab.states("TwilioLastDate")[-1]
    assert states["Moved"][-1][:10] >= last[:10]
    assert states["Moved"][-1] > last
    assert not {"Updated", "Moved", "Fired", "Event", "Follower", "Default"} & {item for item, _ in set_aside(home)}


@pytest.mark.parametrize(
    "profile", ["transform:MAP", "timestamp-change", "rawbutton-toggle-switch", "basic-profiles:round"]
)
def test_profile_that_cannot_be_applied_is_named(home: Stack, items: Items, profile: str) -> None:
    """The item gets no wrong state; the link is named with its profile, once."""
    items.add(f'String Odd {{ channel="{BODY}" [profile="{profile}", function="x.map"] }}\n')
    wait_until(lambda: ("Odd", BODY) in set_aside(home), 10, "it to be named")
    home.twilio.receive_sms(f"by {profile}")
    wait_until(lambda: bodies(home, f"by {profile}"), 10, "the trigger")
    assert profile in set_aside(home)["Odd", BODY]
    assert home.openhab.states("Odd") == []
    assert len([line for line in warnings(home, "Odd") if profile in line]) == 1


def test_state_of_a_moment_is_not_restored(home: Stack, items: Items) -> None:
    """After a restart of openHAB, an item with a time on update gets no state until the next event."""
    home.twilio.receive_sms("before the restart")
    home.service.wait_delivered()
    items.add(f'DateTime Moment {{ channel="{BODY}" [profile="timestamp-update"] }}\n')
    home.openhab.restart()
    wait_until(lambda: requests.get(f"{home.openhab.url}/rest/items/TwilioLastMessage/state", timeout=30).text == "before the restart", 20, "the restored state")  # fmt: skip
    assert home.openhab.states("Moment") == []
