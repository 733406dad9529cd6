"""`twilio-binding uninstall`, beside a complete service."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.terminal import command
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.service_process import SEEDS
from twilio_binding.store.folder import DataFolderError, erase


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
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "x").touch()
    assert erase(tmp_path) == [tmp_path / "holiday.jpg"]
    assert erase(tmp_path / "nowhere") == []
    with stack() as home:
        with pytest.raises(DataFolderError, match="another service runs"):
            erase(home.folder / "data")
        assert home.twilio.receive_sms("still here")["status"] == 200
