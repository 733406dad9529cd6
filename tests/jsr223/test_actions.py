"""Native actions of a phone: as openHAB lists them, as rules call them, and the requests to the service."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.jsr223.conftest import ACCOUNT, PHONE, Expected, Stack
from tests.waiting import wait_until
from twilio_binding.protocol.replies import Reply

_ADD_ON = Path(__file__).parents[1] / "data" / "addon" / "rest-actions-phone.json"
_TO = "+15559876543"


def test_openhab_lists_the_add_ons_actions(stack: Stack) -> None:
    """Contract, section 7: ids, labels, inputs and outputs are the add-on's; none is required, so that UI rules work."""
    actions = stack.openhab.get(f"actions/{PHONE}")
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


def test_no_action_is_listed_twice(stack: Stack) -> None:
    """Variants with the whole result are for rules: the UI lists each action once, like the add-on."""
    actions = stack.openhab.get(f"actions/{PHONE}")
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
    stack: Stack, action: str, count: int, *, statically: bool
) -> None:
    """For each of the ten overloads, rules can call a variant that returns JSON text."""
    result = stack.call(f"{action}Result", *["x"] * count, static=statically)
    assert (json.loads(str(result["result"]))["ok"], result["type"]) == (True, "java.lang.String")
    assert stack.service.asked().action == action


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
def test_the_service_is_asked_for_what_the_rule_says(
    stack: Stack, action: str, values: tuple[str | None, ...], args: dict[str, object], *, statically: bool
) -> None:
    """Contract, section 7: every overload reaches the service with its arguments; null means none."""
    stack.call(action, *values, static=statically)
    request = stack.service.asked()
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
    stack: Stack, action: str, values: tuple[str, ...], result: object, kind: str | None
) -> None:
    """Contract, section 7: sends give Boolean, media a String, respondWithTwiml nothing."""
    details: dict[str, object] = {"sid": "SM1", "url": "https://h/media/1"}
    stack.service.reply = lambda request: Reply(id=request.id, ok=True, result=details)
    assert stack.call(action, *values) == {"result": result, "type": kind}


@pytest.mark.parametrize(
    ("action", "values", "result"),
    [
        ("sendSMS", (_TO, "x"), False),
        ("createItemMediaUrl", ("Camera",), None),
        ("respondWithTwiml", ("CA1", "x"), None),
    ],
)
def test_a_refusal_is_false_or_null_and_stands_in_the_log(
    stack: Stack, expected: Expected, action: str, values: tuple[str, ...], result: object
) -> None:
    """A refused action raises nothing in the rule; openHAB's log says why."""
    expected(f"{action}: twilio.21211: not a number")
    stack.service.reply = lambda request: Reply(id=request.id, ok=False, code="twilio.21211", message="not a number")
    assert stack.call(action, *values)["result"] == result


def test_the_whole_result_of_a_refusal(stack: Stack) -> None:
    """The variant with the whole result has code, message and whether to retry."""
    stack.service.reply = lambda request: Reply(id=request.id, ok=False, code="c", message="ü", retryable=True)
    result = json.loads(str(stack.call("sendSMSResult", _TO, "x")["result"]))
    assert result == {"ok": False, "sid": "", "status": "", "code": "c", "message": "ü", "retryable": True}


def test_the_whole_result_of_a_send(stack: Stack) -> None:
    """The variant with the whole result has SID and status."""
    result = json.loads(str(stack.call("sendSMSResult", _TO, "x", "https://x/1")["result"]))
    assert (result["ok"], result["sid"], result["status"]) == (True, "SM1", "queued")


def test_parallel_actions_do_not_wait_for_each_other(stack: Stack) -> None:
    """While seven actions wait for their answers, another one gets its own; then they get theirs."""
    stack.service.reply = lambda request: None if request.args["message"] == "slow" else Reply(id=request.id, ok=True)
    with ThreadPoolExecutor(8) as threads:
        slow = [threads.submit(stack.call, "sendSMS", _TO, "slow") for _ in range(7)]
        wait_until(lambda: len(stack.service.unanswered) == 7, 30, "the slow actions")
        assert stack.call("sendSMS", _TO, "fast")["result"] is True
        assert not any(one.done() for one in slow)
        for request, answer in stack.service.unanswered:
            answer(Reply(id=request.id, ok=True))
        assert {one.result()["result"] for one in slow} == {True}


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [({"to": _TO, "message": "x"}, {"result": True}), ({}, {"result": True})],
)
def test_actions_over_rest(stack: Stack, arguments: dict[str, str], answer: dict[str, object]) -> None:
    """Contract, section 7: an overload is called over REST by its hash; a missing input is null."""
    path = f"/rest/actions/{PHONE}/twilio.sendSMS%2326aa5ea09027ad2b11b752652e808c6a"
    assert stack.openhab.request("POST", path, arguments) == (200, answer)


def test_an_object_that_a_rule_keeps_works_on_after_a_reload(stack: Stack) -> None:
    """Rules made in the UI keep the first object that they got: it works after a reload, and is listed again."""
    stack.openhab.control("keep", thing=PHONE, **{"as": "ui"})
    for _ in range(2):
        stack.load()
        stack.wait_for(PHONE, "ONLINE")
    assert stack.call("sendSMS", _TO, "x", kept="ui")["result"] is True


def test_a_second_phone_has_its_own_actions(stack: Stack) -> None:
    """Actions belong to one phone, and are removed with it."""
    other = "twilio:phone:home:other"
    stack.add(other, ACCOUNT, phoneNumber="+15550002")
    wait_until(lambda: stack.openhab.request("GET", f"/rest/actions/{other}")[0] == 200)
    stack.call("sendSMS", _TO, "x", thing=other)
    assert stack.service.asked().thing == other
    stack.remove(other)
    assert stack.openhab.request("GET", f"/rest/actions/{other}")[0] == 204


def test_an_account_has_no_actions(stack: Stack) -> None:
    """Contract, section 7: actions are on phones."""
    assert stack.openhab.request("GET", f"/rest/actions/{ACCOUNT}")[0] == 204
