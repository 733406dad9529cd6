"""`twilio-binding doctor`, as users run it, and its links to files and to the service."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pexpect
import pytest

from lab.standins.stack import Stack
from tests.certificates import Authority
from tests.conftest import Announced
from tests.doctor import bad, only, results, settings, silent_server
from tests.standins import Answer, receiver
from tests.terminal import clean
from tests.waiting import wait_until
from twilio_binding.doctor import Wishes
from twilio_binding.doctor.links import data_folder
from twilio_binding.sandbox.service_process import SEEDS

_T = TypeVar("_T")
PLACEHOLDERS = ("accountSid is that of the example", "authToken is a placeholder", "publicUrl is that of the example")


def command(
    folder: Path, *arguments: str, module: str = "twilio_binding", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the doctor in a folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_BINDING", "NO_COLOR"))}
    return subprocess.run(
        [sys.executable, "-m", module, "doctor", *arguments],
        cwd=folder,
        env=clean | environment | {"PYTHONPATH": str(SEEDS)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def of(home: Stack) -> dict[str, str]:
    """The environment of the service of a stack."""
    return {f"TWILIO_BINDING_{name}": value for name, value in home.service._settings.items()}


def listed(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The printed results of `--json`."""
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_json_beside_a_running_service(home: Stack) -> None:
    """With --json, the output is a list with one entry per line; the running service is not affected."""
    before = home.openhab.counts().get("runs", 0)
    done = command(home.folder, "--json", **of(home))
    found = listed(done)
    assert "Traceback" not in done.stderr
    assert set(found[0]) == {"id", "title", "about", "status", "text", "cause", "cure", "facts", "seconds"}
    assert {one["status"] for one in found} <= {"ok", "warning", "failed", "skipped"}
    assert "running, and everything it needs is up" in [one["text"] for one in found if one["id"] == "service"]
    assert home.service.dependencies()["mqtt"]["up"]
    log = home.service.log.read_text(encoding="utf-8")
    assert "another_service" not in log
    assert home.openhab.counts().get("runs", 0) == before


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    """Invalid settings are the only result, in both output forms, with exit code 1."""
    (tmp_path / "twilio-binding.toml").write_text("[mqtt\n", encoding="utf-8")
    done = command(tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ twilio-binding.toml" in done.stdout
    assert done.stdout.endswith("0 ok, 0 warnings, 1 failed\n")
    found = listed(command(tmp_path, "--json"))
    assert [(one["id"], one["status"]) for one in found] == [("settings", "failed")]


def test_terminal(tmp_path: Path) -> None:
    """In a terminal, each link is shown while it is tested, and lines fit the width; with NO_COLOR there are no colors."""
    told = {}
    for colours in ("", "1"):
        environment = clean(MQTT__URL="mqtt://127.0.0.1:9") | {"TERM": "xterm"} | ({"NO_COLOR": "1"} if colours else {})
        child: pexpect.spawn[str] = pexpect.spawn(
            sys.executable,
            ["-m", "twilio_binding", "doctor"],
            cwd=str(tmp_path),
            env={name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")},
            dimensions=(40, 50),
            encoding="utf-8",
            timeout=60,
        )
        child.expect(pexpect.EOF)
        told[colours] = child.before or ""
        child.close()
        assert child.exitstatus == 1
    assert "MQTT broker …" in told["1"]
    shown = [line.rpartition("\x1b[2K")[2] for line in told["1"].splitlines()]
    words = [line for line in shown if " " in line.strip()[:45]]
    assert max(len(line) for line in words if "/" not in line) <= 50
    assert "\x1b[3" not in told["1"]
    assert "\x1b[3" in told[""]


def test_files_that_everybody_may_read(tmp_path: Path) -> None:
    """Settings and things contain tokens: if everybody can read them, that is reported with the command that helps."""
    (tmp_path / "twilio-binding.toml").write_text('things = ["*.things"]\n', encoding="utf-8")
    (tmp_path / "a.things").write_text((SEEDS / "things" / "twilio.things").read_text(), encoding="utf-8")
    (tmp_path / "twilio-binding.toml").chmod(0o644)
    (tmp_path / "a.things").chmod(0o640)
    found = [one for one in listed(command(tmp_path, "--json")) if one["id"] == "settings"]
    told = [one for one in found if "every user of this machine can read" in one["cause"]]
    assert [(one["status"], one["facts"]) for one in told] == [
        ("warning", {"file": "twilio-binding.toml", "mode": "0644"})
    ]
    assert "chmod o-rwx twilio-binding.toml" in told[0]["cure"]


def test_placeholders_and_mistakes_in_things(tmp_path: Path, announced: Announced) -> None:
    """Values of the example are a warning with the cure; unreadable files are a failure with the position."""
    announced("things.broken_file")
    given = settings(tmp_path)
    found = results(given, "settings")
    for text in PLACEHOLDERS:
        assert only(found, text).status == "warning"
        assert "replace it with" in only(found, text).cure
    (tmp_path / "x.things").write_text("Bridge twilio:account:a [", encoding="utf-8")
    found = results(settings(tmp_path, things=[str(tmp_path / "*.things")]), "settings")
    assert "x.things:1:" in bad(found, "failed")[0].cause
    found = results(settings(tmp_path, things=["/nowhere/*.things"]), "settings")
    assert only(found, "no file matches things").status == "failed"


def test_good_data_folder(tmp_path: Path) -> None:
    """Free space and the time of a flush are reported, and nothing is left behind."""
    (tmp_path / "data").mkdir()
    found = results(settings(tmp_path), "data")
    assert set(only(found, "a flush takes").facts) == {"flush_ms_median", "flush_ms_max"}
    assert only(found, "MiB are free")
    assert not list((tmp_path / "data").iterdir())


def test_no_data_folder_yet(tmp_path: Path) -> None:
    """Before the first start there is no data folder; if a file has its name, it cannot be used."""
    assert only(results(settings(tmp_path), "data"), "does not exist yet; the service creates it").status == "ok"
    (tmp_path / "data").write_text("")
    assert (
        only(results(settings(tmp_path), "data"), "cannot be used: File exists; a file has this name").status
        == "failed"
    )


def test_little_room(tmp_path: Path) -> None:
    """A disk that is nearly full is a warning, and then a failure."""
    assert data_folder._room(tmp_path, 400 << 20).status == "warning"
    full = data_folder._room(tmp_path, 4 << 20)
    assert (full.status, "free some space" in full.cure) == ("failed", True)


def test_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that cannot be written: the reason is reported, and which user needs the right."""
    found = bad(results(settings(tmp_path, data_dir=Path("/proc/self")), "data"), "failed")[-1]
    assert found.cause.startswith("data_dir /proc/self cannot be used: ")
    assert "run the doctor as that user" in found.cure


def test_data_folder_on_a_full_disk(tmp_path: Path) -> None:
    """What the operating system says when a file or folder is made is passed on, with what to check."""

    def full(function: Callable[[], _T]) -> _T:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), function)

    found = only(results(settings(tmp_path), "data", wishes=Wishes(calling=full)), "No space left on device")
    assert found.cause.startswith(f"data_dir {tmp_path}/data cannot be written: ")
    assert "run the doctor as that user; check whether the disk is full or read-only" in found.cure


def test_console_on_any_port(tmp_path: Path) -> None:
    """With port 0, the address of the service is unknown."""
    found = bad(results(settings(tmp_path, admin={"listen": "127.0.0.1:0"}), "service"))
    assert [(one.cause, one.cure) for one in found] == [
        ("admin.listen has port 0, so the doctor cannot find the service", "give it a port, such as 8766")
    ]


def test_secret_that_everybody_may_read(tmp_path: Path) -> None:
    """The secret that openHAB and the service share must be readable by nobody else."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "relay-secret").write_text("0123456789abcdef0123")
    (tmp_path / "data" / "relay-secret").chmod(0o644)
    found = bad(results(settings(tmp_path), "data"), "warning")
    assert [one.facts["mode"] for one in found] == ["0644"]
    assert "chmod 600" in found[0].cure


def test_slow_disk(tmp_path: Path) -> None:
    """A disk that takes 60 ms for a flush is reported as what it usually is: an SD card or a network share."""
    (tmp_path / "data").mkdir()
    (tmp_path / "slow").write_text("0.06", encoding="ascii")
    done = command(tmp_path, "--json", module="lab.faults.slow_disk", SLOW_DISK=str(tmp_path / "slow"))
    found = [one for one in listed(done) if one["id"] == "data" and one["status"] == "warning"]
    assert len(found) == 1
    assert "as slow as an SD card or a network share" in found[0]["cause"]
    assert found[0]["facts"]["flush_ms_median"] >= 60
    assert "set data_dir to a solid state disk" in found[0]["cure"]


@pytest.mark.parametrize(
    ("kind", "partition", "named"),
    [("SD", "mmcblk0p2", True), ("SD", "", True), ("MMC", "mmcblk0p2", False), ("", "sda1", False)],
)
def test_sd_card(tmp_path: Path, kind: str, partition: str, named: bool) -> None:  # noqa: FBT001
    """An SD card is named, with the device; built-in memory and disks are not taken for one. The folders are those of a Raspberry Pi."""
    card = tmp_path / "sys/devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa"
    disk = card / "block" / (partition[:-2] if kind and partition else "sda" if partition else "mmcblk0")
    (disk / partition).mkdir(parents=True)
    (disk / "device").symlink_to(card)
    if kind:
        (card / "type").write_text(f"{kind}\n", encoding="ascii")
    device = tmp_path.stat().st_dev
    devices = tmp_path / "sys/dev/block"
    devices.mkdir(parents=True)
    (devices / f"{os.major(device)}:{os.minor(device)}").symlink_to(disk / partition)
    fast, slow = (data_folder._speed(tmp_path, [flush] * 3, devices) for flush in (1.0, 60.0))
    assert (fast.status, slow.status) == ("ok", "warning")
    assert ("on the SD card mmcblk0" in fast.text, fast.facts.get("device") == "mmcblk0") == (named, named)
    assert ("data_dir is on an SD card (mmcblk0)" in slow.cause) == named
    assert ("as slow as an SD card or a network share" in slow.cause) != named


def test_disk_of_an_unknown_kind(tmp_path: Path) -> None:
    """On file systems without a device of their own, such as those of containers, the speed is all that is said."""
    told = data_folder._speed(tmp_path, [60.0], tmp_path / "nowhere")
    assert "as slow as an SD card or a network share" in told.cause
    assert "device" not in told.facts


def test_service_that_does_not_run(tmp_path: Path) -> None:
    """It is reported with the command that starts it, and is not a failure: the rest is tested."""
    found = results(settings(tmp_path), "service")
    assert [(one.status, one.cause) for one in found] == [("warning", "the service is not running")]
    assert "twilio-binding run" in found[0].cure


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(body="<html/>", content_type="text/html"), "is used by another program"),
        (Answer(body='{"neighbours": 3}', content_type="application/json"), "is used by another program"),
        (Answer(body='{"neighbours": {"x": {}}}', content_type="application/json"), "is used by another program"),
        (Answer(body="", status=500), "answers 500"),
        (Answer(body="the Bearer token of admin.token is needed\n", status=401), "does not accept admin.token"),
        (Answer(status=0), "does not answer"),
    ],
)
def test_something_else_listens_in_its_place(tmp_path: Path, answer: Answer, cause: str) -> None:
    """Another program at admin.listen, or a service with another token, is distinguished from a missing service."""
    with receiver() as server:
        server.answer("/ready", answer)
        found = results(settings(tmp_path, admin={"listen": server.url.removeprefix("http://")}), "service")
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert found[0].cure


