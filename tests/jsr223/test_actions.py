"""Native actions of a phone: as openHAB lists them, as rules call them, and what is asked of the sidecar."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.jsr223.conftest import ACCOUNT, PHONE, Expected, House
from tests.waiting import wait_until
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_ADD_ON = Path(__file__).parents[1] / "data" / "addon" / "rest-actions-phone.json"
_TO = "+15559876543"


def _asked(house: House) -> Request:
    return house.sidecar.requests.get(timeout=5)


def test_openhab_lists_the_add_ons_actions(house: House) -> None:
    """Contract, section 7: ids, labels, inputs and outputs are the add-on's; none is required, so that UI rules work."""
    actions = house.openhab.get(f"actions/{PHONE}")
    assert isinstance(actions, list)
    found = {action["actionUid"]: action for action in actions}
    for action in json.loads(_ADD_ON.read_text()):
        ours = found[action["actionUid"]]
        assert ours["label"] == action["label"]
        assert [(one["name"], one["type"], one["label"]) for one in ours["inputs"]] == [
            (one["name"], one["type"], one["label"]) for one in action["inputs"]
        ]
        keys = ("name", "type", "label")
        assert [[one[key] for key in keys] for one in ours["outputs"]] == [
            [one[key] for key in keys] for one in action["outputs"]
        ]
        assert not any(one["required"] for one in ours["inputs"])


def test_no_action_is_listed_twice(house: House) -> None:
    """The twins that give the whole result are for rules: people who choose an action see each once, as the add-on's."""
    actions = house.openhab.get(f"actions/{PHONE}")
    assert isinstance(actions, list)
    assert {action["actionUid"] for action in actions} == {
        action["actionUid"] for action in json.loads(_ADD_ON.read_text())
    }
    assert len(actions) == 10


@pytest.mark.parametrize("statically", [False, True], ids=["method", "twin for Rules DSL"])
@pytest.mark.parametrize(
    ("action", "count"),
    [
        ("sendSMS", 2),
        ("sendSMS", 3),
        ("sendWhatsApp", 2),
        ("sendWhatsApp", 3),
        ("makeCall", 2),
        ("makeTTSCall", 2),
        ("makeTTSCall", 3),
        ("createItemMediaUrl", 1),
        ("createProxyMediaUrl", 1),
        ("respondWithTwiml", 2),
    ],
)
def test_each_action_has_a_twin_with_the_whole_result(
    house: House, action: str, count: int, *, statically: bool
) -> None:
    """Beside each of the ten overloads rules can call one that gives JSON text."""
    result = house.call(f"{action}Result", *["x"] * count, static=statically)
    assert (json.loads(str(result["result"]))["ok"], result["type"]) == (True, "java.lang.String")
    assert _asked(house).action == action


@pytest.mark.parametrize("statically", [False, True], ids=["method", "twin for Rules DSL"])
@pytest.mark.parametrize(
    ("action", "values", "args"),
    [
        ("sendSMS", (_TO, "hi"), {"to": _TO, "message": "hi"}),
        ("sendSMS", (_TO, None, "https://x/1"), {"to": _TO, "mediaUrl": "https://x/1"}),
        ("sendSMS", (_TO, "Grüße 😀", None), {"to": _TO, "message": "Grüße 😀"}),
        ("sendSMS", (None, None, None), {}),
        ("sendSMS", ('["+1","+2"]', "hi"), {"to": ["+1", "+2"], "message": "hi"}),
        ("sendWhatsApp", (_TO, "hi"), {"to": _TO, "message": "hi"}),
        ("sendWhatsApp", (_TO, None, '["u","v"]'), {"to": _TO, "mediaUrl": ["u", "v"]}),
        ("makeCall", (_TO, "<Response/>"), {"to": _TO, "twiml": "<Response/>"}),
        ("makeTTSCall", (_TO, "fire"), {"to": _TO, "text": "fire"}),
        ("makeTTSCall", (_TO, "fire", "Polly.Amy"), {"to": _TO, "text": "fire", "voice": "Polly.Amy"}),
        ("respondWithTwiml", ("CA1", "<Response/>"), {"callSid": "CA1", "twiml": "<Response/>"}),
        ("createItemMediaUrl", ("Camera",), {"itemName": "Camera"}),
        ("createProxyMediaUrl", ("http://c/1",), {"sourceUrl": "http://c/1"}),
    ],
)
def test_the_sidecar_is_asked_for_what_the_rule_says(
    house: House, action: str, values: tuple[str | None, ...], args: dict[str, object], *, statically: bool
) -> None:
    """Contract, section 7: every overload reaches the sidecar with its arguments, and null as none."""
    house.call(action, *values, static=statically)
    request = _asked(house)
    assert (request.thing, request.action, request.args) == (PHONE, action, args)
    assert request.deadline > time.time()


@pytest.mark.parametrize(
    ("action", "values", "result", "kind"),
    [
        ("sendSMS", (_TO, "x"), True, "java.lang.Boolean"),
        ("makeCall", (_TO, "x"), True, "java.lang.Boolean"),
        ("respondWithTwiml", ("CA1", "x"), None, None),
        ("createItemMediaUrl", ("Camera",), "https://h/media/1", "java.lang.String"),
    ],
)
def test_results_are_the_add_ons(
    house: House, action: str, values: tuple[str, ...], result: object, kind: str | None
) -> None:
    """Contract, section 7: sends give Boolean, media a String, respondWithTwiml nothing."""
    details: dict[str, object] = {"sid": "SM1", "url": "https://h/media/1"}
    house.sidecar.reply = lambda request: Reply(id=request.id, ok=True, result=details)
    assert house.call(action, *values) == {"result": result, "type": kind}


