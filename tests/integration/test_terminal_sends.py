"""`twilio-binding send` and `call`: a text or call from the terminal, and how failures end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab.standins.stack import Stack
from tests.mqtt_service import somebody
from tests.terminal import begin, clean, command, fed
from tests.waiting import wait_until
from twilio_binding.cli import cli
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.service_process import ServiceProcess

TO, OTHER, LOST = "+15557654321", "+15559876543", "+15557650000"
TWO_PHONES = """
Bridge twilio:account:a [ accountSid="AC00000000000000000000000000000001", authToken="your_auth_token" ] {
    Thing phone one [ phoneNumber="+15551234567" ]
    Thing phone two [ phoneNumber="+15551234568" ]
}
"""


@pytest.fixture(autouse=True)
def _quick(home: Stack) -> Iterator[None]:
    home.twilio.failing(LOST, "undelivered", 30003)
    yield
    home.twilio.configure(pause=0.03)


def sent(home: Stack, body: str) -> list[dict[str, Any]]:
    """Twilio's record of a sent text."""
    return [one for one in home.twilio.messages() if one["direction"] == "outbound-api" and one["body"] == body]


def test_text(home: Stack, tmp_path: Path) -> None:
    """A text is sent from the only phone; the number is masked, and the SID is shown."""
    done = command(tmp_path, "send", TO, "hello terminal", MQTT__URL=home.broker.url)
    (message,) = sent(home, "hello terminal")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["+15***21", "queued", done.stdout.split()[2], "s", message["sid"]]
    assert message["to"] == TO


def test_text_from_standard_input(home: Stack, tmp_path: Path) -> None:
    """With -, the text is standard input, with all its lines, without the last line break."""
    done = fed("zwei\nZeilen ❤\n".encode(), tmp_path, "send", TO, "-", MQTT__URL=home.broker.url)
    assert done.returncode == 0
    assert len(sent(home, "zwei\nZeilen ❤")) == 1


def test_locale_without_letters(home: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ASCII locale without Python's UTF-8 mode changes no letter: not of a text, a call, or standard input."""
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("PYTHONUTF8", "0")
    assert command(tmp_path, "send", TO, "größer ❤", MQTT__URL=home.broker.url).returncode == 0
    assert fed("kälter ❤".encode(), tmp_path, "send", TO, "-", MQTT__URL=home.broker.url).returncode == 0
    assert command(tmp_path, "call", TO, "die Tür", MQTT__URL=home.broker.url).returncode == 0
    assert [len(sent(home, text)) for text in ("größer ❤", "kälter ❤")] == [1, 1]
    wait_until(lambda: home.twilio.calls()[-1].get("walk", {}).get("said") == ["die Tür"])


@pytest.mark.parametrize("words", [("send", TO), ("call", TO), ("alarm", "start", "fire"), ("things", "--config")])
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_argument_that_is_not_utf_8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], locale: str
) -> None:
    """It is refused with its place, and nothing is sent: half a text is worse than none."""
    monkeypatch.setenv("LC_ALL", locale)
    done = subprocess.run(
        [sys.executable, "-m", "twilio_binding", *words, b"Gr\xfc\xdfe"],
        cwd=tmp_path,
        env=clean(MQTT__URL="mqtt://127.0.0.1:1"),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"argument {len(words) + 1} is not UTF-8".encode() in done.stderr


def test_picture_over_whatsapp(home: Stack, tmp_path: Path) -> None:
    """A picture needs no text."""
    url = "https://example.org/a.jpg"
    done = command(tmp_path, "send", TO, "--media", url, "--whatsapp", "--from", PHONE, MQTT__URL=home.broker.url)
    assert done.returncode == 0
    assert [one["to"] for one in home.twilio.messages() if one["media"] == [url]] == [f"whatsapp:{TO}"]


def test_delivery_is_waited_for(home: Stack, tmp_path: Path) -> None:
    """Each status has a line with its time; the exit code says that one of several recipients did not get it."""
    done = command(tmp_path, "send", f"{TO}, {LOST}", "wait for me", "--wait", MQTT__URL=home.broker.url)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[1] for line in lines if line[0] == "+15***21"] == ["queued", "sent", "delivered"]
    assert [line[1] for line in lines if line[0] == "+15***00"] == ["queued", "sent", "undelivered"]
    assert "30003 the phone is off or cannot be reached" in done.stdout
    assert done.returncode == 1