def test_service_that_hangs(tmp_path: Path) -> None:
    """A service that accepts the connection and never answers is a failure."""
    with silent_server() as port:
        found = results(settings(tmp_path, admin={"listen": f"127.0.0.1:{port}"}), "service")
    assert [one.status for one in found] == ["failed"]


def test_what_the_service_says(home: Stack, tmp_path: Path) -> None:
    """A dependency that `/ready` reports as down is a warning with its reason."""
    admin = {"listen": home.service.admin_url.removeprefix("http://")}
    home.broker.stop()
    try:
        wait_until(lambda: not home.service.dependencies()["mqtt"]["up"], 15)
        found = bad(results(settings(tmp_path, admin=admin), "service"))
    finally:
        home.broker.start()
    assert "the service reports for mqtt:" in only(found, "for mqtt").cause
    home.service.wait_ready()


def test_addresses_that_are_none(tmp_path: Path) -> None:
    """Invalid addresses in the settings are all reported, each with the name of its setting."""
    wrong = {"WEBHOOK": "nonsense", "ADMIN": "127.0.0.1:99999"}
    done = command(tmp_path, "--json", **{f"TWILIO_BINDING_{name}__LISTEN": text for name, text in wrong.items()})
    (told,) = listed(done)
    assert (done.returncode, told["status"], told["id"]) == (1, "failed", "settings")
    names = [text.partition(" is not an address")[0] for text in told["facts"]["errors"]]
    assert names == [
        "TWILIO_BINDING_WEBHOOK__LISTEN: webhook.listen: 'nonsense'",
        "TWILIO_BINDING_ADMIN__LISTEN: admin.listen: '127.0.0.1:99999'",
    ]


