"""The examples for rules inside openHAB can be parsed, and what they publish are valid requests."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from twilio_binding.model import actions
from twilio_binding.protocol.requests import Request, read_request
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.settings import LimitsSettings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
LIBRARY = Path(__file__).with_name("openhab_js.js")
USES = sorted(path.stem for path in (EXAMPLES / "rules-dsl").glob("*.rules"))
NODE = shutil.which("node")
ADA, BOB, STRANGER = "+15559876543", "+15557654321", "+15551110000"
needs_node = pytest.mark.skipif(NODE is None, reason="node is missing: apt-get install nodejs")

Event = tuple[str, str, str]


def checked(topic: str, payload: str) -> Request:
    """The request, if the service would carry it out."""
    request = read_request(Topics(), topic, payload.encode())
    assert request.thing == PHONE
    actions.read(request.action, request.args)
    return request


def channel(name: str, **fields: str) -> Event:
    """A trigger event of the phone."""
    return "channel", f"{PHONE}:{name}", json.dumps(fields)


def called(digits: str | None = None, menu: str = "", caller: str = ADA) -> Event:
    """An incoming call, or keys pressed in it."""
    if digits is None:
        return channel("call-received", **{"from": caller, "to": "+15551234567", "callSid": "CA1"})
    return channel("dtmf-received", digits=digits, callSid="CA1", menu=menu, **{"from": caller})


def javascript(use: str, *events: Event) -> tuple[list[Request], list[tuple[str, str]]]:
    """The requests and commands of an example when these events happen."""
    assert NODE is not None
    command = [NODE, str(LIBRARY), str(EXAMPLES / "javascript" / f"{use}.js"), json.dumps(events)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert told.returncode == 0, told.stderr
    lines: list[dict[str, Any]] = [json.loads(line) for line in told.stdout.splitlines()]
    requests = [checked(line["topic"], line["payload"]) for line in lines if "topic" in line]
    return requests, [(line["item"], line["command"]) for line in lines if "item" in line]


def test_every_use_is_there_in_every_language() -> None:
    """The same nine uses in four languages, and the page names all of them."""
    assert len(USES) == 9
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for folder, kind in (("python", "py"), ("python-in-openhab", "py"), ("rules-dsl", "rules"), ("javascript", "js")):
        found = {path.stem for path in (EXAMPLES / folder).glob(f"*.{kind}")} - {"openhab_items"}
        assert found == set(USES), folder
        assert [use for use in USES if f"({folder}/{use}.{kind})" not in page] == [], folder


def test_every_rule_tells_of_the_native_line() -> None:
    """DSL and JavaScript both show the line for openHABs with the script."""
    files = [*(EXAMPLES / "rules-dsl").glob("*.rules"), *(EXAMPLES / "javascript").glob("*.js")]
    lacking = [
        path.name for path in files if not re.search(r"(getA|thingA)ctions\(\"twilio\"", path.read_text("utf-8"))
    ]
    assert lacking == []


@needs_node
@pytest.mark.parametrize("use", USES)
def test_javascript_parses(use: str) -> None:
    """Node parses the file unchanged."""
    assert NODE is not None
    subprocess.run([NODE, "--check", str(EXAMPLES / "javascript" / f"{use}.js")], check=True, timeout=30)


@needs_node
def test_javascript_alert() -> None:
    """Both phones get the text."""
    requests, _ = javascript("alert", ("item", "FrontDoor", ""))
    assert [request.args["to"] for request in requests] == [[ADA, BOB]]


@needs_node
@pytest.mark.parametrize(
    ("use", "asked", "sent"),
    [("picture", "createItemMediaUrl", "sendSMS"), ("lan_camera", "createProxyMediaUrl", "sendWhatsApp")],
)
def test_javascript_pictures(use: str, asked: str, sent: str) -> None:
    """The URL is requested, and sent when it arrives; a refusal is reported instead, and other replies do nothing."""
    reply_channel = "mqtt:broker:mybroker:twilioReply"
    good = json.dumps({"id": f"{use}-1", "ok": True, "result": {"url": "https://my.domain.com/m"}})
    bad = json.dumps({"id": f"{use}-2", "ok": False, "error": {"code": "x"}})
    other = json.dumps({"id": "other-1", "ok": True, "result": {}})
    events = [("channel", reply_channel, reply) for reply in (good, bad, other)]
    requests, _ = javascript(use, ("item", "FrontDoor", ""), *events)
    assert [request.action for request in requests] == [asked, sent, sent]
    assert requests[0].reply_to == f"twilio/reply/rules/{requests[0].id}"
    assert requests[1].args["mediaUrl"] == "https://my.domain.com/m"
    assert requests[2].args == {"to": ADA, "message": "There is no picture."}


@needs_node
def test_javascript_texts() -> None:
    """Known senders get answers and can command; strangers cannot."""
    texts = [(STRANGER, "lights off"), (ADA, ' say "hi"\n'), (BOB, "lights on")]
    events = [channel("sms-received", **{"from": sender, "body": body}) for sender, body in texts]
    requests, _ = javascript("reply", *events)
    assert [request.args["to"] for request in requests] == [ADA, BOB]
    assert requests[0].args["message"] == 'The house has read:  say "hi"\n'
    requests, commands = javascript("sms_menu", *events)
    assert [request.args["message"] for request in requests] == ["STATUS, LIGHTS ON or LIGHTS OFF?", "LIGHTS ON: done."]
    assert commands == [("GardenLights", "ON")]


@needs_node
@pytest.mark.parametrize(
    ("use", "events", "words", "commands"),
    [
        ("call_menu", [called(), called("1", "house")], ["Welcome home", "The front door is open."], []),
        ("call_menu", [called("2", "house"), called("7", "house")], ["lights are on", "no such key"], ["ON"]),
        ("temperatures", [called(), called("1", "rooms"), called("9", "rooms")], ["Hello", "21.5", "no such room"], []),
        ("security_panel", [called(caller=STRANGER), called("4711", "pin", STRANGER)], ["denied", "denied"], []),
        ("security_panel", [called(), called("4712", "pin")], ["Your PIN", "Wrong PIN"], []),
        ("security_panel", [called("4711", "pin"), called("2", "panel")], ["Press 1", "disarmed"], ["DISARMED"]),
        ("security_panel", [called("1", ""), called("3", "panel")], ["Goodbye", "armed"], []),
    ],
)
def test_javascript_calls(use: str, events: list[Event], words: list[str], commands: list[str]) -> None:
    """Each caller hears what the keys mean, and nobody gets past the PIN."""
    requests, sent = javascript(use, *events)
    assert [request.action for request in requests] == ["respondWithTwiml"] * len(events)
    for request, word in zip(requests, words, strict=True):
        assert word in str(request.args["twiml"])
    assert [command for _, command in sent] == commands


@needs_node
def test_javascript_alarm_calls_until_confirmed() -> None:
    """One person after the other is called each minute until 1 is pressed."""
    tick = ("cron", "", "")
    keys = [called("7", "alarm"), called("1", "other"), called("1", "alarm")]
    requests, commands = javascript("alarm_until_confirmed", ("item", "AlarmCall", ""), tick, tick, *keys, tick)
    assert [request.args.get("to") for request in requests[:3]] == [ADA, BOB, ADA]
    assert [request.action for request in requests[3:]] == ["respondWithTwiml"] * 2
    assert "Thank you" in str(requests[4].args["twiml"])
    assert commands == [("AlarmCall", "OFF")]


@needs_node
def test_javascript_alarm_of_a_day() -> None:
    """An alarm that nobody confirms for a whole day stays within all default limits."""
    limits = LimitsSettings()
    day = [("cron", "", "")] * (24 * 60)
    requests, _ = javascript("alarm_until_confirmed", ("item", "AlarmCall", ""), *day)
    assert all(request.args["emergency"] is True for request in requests)
    assert 250 < len(requests) <= min(limits.calls_per_day, limits.emergencies_per_day)


@pytest.mark.parametrize(
    "file", ["rules-dsl/alarm_until_confirmed.rules", "python-in-openhab/alarm_until_confirmed.py"]
)
def test_alarm_slows_down(file: str) -> None:
    """In the other languages, the alarm has the same times: each minute for ten minutes, then every five."""
    text = (EXAMPLES / file).read_text(encoding="utf-8")
    assert re.search(r"minutes\)? < 10 (or|\|\|) (len\()?minutes\)? % 5 == 0", text)


_RULE = re.compile(r'^rule "[^"\n]+"\nwhen\n((?:    .+\n)+)then\n((?:    .+\n)+)end$', re.MULTILINE)
_STRING = r"'[^']*'|\"[^\"]*\""
_ASSIGNED = re.compile(rf"^\s*(?:va[lr] )?(\w+) = ((?:if [^\n]*|{_STRING}|\w[\w.]*|[ +])+)$", re.MULTILINE)
_PUBLISHED = re.compile(rf"publishMQTT\((\"[^\"]*\"),\s*((?:{_STRING}|\w+| |\+)+)\)")
_SAMPLES = {"sender": ADA, "call": "CA1", "url": "https://my.domain.com/m"}


def values(expression: str, known: dict[str, set[str]]) -> Iterator[str]:
    """The possible values of an expression of texts, names and +."""
    given = re.sub(r"^if \(.*?\) (.*) else (.*)$", r"\1|\2", expression)
    for branch in given.split("|"):
        parts: list[Iterable[str]] = []
        for token in re.findall(rf"{_STRING}|[\w.]+", branch):
            name = token.partition(".")[0]
            parts.append([token[1:-1]] if token[0] in "'\"" else known.get(name) or {_SAMPLES.get(name, "1")})
        yield from ("".join(each) for each in product(*parts))


def dsl_requests(text: str) -> list[Request]:
    """Everything that a rules file may publish, checked."""
    known: dict[str, set[str]] = {}
    for name, expression in _ASSIGNED.findall(text):
        if "transform" not in expression and expression.strip():
            known.setdefault(name, set()).update(values(expression, known))
    return [
        checked(topic[1:-1], payload)
        for topic, expression in _PUBLISHED.findall(text)
        for payload in values(expression, known)
    ]


@pytest.mark.parametrize("use", USES)
def test_dsl(use: str) -> None:
    """Every file is a list of complete rules, and everything that they may publish is valid."""
    text = (EXAMPLES / "rules-dsl" / f"{use}.rules").read_text(encoding="utf-8")
    code = re.sub(r"^\s*//.*\n", "", text, flags=re.MULTILINE)
    rules = _RULE.findall(code)
    assert len(rules) == len(re.findall(r"^rule ", code, re.MULTILINE)) > 0
    for when, then in rules:
        assert all(re.search(r"^    (Item|Channel|Time cron) ", line) for line in when.splitlines())
        assert then.count("{") == then.count("}")
        assert then.count("(") == then.count(")")
    # In Rules DSL, receivedEvent is the payload itself, and has no getEvent().
    assert "getEvent" not in code
    assert ("JSONPATH add-on" in text or "JSONPATH transformation" in text) == ("transform(" in code)
    requests = dsl_requests(code)
    assert len(requests) >= code.count("publishMQTT") > 0
    said = [str(request.args["twiml"]) for request in requests if "twiml" in request.args]
    assert all(twiml.startswith("<Response>") for twiml in said)