def test_json(home: Stack, tmp_path: Path) -> None:
    """The JSON has the outcome for each recipient, when, and why not; numbers are masked unless requested."""
    arguments = ("send", f"{TO},{LOST}", "as json", "--wait", "--json", "--id", "json-1")
    done = command(tmp_path, *arguments, MQTT__URL=home.broker.url)
    told = json.loads(done.stdout)
    assert (told["ok"], told["id"], told["thing"], told["action"]) == (False, "json-1", PHONE, "sendSMS")
    one, other = told["results"]
    assert (one["to"], one["ok"], one["status"], one["segments"], one["encoding"]) == (
        "+15***21",
        True,
        "delivered",
        1,
        "GSM-7",
    )
    assert [status["status"] for status in one["statuses"]] == ["queued", "sent", "delivered"]
    assert other["error"] == {"code": "30003", "message": "the phone is off or cannot be reached", "retryable": False}
    again = command(
        tmp_path, "send", f"{TO},{LOST}", "as json", "--json", "--id", "json-1", "--numbers", MQTT__URL=home.broker.url
    )
    assert [each["to"] for each in json.loads(again.stdout)["results"]] == [TO, LOST]
    assert len(sent(home, "as json")) == 2


def test_long_text_is_told_before_it_is_sent(home: Stack, tmp_path: Path) -> None:
    """The cost of a text with several segments is shown, even if it is not sent in the end."""
    done = command(tmp_path, "send", "+15005550001", "ж" * 71, MQTT__URL=home.broker.url)
    first, second = done.stderr.splitlines()
    assert first == "This text has 2 segments (UCS-2); Twilio charges for each segment."
    assert second.startswith("Error: +15***01: Invalid 'To' Phone Number")
    assert second.endswith("(twilio.21211)")
    assert (done.returncode, done.stdout) == (1, "")


def test_call(home: Stack, tmp_path: Path) -> None:
    """A call says the text; with --wait, its end is shown."""
    done = command(tmp_path, "call", TO, "the door is open", "--wait", MQTT__URL=home.broker.url)
    statuses = [line.split()[1] for line in done.stdout.splitlines()]
    assert (done.returncode, statuses) == (0, ["queued", "initiated", "ringing", "in-progress", "completed"])
    assert home.twilio.calls()[-1]["walk"]["said"] == ["the door is open"]