@pytest.mark.parametrize(
    ("action", "values", "result"),
    [
        ("sendSMS", (_TO, "x"), False),
        ("createItemMediaUrl", ("Camera",), None),
        ("respondWithTwiml", ("CA1", "x"), None),
    ],
)
def test_a_refusal_is_false_or_null_and_stands_in_the_log(
    house: House, expected: Expected, action: str, values: tuple[str, ...], result: object
) -> None:
    """A refused action throws nothing into the rule; openHAB's log says why."""
    expected(f"{action}: twilio.21211: not a number")
    house.sidecar.reply = lambda request: Reply(id=request.id, ok=False, code="twilio.21211", message="not a number")
    assert house.call(action, *values)["result"] == result


def test_the_whole_result_of_a_refusal(house: House) -> None:
    """The twin with the whole result carries code, message and whether to try again."""
    house.sidecar.reply = lambda request: Reply(id=request.id, ok=False, code="c", message="ü", retryable=True)
    result = json.loads(str(house.call("sendSMSResult", _TO, "x")["result"]))
    assert result == {"ok": False, "sid": "", "status": "", "code": "c", "message": "ü", "retryable": True}


def test_the_whole_result_of_a_send(house: House) -> None:
    """The twin with the whole result carries SID and status."""
    result = json.loads(str(house.call("sendSMSResult", _TO, "x", "https://x/1")["result"]))
    assert (result["ok"], result["sid"], result["status"]) == (True, "SM1", "queued")


def test_a_sidecar_that_does_not_answer_costs_the_rule_its_patience_only(house: House, expected: Expected) -> None:
    """Without a reply the action is false when the time of the settings is over."""
    expected("sendSMS: timeout")
    house.sidecar.reply = lambda _: None
    begin = time.monotonic()
    assert house.call("sendSMS", _TO, "x")["result"] is False
    assert 1.9 < time.monotonic() - begin < 4


def test_parallel_actions_do_not_wait_for_each_other(house: House, expected: Expected) -> None:
    """Twenty actions that the sidecar does not answer take the time of one, and one that it answers is fast."""
    expected("sendSMS: timeout")
    house.sidecar.reply = lambda request: None if request.args["message"] == "slow" else Reply(id=request.id, ok=True)
    begin = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        slow = [threads.submit(house.call, "sendSMS", _TO, "slow") for _ in range(7)]
        fast = threads.submit(house.call, "sendSMS", _TO, "fast")
        assert fast.result()["result"] is True
        assert time.monotonic() - begin < 1.5
        assert {one.result()["result"] for one in slow} == {False}
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [({"to": _TO, "message": "x"}, {"result": True}), ({}, {"result": True})],
)
def test_actions_over_rest(house: House, arguments: dict[str, str], answer: dict[str, object]) -> None:
    """Contract, section 7: an overload is called over REST by its hash; a missing input is null."""
    path = f"/rest/actions/{PHONE}/twilio.sendSMS%2326aa5ea09027ad2b11b752652e808c6a"
    assert house.openhab.request("POST", path, arguments) == (200, answer)


def test_an_object_that_a_rule_keeps_works_on_after_a_reload(house: House) -> None:
    """Rules made in the UI keep the object that they got first: it lives on, and is the one that is listed again."""
    house.openhab.control("keep", thing=PHONE, **{"as": "ui"})
    for _ in range(2):
        house.load()
        house.wait_for(PHONE, "ONLINE")
    assert house.call("sendSMS", _TO, "x", kept="ui")["result"] is True


def test_an_object_that_a_rule_keeps_is_quiet_while_the_script_is_away(house: House) -> None:
    """Without the script a kept object gives false or null, and throws nothing."""
    house.openhab.control("keep", thing=PHONE, **{"as": "away"})
    house.openhab.control("unload", name="bridge")
    try:
        assert house.call("sendSMS", _TO, "x", kept="away")["result"] is False
        assert house.call("createItemMediaUrl", "x", kept="away")["result"] is None
        assert house.call("sendSMSResult", _TO, "x", kept="away")["result"] is None
        with pytest.raises(RuntimeError, match="getActions gives null"):
            house.call("sendSMS", _TO, "x")
    finally:
        house.load()
    house.wait_for(PHONE, "ONLINE")
    assert house.call("sendSMS", _TO, "x", kept="away")["result"] is True


def test_a_second_phone_has_its_own_actions(house: House) -> None:
    """Actions are a phone's own, and go with it."""
    other = "twilio:phone:home:other"
    house.add(other, ACCOUNT, phoneNumber="+15550002")
    wait_until(lambda: house.openhab.request("GET", f"/rest/actions/{other}")[0] == 200)
    house.call("sendSMS", _TO, "x", thing=other)
    assert _asked(house).thing == other
    house.remove(other)
    assert house.openhab.request("GET", f"/rest/actions/{other}")[0] == 204


def test_an_account_has_no_actions(house: House) -> None:
    """Contract, section 7: actions are on phones."""
    assert house.openhab.request("GET", f"/rest/actions/{ACCOUNT}")[0] == 204
