"""`twilio-binding sandbox`: what it starts, what it leaves to others, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest
import requests
from click.testing import CliRunner

from lab.standins.client import OpenHABStandIn
from tests.terminal import begin, clean
from twilio_binding.cli import cli
from twilio_binding.cli.sandbox import _listening
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess
from twilio_binding.sandbox.waiting import until

TOKEN = "oh.real.0123456789"


@contextmanager
def sandbox(folder: Path, *arguments: str) -> Iterator[dict[str, str]]:
    """A sandbox that has printed everything; yields the printed exports, and the URL that lets a text come in as `post`."""
    process = begin(folder, "sandbox", "--twilio-port", str(free_port()), *arguments)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].strip().endswith("/sandbox/call"):
            lines.append(process.stdout.readline())
        text = "".join(lines)
        post = re.findall(r"http://\S+/sandbox/receive", text)
        assert post, text
        yield dict(re.findall(r"^export TWILIO_BINDING_(\w+)=(\S+)$", text, re.MULTILINE)) | {"post": post[0]}
    finally:
        process.send_signal(signal.SIGINT)
        rest, problem = process.communicate(timeout=20)
    assert (process.returncode, rest, problem) == (0, "", "")


@pytest.fixture
def real() -> Iterator[OpenHABStandIn]:
    """An openHAB that is already running."""
    options = OpenHABOptions(items=SEEDS / "items", token=TOKEN, implicit_user=False)
    with OpenHABStandIn(options) as running:
        yield running


def text_arrives(folder: Path, told: dict[str, str], url: str, token: str) -> None:
    """A service with the printed settings gets a text, and openHAB has it in its item."""
    settings = {name: value for name, value in told.items() if name != "post"}
    settings |= {"THINGS": json.dumps([f"{SEEDS}/things/*.things"])}
    body = {"from": "+15559876543", "to": "+15551234567", "body": "Hello sandbox"}
    with ServiceProcess(folder, settings) as service, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        service.wait_ready()
        assert session.post(told["post"], json=body, timeout=30).json()["status"] == 200
        state = f"{url}/rest/items/TwilioLastMessage/state"
        until(lambda: session.get(state, timeout=30).text == "Hello sandbox", "the text on its item")


def test_everything_but_the_service(tmp_path: Path) -> None:
    """The sandbox also starts a broker: with only its printed lines, a text reaches an item."""
    port, openhab_port = free_port(), free_port()
    options = ("--deliver-to", f"http://127.0.0.1:{port}", "--items", str(SEEDS / "items"))
    with sandbox(tmp_path, *options, "--openhab-port", str(openhab_port), "--broker-port", str(free_port())) as told:
        assert told["WEBHOOK__LISTEN"] == f"127.0.0.1:{port}"
        assert set(told) == {
            "OPENHAB__URL",
            "OPENHAB__TOKEN",
            "MQTT__URL",
            "TWILIO__API_URL",
            "WEBHOOK__LISTEN",
            "post",
        }
        text_arrives(tmp_path, told, f"http://127.0.0.1:{openhab_port}", told["OPENHAB__TOKEN"])


def test_real_openhab(tmp_path: Path, real: OpenHABStandIn) -> None:
    """With a running openHAB, only broker and Twilio are started, and a text reaches its item."""
    port = free_port()
    options = ("--deliver-to", f"http://127.0.0.1:{port}", "--openhab", real.url, "--token", TOKEN)
    with sandbox(tmp_path, *options) as told:
        assert (told["OPENHAB__URL"], told["OPENHAB__TOKEN"]) == (real.url, TOKEN)
        text_arrives(tmp_path, told, real.url, TOKEN)


@pytest.mark.parametrize(
    ("url", "listen"),
    [
        ("http://127.0.0.1:8765", None),
        ("http://127.0.0.1:8765/", None),
        ("http://[::1]:9000", "[::1]:9000"),
        ("http://house", "house:80"),
        ("https://house.example.com", None),
    ],
)
def test_setting_for_the_listener(url: str, listen: str | None) -> None:
    """The service is told to listen where the webhooks go; a proxy with TLS is another program."""
    assert _listening(url) == ([f"WEBHOOK__LISTEN={listen}"] if listen else [])


def test_no_openhab_and_a_broker_that_runs(tmp_path: Path, broker: BrokerProcess) -> None:
    """Without openHAB, the settings file must have its settings; a named broker is used."""
    with sandbox(tmp_path, "--no-openhab", "--broker", broker.url) as told:
        assert set(told) == {"MQTT__URL", "TWILIO__API_URL", "post"}
        assert told["MQTT__URL"] == broker.url


def test_ctrl_c_in_a_terminal(tmp_path: Path) -> None:
    """Ctrl-C reaches every process of the terminal; they end silently."""
    ports = [str(free_port()) for _ in range(2)]
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "twilio_binding", "sandbox", "--openhab-port", ports[0], "--twilio-port", ports[1]],
        cwd=str(tmp_path),
        env=clean(),
        encoding="utf-8",
        timeout=30,
    )
    terminal.expect(f"127.0.0.1:{ports[1]}/sandbox/call")
    terminal.sendintr()
    assert terminal.read().replace("^C", "").strip() == ""
    terminal.close()
    assert (terminal.exitstatus, terminal.signalstatus) == (0, None)
    for port in ports:
        socket.create_server(("127.0.0.1", int(port))).close()


@pytest.mark.parametrize(
    ("words", "sign"),
    [(("sandbox", "--openhab-port", "0", "--twilio-port", "0"), "/sandbox/call"), (("demo",), "Everything is up")],
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_goes_on_after_the_end(
    tmp_path: Path, words: tuple[str, ...], sign: str, number: signal.Signals
) -> None:
    """If somebody ends the command or closes its terminal, the broker and all other programs that it started end, too."""
    before = signal.signal(number, signal.SIG_DFL)  # the tests may run under nohup, which the command would respect
    process = begin(tmp_path, *words)
    signal.signal(number, before)
    assert process.stdout is not None
    while sign not in process.stdout.readline():
        assert process.poll() is None
    started = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert len(started) >= 1
    assert [pid for pid in started if Path("/proc", pid).exists()] == []


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--openhab", "http://127.0.0.1:1"), 2, "--openhab needs --token"),
        (("--openhab", "http://127.0.0.1:1", "--token", "x"), 1, "openHAB at http://127.0.0.1:1 cannot be used: "),
        (("--openhab", "127.0.0.1", "--token", "x"), 2, "Invalid value for --openhab: not a web address"),
        (("--openhab", "http://me:s3cret@h", "--token", "x"), 2, "remove user and password"),
        (("--openhab", "http://127.0.0.1:1", "--no-openhab"), 2, "use either --openhab or --no-openhab"),
        (("--no-openhab", "--broker", "http://h"), 2, "Invalid value for --broker: mqtt.url must have the form"),
        (("--no-openhab", "--broker", "mqtt://h", "--broker-port", "5"), 2, "use either --broker or --broker-port"),
        (("--no-openhab", "--broker-port", "70000"), 2, "70000 is not in the range"),
        (("--deliver-to", "127.0.0.1:9"), 2, "Invalid value for --deliver-to: not a web address"),
        (("--deliver-to", ""), 2, "Invalid value for --deliver-to: not a web address"),
        (
            ("--deliver-to", "http://127.0.0.1:9/twilio"),
            2,
            "Invalid value for --deliver-to: give only scheme, host and",
        ),
        (("--deliver-to", "http://127.0.0.1:0"), 2, "Invalid value for --deliver-to: not a web address"),
        (("--deliver-to", "http://127.0.0.1:99999"), 2, "Invalid value for --deliver-to: "),
    ],
)
def test_options_that_cannot_be_used(arguments: tuple[str, ...], code: int, told: str) -> None:
    """What cannot be started is reported with its option, and nothing is left running."""
    done = CliRunner().invoke(cli, ["sandbox", "--twilio-port", str(free_port()), *arguments])
    assert (done.exit_code, done.stdout) == (code, "")
    assert told in done.stderr
    assert "s3cret" not in done.stderr


def test_token_that_openhab_refuses(real: OpenHABStandIn) -> None:
    """A token that does not belong to an administrator is reported before anything is started."""
    arguments = ["sandbox", "--twilio-port", str(free_port()), "--openhab", real.url, "--token", "oh.wrong"]
    done = CliRunner().invoke(cli, arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"openHAB at {real.url} cannot be used: openHAB refuses the API token" in done.stderr


@pytest.mark.parametrize("option", ["--openhab-port", "--twilio-port", "--broker-port"])
def test_port_that_is_taken(option: str) -> None:
    """A port in use is reported with its option."""
    ports = {"--openhab-port": free_port(), "--twilio-port": free_port(), "--broker-port": free_port()}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports[option] = taken.getsockname()[1]
        arguments = [text for name, port in ports.items() for text in (name, str(port))]
        done = CliRunner().invoke(cli, ["sandbox", *arguments])
    assert (done.exit_code, done.stderr) == (1, f"Error: port {ports[option]} is taken; choose another with {option}\n")
