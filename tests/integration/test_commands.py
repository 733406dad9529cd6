"""The commands, as users run them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from lab.standins.stack import stack
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess

GOOD = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the example's things."""
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "twilio.things").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_check_of_a_good_configuration(folder: Path) -> None:
    """`check` says what it found, and what it did not ask, and exits with 0."""
    own = GOOD.replace("AC00000000000000000000000000000001", "AC" + "7a" * 16).replace(
        "my.domain.com", "home.example.com"
    )
    own = own.replace("your_auth_token", "0123456789abcdef0123456789abcdef")
    (folder / "things" / "twilio.things").write_text(own, encoding="utf-8")
    done = command(folder, "check", OPENHAB__TOKEN="oh.twilio.0123456789")
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told[0] == "1 file, 1 account, 1 phone"
    assert told[1].startswith("Only files were read. To test the broker, Twilio and the service, run")


@pytest.mark.parametrize(
    ("old", "new", "token", "told"),
    [
        ("", "", "oh.twilio....", "openhab.token is a placeholder"),
        ("", "", "", "openhab.token is empty"),
        ("", "", "<token>", "openhab.token is a placeholder"),
        ("", "", "x", "twilio:account:myaccount: authToken is a placeholder"),
        ("", "", "x", "twilio:account:myaccount: accountSid is that of the example"),
        ("", "", "x", "twilio:account:myaccount: publicUrl is that of the example"),
        ("your_auth_token", "...", "x", "authToken is a placeholder"),
        ("your_auth_token", "xxxxxxxxxxxxxxxx", "x", "authToken is a placeholder"),
        ("your_auth_token", "<Auth Token>", "x", "authToken is a placeholder"),
        (', publicUrl="https://my.domain.com"', "", "x", "publicUrl is not set: you can send, but not"),
        ("https://my.domain.com", "https://192.168.1.5", "x", "Twilio cannot reach 192.168.1.5 from the internet"),
        ("https://my.domain.com", "https://127.0.0.1:8765", "x", "Twilio cannot reach 127.0.0.1"),
        ("https://my.domain.com", "https://openhab.local", "x", "Twilio cannot reach openhab.local"),
        ("https://my.domain.com", "https://localhost", "x", "Twilio cannot reach localhost"),
        ("https://my.domain.com", "https://[fd00::1]:8443", "x", "Twilio cannot reach fd00::1"),
        ("https://my.domain.com", "https://100.64.0.1", "x", "Twilio cannot reach 100.64.0.1"),
        ("https://my.domain.com", "http://home.example.com", "x", "texts and numbers are sent unencrypted"),
    ],
)
def test_check_notes_what_will_hardly_work(folder: Path, old: str, new: str, token: str, told: str) -> None:
    """Valid values that probably do not work are noted: values of the example, and URLs that Twilio cannot reach."""
    if old:
        (folder / "things" / "twilio.things").write_text(GOOD.replace(old, new), encoding="utf-8")
    done = command(folder, "check", OPENHAB__TOKEN=token)
    assert (done.returncode, done.stderr) == (0, "")
    assert any(line.startswith("note: ") and told in line for line in done.stdout.splitlines()), done.stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'authToken="your_auth_token"',
            'authToken=""',
            "things/twilio.things:1:101: error: twilio:account:myaccount: authToken",
        ),
        ("+15551234567", "15551234567", "phoneNumber: 155***67 does not begin with +"),
        (
            'phoneNumber="',
            'responseTimeout=15, phoneNumber="',
            "responseTimeout: the value must be a whole number from 1 to 14",
        ),
        ("]", "", 'things/twilio.things:1:165: expected ",", "]"'),
        ("AC00000000000000000000000000000001", "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "replace it with the Account SID"),
    ],
)
def test_check_names_the_place_of_a_mistake(folder: Path, old: str, new: str, told: str) -> None:
    """`check` names file, line, column and parameter of an error, and exits with 1."""
    (folder / "things" / "twilio.things").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    done = command(folder, "check")
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "your_auth_token" not in done.stderr + done.stdout