@pytest.mark.parametrize("number", ["nonsense", "5557654321", "+1 (555) what", "whatsapp:"])
def test_number_to_send_to_that_is_none(tmp_path: Path, number: str) -> None:
    """It is reported immediately, before any link is tested."""
    done = command(tmp_path, "--send", number, "--json")
    assert done.returncode == 2
    assert "--send" in done.stderr and "+15557654321" in done.stderr
    assert json.loads(done.stdout)["error"]["code"] == "usage"


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e99", "long", ""])
def test_seconds_that_are_none(tmp_path: Path, seconds: str) -> None:
    """Values that are not finite seconds are refused, whatever number they are in Python."""
    done = command(tmp_path, "--wait", seconds)
    assert (done.returncode, "is not a number of seconds from 0 to 86400" in done.stderr) == (2, True)


def test_ca_file_that_went(tmp_path: Path) -> None:
    """A certificate file that was deleted after the settings were read is named."""
    certificate = tmp_path / "ca.pem"
    Authority(tmp_path).file.rename(certificate)
    given = settings(tmp_path, openhab={"url": "https://127.0.0.1:9", "ca_file": str(certificate)})
    certificate.unlink()
    found = bad(results(given, "openhab"))
    assert [(one.status, "ca.pem" in one.cause) for one in found] == [("failed", True)]
