"""The system service: installed, known to systemd, and removed again."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from lab.standins.client import OpenHABStandIn, TwilioStandIn
from tests.machine import PROGRAM, Machine, is_possible
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.service_process import ServiceProcess
from twilio_binding.sandbox.twilio import TwilioOptions

needs_root = pytest.mark.skipif(not is_possible(), reason="only root can have a machine of its own")
UNIT = "etc/systemd/system/twilio-binding.service"
SETUP = ("setup", "--systemd", "--program", PROGRAM)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with systemd and without the service."""
    tmp_path.chmod(0o755)
    return Machine(tmp_path / "machine")


@needs_root
def test_dry_run_changes_nothing(machine: Machine) -> None:
    """Each change is shown with the whole unit, and none is made; that needs no root."""
    for user in (0, 65534):
        shown = machine.command(*SETUP, "--dry-run", user=user)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "- useradd --system" in shown.stdout
        assert f"ExecStart={PROGRAM} run --config /etc/twilio-binding/twilio-binding.toml" in shown.stdout
    assert not (machine.root / UNIT).exists()
    assert not machine.has_user("twilio-binding")
    assert not (machine.root / "etc" / "twilio-binding").exists()
    assert machine.asked_of_systemd() == []


@needs_root
def test_install_twice_and_take_away(machine: Machine) -> None:
    """User, folders and unit exist after the first time; the second changes nothing; `uninstall` leaves no trace."""
    settings = machine.root / "etc" / "twilio-binding" / "twilio-binding.toml"
    settings.parent.mkdir()
    settings.write_text("[log]\nlevel = 'error'\n", encoding="utf-8")
    done = machine.command(*SETUP)
    assert (done.returncode, done.stderr) == (0, "")
    assert machine.has_user("twilio-binding")
    for folder in ("etc/twilio-binding", "var/lib/twilio-binding"):
        seen = machine.run("stat", "-c", "%U:%G %a", f"/{folder}").stdout
        assert seen == "twilio-binding:twilio-binding 700\n"
    assert machine.asked_of_systemd() == ["daemon-reload", "enable twilio-binding", "restart twilio-binding"]
    again = machine.command(*SETUP)
    assert (again.returncode, again.stdout) == (0, "\nSystem service\n  ✓ unit, user and folders exist\n")
    assert machine.asked_of_systemd() == []
    gone = machine.command("uninstall", "--yes")
    assert (gone.returncode, gone.stderr) == (0, ""), gone.stdout
    assert machine.asked_of_systemd() == ["disable --now twilio-binding", "daemon-reload"]
    assert not machine.has_user("twilio-binding")
    assert not any((machine.root / path).exists() for path in (UNIT, "etc/twilio-binding", "var/lib/twilio-binding"))
    assert machine.command("uninstall", "--yes").stdout.endswith("There is nothing to remove.\n")


@needs_root
def test_another_configuration_of_the_same_machine(machine: Machine) -> None:
    """`uninstall` with other settings leaves unit and user of the system service; the dry run of its own lists both."""
    settings = machine.root / "etc" / "twilio-binding" / "twilio-binding.toml"
    settings.parent.mkdir()
    settings.write_text("[log]\nlevel = 'error'\n", encoding="utf-8")
    machine.command(*SETUP)
    mine = machine.root / "opt" / "mine" / "twilio-binding.toml"
    mine.parent.mkdir()
    mine.touch(mode=0o644)
    machine.asked_of_systemd()
    other = ("uninstall", "--config", "/opt/mine/twilio-binding.toml")
    for user in (0, 65534):
        shown = machine.command(*other, "--dry-run", user=user)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert [line for line in shown.stdout.splitlines() if line.startswith("- ")] == [
            "- delete /opt/mine/twilio-binding.toml"
        ]
        assert f"note: /{UNIT} runs the service with the settings /etc/twilio-binding" in shown.stdout
    assert machine.command(*other, "--yes").returncode == 0
    assert machine.has_user("twilio-binding") and (machine.root / UNIT).exists() and settings.exists()
    assert machine.asked_of_systemd() == []
    own = machine.command("uninstall", "--dry-run")
    assert f"- remove /{UNIT}\n" in own.stdout and "- userdel twilio-binding\n" in own.stdout


