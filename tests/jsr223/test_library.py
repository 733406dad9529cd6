"""Rules of other scripts with the library, in their own contexts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.jsr223.conftest import PHONE, Stack
from tests.waiting import wait_until
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.events import BridgeEvent
from twilio_binding.protocol.replies import Reply

_RULES = f"""
from openhab_twilio import on_call, on_digits, on_sms, phone

PHONE = "{PHONE}"


@on_call(PHONE)
def greet(call):
    return "<Response><Hangup/></Response>" if call.sender == "+1" else f"Hello & welcome {{call.sender}}"


@on_digits(PHONE)
def menu(call):
    return {{"1": "one", "2": None}}.get(call.digits, "There is no such choice.")


@on_digits(PHONE, menu="fire")
def fire(call):
    return f"fire {{call.digits}}"


@on_sms(PHONE)
def reply(message):
    if message.body == "fail":
        raise ValueError("on purpose")
    return "STATUS ok" if message.body == "status" else None
"""
_HELPER = Path(__file__).parent / "helper"


@pytest.fixture
def rules(stack: Stack, tmp_path: Path) -> Iterator[Callable[[str], object]]:
    """A script with rules is loaded; evaluates expressions in it."""
    file = tmp_path / "rules.py"
    file.write_text(_RULES)
    path = f"{stack.conf / 'lib'}:{stack.conf}:{_HELPER}"
    stack.openhab.control("load", name="rules", file=str(file), path=path)
    yield lambda code: stack.openhab.control("evaluate", name="rules", code=code)
    stack.openhab.control("settle")
    stack.openhab.control("unload", name="rules")


def _fire(stack: Stack, line: OpenHABRequests, channel: str, **fields: str) -> None:
    wait_until(lambda: stack.service.door.is_open)
    event = BridgeEvent(
        id=json.dumps(fields) + stack.openhab.log.name + channel,
        thing=PHONE,
        channel=channel,
        payload=json.dumps(fields),
    )
    assert stack.service.door.deliver(line, [event])[0].outcome == "done"


@pytest.mark.usefixtures("rules")
def test_a_menu_in_three_lines(stack: Stack, line: OpenHABRequests) -> None:
    """The result of a rule is spoken, escaped; TwiML is carried out; None leaves the default."""
    for channel, fields, twiml in (
        ("call-received", {"from": "+49", "callSid": "CA1"}, "<Response><Say>Hello &amp; welcome +49</Say></Response>"),
        ("call-received", {"from": "+1", "callSid": "CA2"}, "<Response><Hangup/></Response>"),
        ("dtmf-received", {"digits": "1", "callSid": "CA3"}, "<Response><Say>one</Say></Response>"),
        (
            "dtmf-received",
            {"digits": "9", "callSid": "CA4"},
            "<Response><Say>There is no such choice.</Say></Response>",
        ),
    ):
        _fire(stack, line, channel, **fields)
        request = stack.service.asked()
        assert (request.action, request.args) == ("respondWithTwiml", {"callSid": fields["callSid"], "twiml": twiml})
    _fire(stack, line, "dtmf-received", digits="2", callSid="CA5")
    _fire(stack, line, "sms-received", **{"from": "+49", "body": "status"})
    request = stack.service.asked()
    assert (request.action, request.args) == ("sendSMS", {"to": "+49", "message": "STATUS ok"})


@pytest.mark.usefixtures("rules")
def test_menus_by_name(stack: Stack, line: OpenHABRequests) -> None:
    """A rule for a named menu only gets its keys."""
    _fire(stack, line, "dtmf-received", digits="7", callSid="CA6", menu="fire")
    said = {str(stack.service.asked().args["twiml"]) for _ in range(2)}
    assert "<Response><Say>fire 7</Say></Response>" in said


def test_actions_give_the_whole_result(stack: Stack, rules: Callable[[str], object]) -> None:
    """A result is true or false, and carries SID, status, code and message."""
    assert rules("bool(phone(PHONE).sendSMS('+1', 'hi')), phone(PHONE).sendSMS('+1', 'hi').sid") == "(True, 'SM1')"
    refused = Reply(id="", ok=False, code="twilio.21211", message="ü", retryable=False)
    stack.service.reply = lambda _: refused
    assert rules("(lambda r: (bool(r), r.code, r.message))(phone(PHONE).makeCall('+1', '<Response/>'))") == (
        "(False, 'twilio.21211', 'ü')"
    )


@pytest.mark.parametrize(
    ("call", "action", "args"),
    [
        ("sendSMS(['+1', '+2'], 'x')", "sendSMS", {"to": ["+1", "+2"], "message": "x"}),
        ("sendSMS('+1', None, 'u')", "sendSMS", {"to": "+1", "mediaUrl": "u"}),
        ("sendWhatsApp('+1', 'x', ['u', 'v'])", "sendWhatsApp", {"to": "+1", "message": "x", "mediaUrl": ["u", "v"]}),
        ("makeTTSCall('+1', 'x')", "makeTTSCall", {"to": "+1", "text": "x"}),
        ("makeTTSCall('+1', 'x', 'v')", "makeTTSCall", {"to": "+1", "text": "x", "voice": "v"}),
        ("respondWithTwiml('CA', 'x')", "respondWithTwiml", {"callSid": "CA", "twiml": "x"}),
    ],
)
def test_calls_are_what_the_service_is_asked(
    stack: Stack, rules: Callable[[str], object], call: str, action: str, args: dict[str, object]
) -> None:
    """The library's calls are the add-on's, plus lists."""
    rules(f"phone(PHONE).{call}")
    request = stack.service.asked()
    assert (request.action, request.args) == (action, args)


def test_media_are_urls_or_none(stack: Stack, rules: Callable[[str], object]) -> None:
    """The media actions give the URL, or None."""
    stack.service.reply = lambda request: Reply(id=request.id, ok=True, result={"url": "https://h/1"})
    assert rules("phone(PHONE).createItemMediaUrl('Camera')") == "'https://h/1'"
    stack.service.reply = lambda request: Reply(id=request.id, ok=False, code="no_image")
    assert rules("repr(phone(PHONE).createProxyMediaUrl('http://c'))") == "'None'"


def test_a_phone_that_is_not_there(stack: Stack, rules: Callable[[str], object]) -> None:
    """A phone that openHAB does not run gives a result, not an error."""
    assert rules("phone('twilio:phone:no:one').sendSMS('+1', 'x').code") == "'unknown_thing'"