def test_call_with_twiml_that_nobody_answers(home: Stack, tmp_path: Path) -> None:
    """TwiML can come from standard input; an unanswered call ends with exit code 1."""
    home.twilio.contact(OTHER, status="no-answer")
    twiml = b"<Response><Say>Hi</Say></Response>"
    done = fed(twiml, tmp_path, "call", OTHER, "--twiml", "-", "--wait", MQTT__URL=home.broker.url)
    assert (done.returncode, done.stdout.splitlines()[-1].split()[1]) == (1, "no-answer")


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("send", "0664123", "x"), b"", "***23 does not begin with + and the country code"),
        (("send", "5557654321", "x"), b"", "555***21 does not begin with + and the country code"),
        (("send", f"{TO},12,nonsense", "x"), b"", "*** does not begin with +"),
        (("send", " , ", "x"), b"", "to is missing or empty"),
        (("send", TO), b"", "TEXT is missing"),
        (("send", TO, "-"), b"", "a message needs a text or a media URL"),
        (("send", TO, "-"), b"ab\xff", "standard input is not UTF-8 (byte 3)"),
        (("send", TO, "x" * 1601), b"", "a message can have at most 1600 characters; this one has 1601"),
        (("send", TO, "x", "--media", "file:///a.jpg"), b"", "a media URL must be a public http or https address"),
        (("send", TO, "x", "--timeout", "0"), b"", "Invalid value for '--timeout'"),
        (("call", TO), b"", "give either a TEXT to say"),
        (("call", TO, "x", "--twiml", "<Response/>"), b"", "give either a TEXT to say"),
        (("call", TO, "--twiml", "<Response/>", "--voice", "Polly.Amy"), b"", "--voice works only with TEXT"),
        (("call", TO, "--twiml", "<Response>"), b"", "the TwiML is not well-formed XML"),
        (("call", TO, "--twiml", "-"), b"", "twiml is missing or empty"),
    ],
)
def test_what_cannot_be_sent_is_told_without_a_service(arguments: tuple[str, ...], stdin: bytes, told: str) -> None:
    """An invalid command is reported without asking the service, with exit code 2."""
    done = CliRunner().invoke(cli, arguments, input=stdin, env={"TWILIO_BINDING_MQTT__URL": "mqtt://127.0.0.1:1"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr.splitlines()[-1]


def test_number_that_looks_wrong() -> None:
    """A number without its country code can look like a short code, so that is said before it is sent."""
    nowhere = {"TWILIO_BINDING_MQTT__URL": "mqtt://127.0.0.1:1"}
    done = {to: CliRunner().invoke(cli, ("send", to, "x"), env=nowhere) for to in ("5551234", "12345", TO)}
    assert [each.exit_code for each in done.values()] == [1, 1, 1]
    note = "note: ***34 is taken for a short code; a phone number begins with + and the country code"
    assert done["5551234"].stderr.splitlines()[0] == note
    assert "note: " not in done["12345"].stderr + done[TO].stderr


def test_thing_that_is_not_there(home: Stack, tmp_path: Path) -> None:
    """An unknown phone is answered with the known ones."""
    done = command(tmp_path, "send", TO, "x", "--from", "hisphone", MQTT__URL=home.broker.url)
    assert (done.returncode, done.stderr) == (1, f"Error: unknown phone hisphone; known: {PHONE}\n")


def test_two_phones_and_no_public_url(home: Stack, tmp_path: Path) -> None:
    """With several phones, one must be named; without a URL for Twilio, no status is awaited; limits are shown."""
    (tmp_path / "two.things").write_text(TWO_PHONES, encoding="utf-8")
    own = {"MQTT__URL": home.broker.url, "MQTT__BASE_TOPIC": "two"}
    settings = own | {"THINGS": json.dumps([str(tmp_path / "*.things")]), "TWILIO__API_URL": home.twilio.url}
    settings["LIMITS__MESSAGES_PER_HOUR"] = "1"
    with ServiceProcess(tmp_path, settings) as service:
        service.wait_ready("broker")
        done = command(tmp_path, "send", TO, "x", **own)
        assert done.returncode == 1
        assert done.stderr.endswith("choose one with --from: twilio:phone:a:one, twilio:phone:a:two\n")
        done = command(tmp_path, "send", TO, "from one", "--phone", "one", "--wait", **own)
        assert done.returncode == 3
        assert "Set publicUrl of the account" in done.stderr
        assert [one["from"] for one in sent(home, "from one")] == ["+15551234567"]
        done = command(tmp_path, "send", TO, "too many", "--phone", "one", **own)
        assert (done.returncode, sent(home, "too many")) == (1, [])
        assert re.search(r"\(ceiling; try again after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\)\n$", done.stderr)
        done = command(tmp_path, "send", TO, "fire", "--phone", "one", "--emergency", **own)
        assert (done.returncode, len(sent(home, "fire"))) == (0, 1)
    done = command(tmp_path, "send", TO, "x", "--json", **own)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "not_asked")
    assert done.stderr == "Error: the service is not running; start it with: twilio-binding run\n"


def test_without_any_phone(home: Stack, tmp_path: Path) -> None:
    """A service without phones says so."""
    (tmp_path / "none.things").write_text(TWO_PHONES.splitlines()[1] + "}", encoding="utf-8")
    own = {"MQTT__URL": home.broker.url, "MQTT__BASE_TOPIC": "none"}
    with ServiceProcess(tmp_path, own | {"THINGS": json.dumps([str(tmp_path / "*.things")])}) as service:
        service.wait_ready("broker")
        done = command(tmp_path, "call", TO, "x", **own)
    assert (done.returncode, done.stderr) == (1, "Error: no phone is configured\n")


def test_broker_that_is_not_there(tmp_path: Path) -> None:
    """Without a broker nothing is sent, and its address is shown without the password."""
    done = command(tmp_path, "send", TO, "x", MQTT__URL="mqtt://me:s3cret@127.0.0.1:1")
    assert done.returncode == 1
    assert (
        "no MQTT broker: the broker does not answer (connection refused: no program listens at this port); mqtt.url is "
        in done.stderr
    )
    assert "127.0.0.1:1" in done.stderr
    assert "s3cret" not in done.stderr


def test_service_that_never_ran_here(home: Stack, tmp_path: Path) -> None:
    """If there is no message on the service's topic, the error names the settings to compare."""
    done = command(tmp_path, "send", TO, "x", MQTT__URL=home.broker.url, MQTT__BASE_TOPIC="elsewhere")
    assert done.returncode == 1
    assert "the service is not running" in done.stderr
    assert "the broker has no message on elsewhere/status" in done.stderr


def test_broker_that_refuses_the_request(tmp_path: Path) -> None:
    """If the broker's access list forbids the request, that is reported immediately: nothing was sent."""
    broker = BrokerProcess(kind="mosquitto", more="acl_file {folder}/acl\n")
    (broker.folder / "acl").write_text("topic read twilio/#\ntopic write twilio/status\ntopic write twilio/things\n")
    (broker.folder / "acl").chmod(0o644)
    things = json.dumps([{"uid": PHONE, "status": "ONLINE", "properties": {}}]).encode()
    with broker, somebody(broker.url, "twilio/status") as (connection, heard):
        connection.publish("twilio/things", things, retain=True)
        connection.publish("twilio/status", b"online", retain=True)
        wait_until(lambda: heard)
        done = command(tmp_path, "send", TO, "x", MQTT__URL=broker.url)
    assert done.returncode == 1
    assert done.stderr == "Error: +15***21: the broker did not accept the request: Not authorized (broker_refused)\n"


def test_answer_that_comes_late(home: Stack, tmp_path: Path) -> None:
    """Without a reply in time, the exit code is 3; the same id asks again, and nothing is sent twice."""
    assert home.service.process is not None
    home.service.process.send_signal(signal.SIGSTOP)
    try:
        done = command(tmp_path, "send", TO, "late", "--timeout", "0.5", "--id", "late-1", MQTT__URL=home.broker.url)
    finally:
        home.service.process.send_signal(signal.SIGCONT)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no answer came in time" in done.stderr
    assert "repeat the command with --id late-1; nothing is sent twice." in done.stderr
    again = command(tmp_path, "send", TO, "late", "--id", "late-1", MQTT__URL=home.broker.url)
    assert len(sent(home, "late")) <= 1
    assert again.returncode == (0 if sent(home, "late") else 1)


def test_status_that_does_not_come(home: Stack, tmp_path: Path) -> None:
    """A sent text without a delivery status in time ends with 3, and with what is known."""
    home.twilio.configure(pause=20.0)
    done = command(tmp_path, "send", TO, "slow", "--wait", "--timeout", "1", MQTT__URL=home.broker.url)
    assert (done.returncode, done.stdout.split()[1]) == (3, "queued")
    assert done.stderr == "+15***21: still queued after 1 s\n"


@pytest.mark.parametrize("is_answered", [True, False])
def test_ctrl_c(home: Stack, tmp_path: Path, *, is_answered: bool) -> None:
    """Ctrl-C ends the wait with 130, and shows what is known, and what may have been sent."""
    home.twilio.configure(pause=20.0)
    assert home.service.process is not None
    if not is_answered:
        home.service.process.send_signal(signal.SIGSTOP)
    try:
        with somebody(home.broker.url, f"twilio/action/{PHONE}/sendSMS") as (_, heard):
            process = begin(tmp_path, "send", TO, "interrupted", "--wait", MQTT__URL=home.broker.url)
            wait_until(lambda: heard, 20)
            assert process.stdout is not None
            line = process.stdout.readline() if is_answered else ""
            process.send_signal(signal.SIGINT)
            rest, problem = process.communicate(timeout=15)
    finally:
        home.service.process.send_signal(signal.SIGCONT)
    assert (process.returncode, rest) == (130, "")
    assert line.split()[1:2] == (["queued"] if is_answered else [])
    assert problem.startswith("Interrupted.")
    assert ("with --id" in problem) is not is_answered
    assert "after 60 s" not in problem, "it has not waited so long"