def test_check_warns_of_an_unknown_parameter(folder: Path) -> None:
    """An unknown parameter is a warning with a hint, not an error."""
    text = GOOD.replace("publicUrl", "publicURL")
    (folder / "things" / "twilio.things").write_text(text, encoding="utf-8")
    done = command(folder, "check")
    assert done.returncode == 0
    assert "publicURL: unknown parameter; did you mean publicUrl?" in done.stdout


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"WEBHOOK__LISTEN": "nonsense"}, "'nonsense' is not an address"),
        ({"MQTT__URL": "http://me:s3cret@x"}, "mqtt.url must have the form"),
        ({"OPENHAB__NOPE": "x"}, "TWILIO_BINDING_OPENHAB__NOPE: unknown setting"),
        ({"LOG__LEVEL": "loud"}, "log.level"),
        ({"THINGS": '["elsewhere/*.things"]'}, "no file matches things = elsewhere/*.things"),
        ({"THINGS": "not json"}, "TWILIO_BINDING_THINGS: not JSON; write a list as"),
        ({"OPENHAB_TOKEN": "s3cret"}, "with two underscores"),
        ({"OPENHAB__URL": "me:s3cret@h:8080"}, "openhab.url: not a web address"),
        ({"TWILIO__API_URL": "api.twilio.com"}, "twilio.api_url: not a web address"),
    ],
)
def test_check_names_a_bad_setting(folder: Path, settings: dict[str, str], told: str) -> None:
    """An invalid setting is named with what it must be; secret values are not shown."""
    done = command(folder, "check", **settings)
    assert done.returncode == 1
    assert told in done.stderr
    assert "s3cret" not in done.stderr


def test_settings_file_that_is_not_there(folder: Path) -> None:
    """A named settings file must exist."""
    done = command(folder, "check", "--config", "missing.toml")
    assert (done.returncode, done.stderr) == (1, "Error: the settings file missing.toml does not exist\n")


def test_address_that_is_taken(folder: Path) -> None:
    """If a port is in use, the start ends with an error that names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = command(folder, "run", WEBHOOK__LISTEN=address)
    assert done.returncode == 1
    assert f"cannot listen on {address}" in done.stderr


def test_sighup_reads_the_things_again_and_admin_pages_answer(folder: Path) -> None:
    """SIGHUP loads a change; `/live` and `/metrics` answer whatever the state of the dependencies."""
    service = ServiceProcess(folder, {"THINGS": json.dumps([str(folder / "things" / "*.things")])})
    with service, requests.Session() as session:
        assert session.get(f"{service.admin_url}/live", timeout=30).text == "alive\n"
        assert session.get(f"{service.admin_url}/ready", timeout=30).status_code == 503
        assert service.process is not None
        (folder / "things" / "twilio.things").write_text(GOOD.replace("myphone", "second"), encoding="utf-8")
        os.kill(service.process.pid, signal.SIGHUP)
        url = f"{service.url}/twilio/callback/twilio:phone:myaccount:second/sms"
        wait_until(lambda: session.post(url, timeout=30).status_code == 403, 5, "the new thing")
        assert service.metric("webhooks") > 0
        assert service.stop() == 0


def test_hundreds_of_sighups_while_numbers_are_looked_through() -> None:
    """SIGHUP never breaks anything, even while a lock is held: the handler waits for nothing."""
    with stack() as home:
        assert home.service.process is not None
        for _ in range(200):
            home.service.process.send_signal(signal.SIGHUP)
            home.service.dependencies()
            home.service.process.send_signal(signal.SIGHUP)
            home.service.dependencies()
        assert home.twilio.receive_sms("still here")["status"] == 200
        assert "Traceback" not in home.service.log.read_text(encoding="utf-8")
        assert home.service.stop() == 0


def test_sandbox_tells_how_to_connect(folder: Path) -> None:
    """The sandbox prints the settings for the service, and a received text reaches the given address."""
    (folder / "items").mkdir()
    ports = [str(free_port()), str(free_port())]
    process = subprocess.Popen(
        [sys.executable, "-m", "twilio_binding", "sandbox", "--openhab-port", ports[0], "--twilio-port", ports[1]],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SEEDS), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        wanted = f"export TWILIO_BINDING_OPENHAB__URL=http://127.0.0.1:{ports[0]}\n"
        assert wanted in iter(process.stdout.readline, "")
        assert requests.get(f"http://127.0.0.1:{ports[0]}/rest/", timeout=30).status_code == 200
        body = {"from": "+15559876543", "to": "+15551234567", "body": "Hello"}
        answer = requests.post(f"http://127.0.0.1:{ports[1]}/sandbox/receive", json=body, timeout=30).json()
        assert answer["form"]["Body"] == "Hello"
    finally:
        process.terminate()
        assert process.wait(15) == 0
        if process.stdout is not None:
            process.stdout.close()


def test_install_and_remove(folder: Path) -> None:
    """`install` lists its changes, `--check` confirms them, `--remove` undoes them; secrets are not shown."""
    conf = folder / "conf"
    (conf / "items").mkdir(parents=True)
    settings = {"MQTT__URL": "mqtt://user:broker-password@127.0.0.1:1"}
    missing = command(folder, "install", "--check", "conf", **settings)
    assert missing.returncode == 1
    done = command(folder, "install", "conf", **settings)
    assert done.returncode == 0
    assert done.stdout.startswith("Created a secret in ")
    assert "+ automation/python/lib/openhab_twilio/settings.json\n" in done.stdout
    checked = command(folder, "install", "conf", "--check", **settings)
    assert (checked.returncode, checked.stdout.splitlines()[0]) == (0, "Everything is installed and up to date.")
    changed = command(folder, "install", "conf", "--check", MQTT__URL="mqtt://127.0.0.1:2")
    assert (changed.returncode, changed.stdout) == (1, "~ automation/python/lib/openhab_twilio/settings.json\n")
    elsewhere = command(folder, "install", "conf", "--check", **settings, DATA_DIR="elsewhere")
    assert (elsewhere.returncode, elsewhere.stdout) == (1, "~ automation/python/lib/openhab_twilio/settings.json\n")
    assert "the service has never run with this data_dir" in elsewhere.stderr
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "relay-secret").write_text("another secret", encoding="ascii")
    other = command(folder, "install", "conf", "--check", **settings, DATA_DIR="elsewhere")
    assert other.returncode == 1
    assert "The script's secret differs from that of the service with data_dir" in other.stderr
    taken = command(folder, "install", "conf", **settings, DATA_DIR="new")
    assert "the script belonged to a service with another data folder" in taken.stderr
    again = command(folder, "install", "conf", **settings, DATA_DIR="new")
    assert (done.stderr, again.stderr) == ("", "")
    removed = command(folder, "install", "conf", "--remove", **settings)
    assert removed.returncode == 0
    assert not list((conf / "automation").rglob("*.*"))
    assert "broker-password" not in "".join(one.stdout + one.stderr for one in (missing, done, checked, removed))


def test_install_leaves_settings_that_it_cannot_read(folder: Path) -> None:
    """A mistake in the script's settings is named, and nothing is lost; `--remove` still removes the file."""
    conf = folder / "conf"
    (conf / "items").mkdir(parents=True)
    file = conf / "automation" / "python" / "lib" / "openhab_twilio" / "settings.json"
    command(folder, "install", "conf")
    for slip in ('{"proxyCallbacks": false,}', "[]", ""):
        file.write_text(slip, encoding="utf-8")
        for also in ((), ("--check",)):
            done = command(folder, "install", "conf", *also)
            assert done.returncode == 1
            assert done.stderr.startswith(f"Error: {file.relative_to(folder)} is not ")
            assert done.stderr.endswith("; correct it, or delete it to get a new one\n")
        assert file.read_text(encoding="utf-8") == slip
    assert command(folder, "install", "conf", "--remove").returncode == 0
    assert not file.exists()