@needs_root
def test_answers_of_a_machine(machine: Machine, tmp_path: Path, broker: BrokerProcess) -> None:
    """Only the service's user can read answers given with `--systemd`; `setup` as root changes them, and restarts the service."""
    sid, token = "AC" + "7a" * 16, "0123456789abcdef0123456789abcdef"
    at_home = OpenHABOptions(items=tmp_path, token="oh.setup.0123456789")
    at_twilio = TwilioOptions(account_sid=sid, auth_token=token)
    with OpenHABStandIn(at_home) as openhab, TwilioStandIn(at_twilio) as twilio:
        variables = {
            "TWILIO_BINDING_OPENHAB__TOKEN": "oh.setup.0123456789",
            "TWILIO_BINDING_TWILIO__API_URL": twilio.url,
            "TWILIO_AUTH_TOKEN": token,
        }
        ask_nothing = ("--non-interactive", "--no-doctor")
        answers = ("--openhab-url", openhab.url, "--mqtt-url", broker.url, "--account-sid", sid)
        done = machine.command(*SETUP, *ask_nothing, *answers, variables=variables)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert machine.asked_of_systemd() == ["daemon-reload", "enable twilio-binding", "restart twilio-binding"]
        for name in ("twilio-binding.toml", "things/twilio.things"):
            seen = machine.run("stat", "-c", "%U:%G %a", f"/etc/twilio-binding/{name}").stdout
            assert seen == "twilio-binding:twilio-binding 600\n"
        changed = machine.command(
            "setup", *ask_nothing, "--public-url", "https://home.example.com", variables=variables
        )
        assert (changed.returncode, changed.stderr) == (0, ""), changed.stdout
        told = "Settings file: /etc/twilio-binding/twilio-binding.toml, that of the whole machine; --config names another one\n"
        assert changed.stdout.startswith(told)
        assert machine.asked_of_systemd() == ["enable twilio-binding", "restart twilio-binding"]
        things = machine.root / "etc" / "twilio-binding" / "things" / "twilio.things"
        assert 'publicUrl="https://home.example.com"' in things.read_text("utf-8")
        assert things.stat().st_uid != 0
    gone = machine.command("uninstall", "--yes", variables={"TWILIO_BINDING_OPENHAB__URL": "http://127.0.0.1:9"})
    assert (gone.returncode, gone.stderr) == (0, "")
    assert not (machine.root / "etc" / "twilio-binding").exists()


@needs_root
def test_answers_from_another_file(machine: Machine) -> None:
    """`--systemd --config FILE` writes the machine's own file with the answers of that file, once; a missing or unread file is named."""
    tried = machine.root / "opt" / "tried.toml"
    nobody = "127.0.0.1:9"
    tried.write_text(
        f'[openhab]\nurl = "http://{nobody}"\ntoken = "oh.t.1"\n[mqtt]\nurl = "mqtt://{nobody}"\n', encoding="utf-8"
    )
    answers = ("--account-sid", "AC" + "7a" * 16, "--number", "+15551234567", "--way", "none")
    command = (*SETUP, "--non-interactive", "--no-doctor", *answers)
    variables = {"TWILIO_AUTH_TOKEN": "0" * 32, "TWILIO_BINDING_TWILIO__API_URL": f"http://{nobody}"}
    missing = machine.command(*command, "--config", "/opt/no.toml", variables=variables)
    assert (missing.returncode, "/opt/no.toml does not exist" in missing.stderr) == (1, True)
    done = machine.command(*command, "--config", "/opt/tried.toml", variables=variables)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    written = (machine.root / "etc" / "twilio-binding" / "twilio-binding.toml").read_text("utf-8")
    assert f'url = "mqtt://{nobody}"' in written and 'token = "oh.t.1"' in written
    again = machine.command(*command, "--config", "/opt/tried.toml", variables=variables)
    assert "the system service has its own settings" in again.stderr
    unread = machine.command(*SETUP, "--non-interactive", "--config", "/opt/tried.toml")
    assert (unread.returncode, "/opt/tried.toml is not read" in unread.stdout) == (0, True)


