"""The library of rules in a Python beside openHAB, and its parts that need no JVM."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import twilio_binding
from openhab_twilio import say
from openhab_twilio.binding.mirror import Mirror, Seen, blank
from openhab_twilio.phones import Result
from openhab_twilio.settings import PATIENCE, ScriptSettingsError, load
from openhab_twilio.version import VERSION
from tests.waiting import wait_until
from twilio_binding.incoming.ports import Delivery
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event
from twilio_binding.mqtt.exchange import Exchange
from twilio_binding.protocol.actions import ACTIONS, NAMES, arguments_of, inputs_of
from twilio_binding.protocol.broker_url import BrokerAddress
from twilio_binding.protocol.channels import CHANNELS
from twilio_binding.protocol.parameters import PHONE
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.protocol.topics import Topics
from twilio_binding.sandbox import broker as brokers

_PHONE = "twilio:phone:home:main"
_LIBRARY = Path(__file__).parents[3] / "automation" / "python" / "lib"
_RULE = f"""
import sys
from openhab_twilio import on_digits
@on_digits("{_PHONE}")
def menu(call):
    return {{"1": "one & two"}}[call.digits]
print("ready", flush=True)
sys.stdin.read()
"""


@contextmanager
def _caller_presses_1(
    broker: brokers.BrokerProcess, *, code: str = ""
) -> Iterator[tuple[Request, subprocess.Popen[str]]]:
    """Run the rule in its own program; returns its request, and the program. The reply has `code` if there is one."""
    asked: queue.Queue[Request] = queue.Queue()

    def submit(request: Request, answer: Callable[[Reply], None], taken: Callable[[], None]) -> None:
        asked.put(request)
        taken()
        answer(Reply(id=request.id, ok=not code, code=code))

    exchange = Exchange(broker.url, Topics(), client_id="rules", metrics=Metrics())
    exchange.start(submit)
    rule = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _RULE],
        env=os.environ | {"TWILIO_BINDING_MQTT__URL": broker.url, "PYTHONPATH": str(_LIBRARY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: exchange.is_ready and exchange.hears(f"{_PHONE}:dtmf-received"), 15)
        event = Event(thing=_PHONE, channel="dtmf-received", payload='{"digits":"1","callSid":"CA1"}', lifetime=10)
        exchange.deliver([Delivery(id=1, event=event)])
        yield asked.get(timeout=30), rule
    finally:
        rule.communicate()
        exchange.stop()


def test_a_rule_beside_openhab_answers_keys(broker: brokers.BrokerProcess) -> None:
    """The same three lines answer a caller from a Python outside openHAB, over MQTT."""
    with _caller_presses_1(broker) as (request, _):
        twiml = "<Response><Say>one &amp; two</Say></Response>"
        assert (request.action, request.args) == ("respondWithTwiml", {"callSid": "CA1", "twiml": twiml})


def test_a_rule_whose_answer_is_not_taken_says_so(broker: brokers.BrokerProcess) -> None:
    """A late answer is reported with its code, and without its text."""
    with _caller_presses_1(broker, code="unknown_call") as (_, rule):
        assert rule.stderr is not None
        told = rule.stderr.readline()
        assert told == f"menu on dtmf-received of {_PHONE}: the returned answer was rejected (unknown_call)\n"


def test_every_action_has_its_arguments() -> None:
    """Contract, section 7: the arguments of rules are those of requests; sends can have an expiry and be emergencies."""
    assert {name: arguments_of(name) for name in NAMES} == {
        "sendSMS": ("to", "message", "mediaUrl", "emergency", "notAfter"),
        "sendWhatsApp": ("to", "message", "mediaUrl", "emergency", "notAfter"),
        "makeCall": ("to", "twiml", "emergency", "notAfter"),
        "makeTTSCall": ("to", "text", "voice", "emergency", "notAfter"),
        "respondWithTwiml": ("callSid", "twiml"),
        "createItemMediaUrl": ("itemName",),
        "createProxyMediaUrl": ("sourceUrl",),
    }
    assert arguments_of("sendFax") == ()


def test_labels_of_channels() -> None:
    """Contract, section 3: a label is the id in title case."""
    acronyms = {"sid": "SID", "dtmf": "DTMF", "url": "URL", "sms": "SMS", "whatsapp": "WhatsApp"}
    for channel in CHANNELS:
        assert channel.label == " ".join(acronyms.get(word, word.capitalize()) for word in channel.id.split("-"))


def test_the_script_has_the_sidecars_version() -> None:
    """Script and service have the same version."""
    assert twilio_binding.__version__ == VERSION


def test_every_overload_is_told_by_its_number_of_inputs() -> None:
    """Rules DSL finds an overload by its arguments, and so does the call into Python."""
    signatures = [(action.name, len(action.inputs)) for action in ACTIONS]
    assert len(signatures) == len(set(signatures)) == 20
    assert inputs_of("sendSMS", 3) == ("to", "message", "mediaUrl")
    with pytest.raises(KeyError):
        inputs_of("sendSMS", 1)


@pytest.mark.parametrize(
    ("text", "twiml"),
    [
        ("a < b", "<Response><Say>a &lt; b</Say></Response>"),
        ("{gatherUrl:a} {x}", "<Response><Say>&#123;gatherUrl:a} {x}</Say></Response>"),
        ("<Response/>", "<Response/>"),
        (" \n<Response/>", " \n<Response/>"),
        ("", "<Response><Say></Say></Response>"),
    ],
)
def test_a_text_is_said_and_twiml_is_carried_out(text: str, twiml: str) -> None:
    """The result of a rule is escaped, unless it is TwiML; a text never becomes a URL of ours."""
    assert say(text) == twiml


def test_a_result_keeps_what_it_does_not_know() -> None:
    """An unknown field of a newer service is in the details."""
    result = Result.read('{"ok":false,"code":"c","message":"m","retryable":true,"segments":2}')
    assert (bool(result), result.code, result.retryable, result.details) == (False, "c", True, {"segments": 2})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be read"),
        ("[]", "not a JSON object"),
        ("{}", '"secret"'),
        ('{"secret": "short"}', '"secret"'),
        ('{"secret": "%s", "mqttUrl": "http://x"}', '"mqttUrl"'),
        ('{"secret": "%s", "mqttUrl": "mqtt://"}', '"mqttUrl"'),
        ('{"secret": "%s", "mqttUrl": "mqtt://h:99999"}', '"mqttUrl"'),
        ('{"secret": "%s", "mqttUrl": 1}', '"mqttUrl"'),
        ('{"secret": "%s", "patience": true}', '"patience"'),
        ('{"secret": "%s", "patience": 0}', '"patience"'),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    """A bad setting is named, and no secret is shown."""
    file = tmp_path / "settings.json"
    file.write_text(text.replace("%s", "s" * 32))
    with pytest.raises(ScriptSettingsError, match=reason) as error:
        load(file)
    assert "s" * 32 not in str(error.value)


def test_settings_as_the_installer_writes_them(tmp_path: Path) -> None:
    """Broker, base topic and the service's address; the proxy can be disabled."""
    file = tmp_path / "settings.json"
    written = '{"secret": "%s", "mqttUrl": "mqtts://u:p%%40@b", "sidecarUrl": "http://s:1/"%s}'
    file.write_text(written % ("s" * 32, ""))
    settings = load(file)
    assert settings.broker == BrokerAddress(host="b", port=8883, tls=True, username="u", password="p@")
    assert (settings.callbacks, settings.base_topic, settings.patience) == ("http://s:1", "twilio", PATIENCE)
    assert "p@" not in repr(settings)
    assert "sss" not in repr(settings)
    file.write_text(written % ("s" * 32, ', "proxyCallbacks": false'))
    assert load(file).callbacks == ""


@pytest.mark.parametrize("payload", ["", "no json", "{}", "[1]", '[{"uid": 1}, {}]', "null"])
def test_a_mirror_is_not_troubled_by_nonsense(payload: str) -> None:
    """With any input as the list of things, statuses are available."""
    mirror = Mirror()
    mirror.hinder("")
    mirror.service("online")
    mirror.things(payload)
    assert mirror.account("a") == Seen()


def test_a_status_that_bindings_may_not_set_is_unknown() -> None:
    """OpenHAB refuses UNINITIALIZED from a handler."""
    mirror = Mirror()
    mirror.hinder("")
    mirror.service("online")
    mirror.things('[{"uid":"p","status":"UNINITIALIZED","statusDetail":"BRIDGE_UNINITIALIZED"}]')
    assert mirror.bridged("p", Seen(status="ONLINE")) == Seen()


@pytest.mark.parametrize("value", [None, "", "  ", 0])
def test_blank_values_are_missing(value: object) -> None:
    """Contract, section 10: a blank number is an error."""
    seen = blank({"phoneNumber": value}, PHONE.required)
    assert seen is not None
    assert seen.text == "Phone number is required"
