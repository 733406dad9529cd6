"""`twilio-binding uninstall`, beside a complete service."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.terminal import command, fed
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.service_process import SEEDS
from twilio_binding.store.folder import DataFolderError, erase, may_be_data


def _run(home: Stack, *arguments: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    settings = {f"TWILIO_BINDING_{name}": value for name, value in home.service._settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "twilio_binding", *arguments],
        cwd=home.folder,
        env=os.environ | settings | {"PYTHONPATH": str(SEEDS)},
        input=answers,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _has_rule(home: Stack) -> bool:
    headers = {"Authorization": f"Bearer {home.service._settings['OPENHAB__TOKEN']}"}
    return requests.get(f"{home.openhab.url}/rest/rules/twilio-relay", headers=headers, timeout=30).status_code == 200


def test_everything_is_taken_away() -> None:
    """While the service runs, its webhooks are restored; when it is stopped, rule, script, data and settings are removed after a question."""
    with stack() as home:
        conf = home.folder / "conf"
        (conf / "items").mkdir(parents=True)
        (conf / "automation" / "python").mkdir(parents=True)
        mine = conf / "automation" / "python" / "mine.py"
        mine.touch()
        (conf / "things").mkdir()
        (conf / "things" / "twilio.things").write_text(home.things.read_text("utf-8"), encoding="utf-8")
        (conf / "things" / "mine.things").touch()
        assert _run(home, "install", str(conf)).returncode == 0
        assert _has_rule(home)
        shown = _run(home, "uninstall", "--conf", str(conf), "--dry-run")
        assert (shown.returncode, shown.stderr) == (0, "")
        expected = ("restore the webhooks", "remove the script", "delete the rule", "delete the data", "delete /")
        listed = [line for line in shown.stdout.splitlines() if line.startswith("- ")]
        assert [line.removeprefix("- ").startswith(text) for line, text in zip(listed, expected, strict=True)] == [
            True
        ] * 5
        assert "only the webhooks can be restored now" in shown.stdout
        assert _has_rule(home) and home.things.exists()
        first = _run(home, "uninstall", "--conf", str(conf), answers="y\n")
        assert first.returncode == 1
        assert f"✓ restore the webhooks of {PHONE} at Twilio" in first.stdout
        assert "the service is still running; stop it, then run this again" in first.stderr
        assert _has_rule(home)
        home.service.stop()
        refused = _run(home, "uninstall", "--conf", str(conf), answers="n\n")
        assert (refused.returncode, _has_rule(home)) == (1, True)
        (home.folder / "data" / "of-somebody").touch()
        kept = _run(home, "uninstall", "--conf", str(conf), answers="y\nn\n")
        assert (kept.returncode, kept.stderr) == (0, "")
        assert f"✓ remove the script from {conf}" in kept.stdout
        assert "✓ delete the rule twilio-relay in openHAB" in kept.stdout
        assert not _has_rule(home)
        assert [path for path in (conf / "automation").rglob("*") if path.is_file()] == [mine]
        assert (home.folder / "data" / "twilio-binding.db").exists()
        gone = _run(home, "uninstall", "--conf", str(conf), "--yes")
        assert gone.returncode == 1
        assert (
            f"not created by this service, and therefore kept: {home.folder.resolve()}/data/of-somebody" in gone.stderr
        )
        assert sorted(path.name for path in (home.folder / "data").iterdir()) == ["of-somebody"]
        assert not (home.folder / "twilio-binding.toml").exists()
        assert not home.things.exists()
        assert [path.name for path in (conf / "things").iterdir()] == ["mine.things"]


def test_data_is_kept_on_request(tmp_path: Path) -> None:
    """`--keep-data` asks nothing and keeps data, settings and things."""
    (tmp_path / "twilio-binding.toml").touch()
    (tmp_path / "data").mkdir()
    done = command(tmp_path, "uninstall", "--keep-data", "--conf", str(tmp_path), OPENHAB__URL="http://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (0, "")
    assert "note: cannot check whether openHAB has a relay rule: openHAB does not answer" in done.stdout
    assert done.stdout.endswith("There is nothing to remove.\n")
    assert (tmp_path / "data").exists()


def test_without_a_terminal_nothing_is_removed(tmp_path: Path) -> None:
    """A question without an answer is not a yes."""
    (tmp_path / "twilio-binding.toml").touch()
    (tmp_path / "data").mkdir()
    done = command(tmp_path, "uninstall", OPENHAB__URL="http://127.0.0.1:9")
    assert (done.returncode, (tmp_path / "data").exists()) == (1, True)
    assert "Aborted!" in done.stderr


def test_service_that_cannot_be_seen(tmp_path: Path) -> None:
    """If this user cannot tell whether a service uses the data, nothing is removed, and it is not called running."""
    (tmp_path / "twilio-binding.toml").touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lock").symlink_to("lock")
    done = command(tmp_path, "uninstall", "--yes", OPENHAB__URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "this user cannot tell whether a service uses data; run this as root or as the user of" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "twilio-binding.toml"]


def test_folder_of_somebody_else_is_not_erased(tmp_path: Path) -> None:
    """A data_dir that contains other files loses only ours; one in use by a service loses nothing."""
    (tmp_path / "holiday.jpg").touch()
    (tmp_path / "twilio-binding.db").touch()
    (tmp_path / "twilio-binding.db.damaged-20260101-000000-000000").touch()
    for interrupted in ("doctor-0a1b2c3d.new", "relay-secret.0a1b2c3d"):
        (tmp_path / interrupted).touch()
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "x").touch()
    assert erase(tmp_path) == [tmp_path / "holiday.jpg"]
    assert erase(tmp_path / "nowhere") == []
    with stack() as home:
        with pytest.raises(DataFolderError, match="another service runs"):
            erase(home.folder / "data")
        assert home.twilio.receive_sms("still here")["status"] == 200


def _listed(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("- ")]


def test_what_belongs_to_another_service_stays(tmp_path: Path) -> None:
    """In a folder whose service never ran, nothing of the service beside it is removed, and the output says what stays."""
    conf = tmp_path / "conf"
    for name in ("things", "automation/python"):
        (conf / name).mkdir(parents=True)
    (tmp_path / "twilio-binding.toml").touch()
    with stack() as home:
        (conf / "things" / "twilio.things").write_text(home.things.read_text("utf-8"), encoding="utf-8")
        assert _run(home, "install", str(conf)).returncode == 0
        files = sorted(conf.rglob("*"))
        servers = {name: home.service._settings[name] for name in ("MQTT__URL", "OPENHAB__URL", "OPENHAB__TOKEN")}
        shown = command(tmp_path, "uninstall", "--dry-run", "--conf", str(conf), **servers)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert _listed(shown) == [f"- delete {tmp_path}/twilio-binding.toml"]
        for told in (
            f"note: the webhooks of {PHONE} stay as they are: the service at the broker uses another data folder",
            f"note: the script in {conf} belongs to a service with another data folder than {tmp_path}/data, and stays",
            "note: the rule twilio-relay in openHAB belongs to a service with another data folder",
        ):
            assert told in shown.stdout
        done = command(tmp_path, "uninstall", "--yes", "--conf", str(conf), **servers)
        assert (done.returncode, done.stderr) == (0, "")
        assert _has_rule(home)
        assert home.twilio.receive_sms("still here")["status"] == 200
    assert sorted(conf.rglob("*")) == files
    assert not (tmp_path / "twilio-binding.toml").exists()


def test_folders_of_other_programs_stay(tmp_path: Path) -> None:
    """A folder `data` that no service made, and files with other things than those of Twilio, are not deleted."""
    (tmp_path / "twilio-binding.toml").touch()
    for name in ("data/media", "things"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data" / "media" / "holiday.jpg").touch()
    (tmp_path / "data" / "index.html").touch()
    (tmp_path / "things" / "knx.things").write_text('Thing knx:ip:bridge "KNX" [ ]\n', encoding="utf-8")
    done = command(tmp_path, "uninstall", "--yes", OPENHAB__URL="http://127.0.0.1:9", MQTT__URL="mqtt://127.0.0.1:9")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"note: {tmp_path}/data contains no data of this service, and stays" in done.stdout
    assert f"note: {tmp_path}/things/knx.things contains more than things of Twilio, and stays" in done.stdout
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["data/index.html", "data/media/holiday.jpg", "things/knx.things"]


def test_folder_media_of_somebody_else_stays(tmp_path: Path) -> None:
    """A folder `data` that has nothing but a folder `media` may be that of another program; beside a secret it is ours."""
    (tmp_path / "media").mkdir()
    assert not may_be_data(tmp_path)
    (tmp_path / "relay-secret").touch()
    assert may_be_data(tmp_path)


def test_question_with_another_answer(tmp_path: Path) -> None:
    """An answer that is neither yes nor no is refused with the possible answers, and the question is asked again."""
    (tmp_path / "twilio-binding.toml").touch()
    done = fed(
        b"perhaps\nn\n", tmp_path, "uninstall", OPENHAB__URL="http://127.0.0.1:9", MQTT__URL="mqtt://127.0.0.1:9"
    )
    assert (done.returncode, (tmp_path / "twilio-binding.toml").exists()) == (0, True)
    assert "enter y or n" in done.stdout
    assert done.stdout.count("Delete data and settings") == 2