@needs_root
def test_user_beside_the_system_service(machine: Machine) -> None:
    """A user who cannot read the settings of the system service can set up another one, in a file of their own."""
    folder = machine.root / "etc" / "twilio-binding"
    folder.mkdir(mode=0o700)
    (folder / "twilio-binding.toml").touch()
    mine = machine.root / "opt" / "mine"
    mine.mkdir()
    os.chown(mine, 65534, 65534)
    nobody = "127.0.0.1:9"
    answers = ("--openhab-url", f"http://{nobody}", "--mqtt-url", f"mqtt://{nobody}", "--account-sid", "AC" + "7a" * 16)
    command = ("setup", "--non-interactive", "--no-doctor", *answers, "--number", "+15551234567", "--way", "none")
    variables = {
        "TWILIO_BINDING_OPENHAB__TOKEN": "oh.t.1",
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "TWILIO_BINDING_TWILIO__API_URL": f"http://{nobody}",
    }
    refused = machine.command(*command, user=65534, variables=variables)
    assert (refused.returncode, "run this as root or as the user" in refused.stderr) == (1, True)
    for _ in range(2):
        done = machine.command(*command, "--config", "/opt/mine/mine.toml", user=65534, variables=variables)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert "twilio-binding run --config /opt/mine/mine.toml\n" in done.stdout
    assert (mine / "mine.toml").stat().st_uid == 65534


@needs_root
def test_unit_that_somebody_changed(machine: Machine) -> None:
    """Changes that would be overwritten are shown as a difference."""
    machine.command(*SETUP)
    unit = machine.root / UNIT
    unit.write_text(unit.read_text("utf-8").replace("RestartSec=2", "RestartSec=9"), encoding="utf-8")
    shown = machine.command(*SETUP, "--dry-run").stdout
    assert "-RestartSec=9\n+RestartSec=2\n" in shown
    assert "WatchdogSec" not in shown
    refused = machine.command(*SETUP)
    assert (refused.returncode, "RestartSec=9" in unit.read_text("utf-8")) == (1, True)
    assert "-RestartSec=9\n+RestartSec=2\n" in refused.stdout
    assert "keep changes with `systemctl edit twilio-binding`" in refused.stderr
    assert machine.command(*SETUP, "--non-interactive").returncode == 0
    assert "RestartSec=2" in unit.read_text("utf-8")


@needs_root
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--program", "/home/me/twilio-binding"), "the program /home/me/twilio-binding was not found"),
        (("--program", "twilio-binding"), "give its full path with --program"),
        ((), "is in a folder that the unit hides from the service"),
    ],
)
def test_programs_that_the_service_could_not_start(machine: Machine, options: tuple[str, ...], told: str) -> None:
    """A missing program, or one that the unit hides, is named before anything is changed."""
    if not options:
        hidden = machine.root / "hidden"
        assert hidden.is_relative_to("/tmp") or pytest.skip("the tests' folder is not hidden by the unit")
        hidden.touch()
        options = ("--program", str(hidden))
    refused = machine.command("setup", "--systemd", *options)
    assert refused.returncode == 1
    assert told in refused.stderr
    assert not machine.has_user("twilio-binding")


@needs_root
def test_python_that_the_service_could_not_start(machine: Machine) -> None:
    """A visible program may use a Python in a user's home, which the unit hides."""
    python = machine.root / "opt" / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to("/home/me/.pyenv/bin/python3.13")
    program = python.with_name("twilio-binding")
    program.write_text("#!/opt/venv/bin/python\n", encoding="utf-8")
    refused = machine.command("setup", "--systemd", "--program", "/opt/venv/bin/twilio-binding")
    assert refused.returncode == 1
    assert (
        "/home/me/.pyenv/bin/python3.13, which /opt/venv/bin/twilio-binding needs, is in a folder that the unit hides"
        in refused.stderr
    )
    assert not machine.has_user("twilio-binding")


@needs_root
def test_service_within_the_limits_of_the_unit(machine: Machine) -> None:
    """The unit's command runs as its user, without capabilities, and can write only to the data folder."""
    machine.command(*SETUP)
    settings = machine.root / "etc" / "twilio-binding" / "twilio-binding.toml"
    settings.write_text('[webhook]\nlisten = "127.0.0.1:0"\n[admin]\nlisten = "127.0.0.1:0"\n', encoding="utf-8")
    settings.chmod(0o644)
    unit = (machine.root / UNIT).read_text("utf-8")
    assert "\nUser=twilio-binding\n" in unit and "\nProtectSystem=strict\n" in unit and "\nUMask=0077\n" in unit
    name = f"twilio-binding-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name}")
        systemd.settimeout(50)
        variables = {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "400000"}
        words = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).partition("=")[2].split()
        with machine.service(*words, variables=variables) as service:
            told = [systemd.recv(100) for _ in range(3)]
            assert told == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            status = Path(f"/proc/{service.pid}/status").read_text("utf-8")
            assert re.search(r"^CapEff:\s+0+$", status, re.MULTILINE) and re.search(r"NoNewPrivs:\s+1", status)
            service.terminate()
            assert service.wait(20) == 0
        while told[-1] != b"STOPPING=1":
            told.append(systemd.recv(100))
    data = machine.root / "var" / "lib" / "twilio-binding"
    owners = {path.name: (path.stat().st_uid, path.stat().st_mode & 0o077) for path in (data, *data.iterdir())}
    assert "twilio-binding.db" in owners
    assert set(owners.values()) == {(data.stat().st_uid, 0)} and data.stat().st_uid != 0