def test_install_keeps_what_was_chosen(folder: Path) -> None:
    """Addresses given once, and settings changed by hand, are kept by a second installation."""
    conf = folder / "conf"
    (conf / "items").mkdir(parents=True)
    file = conf / "automation" / "python" / "lib" / "openhab_twilio" / "settings.json"
    command(folder, "install", "conf", "--sidecar-url", "http://10.0.0.5:8765")
    by_hand = json.loads(file.read_text(encoding="utf-8")) | {"proxyCallbacks": False}
    file.write_text(json.dumps(by_hand, indent=2) + "\n", encoding="utf-8")
    assert command(folder, "install", "conf", "--check").returncode == 0
    command(folder, "install", "conf", MQTT__URL="mqtt://broker:1")
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written == by_hand | {"mqttUrl": "mqtt://broker:1"}
    command(folder, "install", "conf", "--mqtt-url", "mqtt://elsewhere:1")
    assert json.loads(file.read_text(encoding="utf-8"))["mqttUrl"] == "mqtt://elsewhere:1"
    again = command(folder, "install", "conf", "--check")
    assert again.stdout.startswith("Kept from the last installation: mqttUrl, sidecarUrl. ")
    command(folder, "install", "conf", "--mqtt-url", "", "--sidecar-url", "")
    default = {"mqttUrl": "mqtt://127.0.0.1:1883", "sidecarUrl": "http://127.0.0.1:8765"}
    assert json.loads(file.read_text(encoding="utf-8")) == {"secret": written["secret"], **default} | {
        "baseTopic": "twilio",
        "proxyCallbacks": False,
    }
    assert command(folder, "install", "conf", "--check").returncode == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--mqtt-url", "broker"), "mqtt.url must have the form"),
        (("--sidecar-url", "10.0.0.5:8765"), "not a web address"),
        (("--check", "--remove"), "use either --check or --remove, not both"),
    ],
)
def test_install_options_that_make_no_sense(folder: Path, options: tuple[str, ...], told: str) -> None:
    """Invalid options are refused, and nothing is written."""
    (folder / "conf" / "items").mkdir(parents=True)
    refused = command(folder, "install", "conf", *options)
    assert refused.returncode != 0
    assert told in refused.stderr
    assert not (folder / "conf" / "automation").exists()


def test_install_into_what_is_no_conf(folder: Path) -> None:
    """A folder that is not openHAB's is not changed."""
    refused = command(folder, "install", "elsewhere")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the folder elsewhere does not exist" in refused.stderr
    assert not (folder / "data").exists()