@needs_root
def test_machines_that_cannot(tmp_path: Path, machine: Machine) -> None:
    """Without root or systemd, or if systemd refuses, the error says what is missing."""
    refused = machine.command(*SETUP, user=65534)
    assert refused.returncode == 1
    assert "run it as root, for example with sudo; --dry-run shows" in refused.stderr
    (machine.root / "opt" / "systemctl.err").write_text("Unit is masked.\n", encoding="utf-8")
    failed = machine.command(*SETUP)
    assert (failed.returncode, failed.stderr) == (1, "Error: systemctl daemon-reload: Unit is masked.\n")
    plain = Machine(tmp_path / "plain", has_systemd=False)
    done = plain.command(*SETUP)
    assert done.stdout.endswith(
        "systemd is not running here. Where it is, run: systemctl enable --now twilio-binding\n"
    )
    assert (plain.asked_of_systemd(), (plain.root / UNIT).exists()) == ([], True)


@needs_root
def test_group_of_openhab(machine: Machine) -> None:
    """If openHAB is on the same machine, the service can read its things."""
    machine.run("groupadd", "--system", "openhab")
    machine.command(*SETUP)
    assert "\nSupplementaryGroups=openhab\n" in (machine.root / UNIT).read_text("utf-8")


@needs_root
def test_settings_that_root_wrote(machine: Machine) -> None:
    """Settings of an earlier installation are given to the service's user, who can read them; others cannot."""
    file = machine.root / "etc" / "twilio-binding" / "twilio-binding.toml"
    file.parent.mkdir()
    file.write_text("[openhab]\ntoken = 's3cret'\n", encoding="utf-8")
    file.chmod(0o600)
    machine.command(*SETUP)
    assert machine.run("stat", "-c", "%U %a", f"/etc/twilio-binding/{file.name}").stdout == "twilio-binding 600\n"
    refused = machine.command("events", user=65534)
    assert refused.returncode == 1
    assert "cannot be read; run this as root or as the user of the service" in refused.stderr
    asked = machine.command("uninstall", user=65534)
    assert asked.returncode == 1


def test_systemd_hears_of_the_service(tmp_path: Path) -> None:
    """Systemd is notified when the service is ready, at half its watchdog interval, and when the service stops."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(10)
        service = ServiceProcess(tmp_path, {"THINGS": json.dumps([str(tmp_path / "*.things")])})
        service.environment = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "400000"}
        with service:
            assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            assert service.process is not None
            os.kill(service.process.pid, signal.SIGSTOP)
            systemd.settimeout(1)
            signs = 0
            with suppress(TimeoutError):
                while signs < 5:
                    systemd.recv(100)
                    signs += 1
            assert signs <= 1, "a process that is stopped gives no more signs of life"
            os.kill(service.process.pid, signal.SIGCONT)
            systemd.settimeout(10)
            assert service.stop() == 0
        last = b""
        while last != b"STOPPING=1":
            last = systemd.recv(100)
    assert "systemd.unreachable" not in service.log.read_text("utf-8")


@pytest.mark.parametrize(
    "environment",
    [
        {"NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "100000"},
        {"NOTIFY_SOCKET": "@twilio-binding-nobody", "WATCHDOG_USEC": "nonsense"},
        {"WATCHDOG_USEC": "100000"},
        {"NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"},
    ],
)
def test_systemd_that_is_not_there(tmp_path: Path, environment: dict[str, str]) -> None:
    """Without a supervisor, or after it is gone, the service runs and ends as usual."""
    service = ServiceProcess(tmp_path, {"THINGS": json.dumps([str(tmp_path / "*.things")])})
    service.environment = environment
    with service:
        assert service.dependencies()
        assert service.stop() == 0
    assert service.log.read_text("utf-8").count("systemd.unreachable") <= 1, "it is told once, not at each sign of life"
