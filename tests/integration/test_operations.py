"""Commands of an operator beside a running service."""

from __future__ import annotations

from pathlib import Path

import requests

from lab.standins.stack import Stack
from tests.integration.conftest import bodies
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.sandbox.service_process import ServiceProcess


def _settings(home: Stack) -> dict[str, str]:
    return {"DATA_DIR": str(home.folder / "data")}


def test_events_and_replay(home: Stack) -> None:
    """Events are listed without texts and with masked numbers, and can be replayed."""
    home.twilio.receive_sms("a secret text", sender="+15557654321")
    home.service.wait_delivered()
    listed = command(home.folder, "events", "--last", "1", **_settings(home))
    assert listed.returncode == 0
    assert "twilio:phone:myaccount:myphone:sms-received  delivered  from=+15***21" in listed.stdout
    assert "a secret text" not in listed.stdout
    event_id = listed.stdout.split()[0]
    shown = command(home.folder, "events", "--last", "1", "--payload", **_settings(home))
    assert '"body":"a secret text"' in shown.stdout
    done = command(home.folder, "replay", event_id, **_settings(home))
    assert done.returncode == 0
    wait_until(lambda: bodies(home, "a secret text") == ["a secret text"] * 2, 10, "the second time")
    refused = command(home.folder, "replay", "1", **_settings(home))
    assert (refused.returncode, refused.stderr) == (
        1,
        "Error: unknown event 1; `twilio-binding events` lists all events\n",
    )


def test_waiting_events(home: Stack) -> None:
    """While openHAB is down, waiting events are listed as waiting."""
    home.openhab.faults.down()
    home.twilio.receive_sms("it waits")
    waiting = command(home.folder, "events", "--waiting", **_settings(home))
    assert "waits for openhab" in waiting.stdout
    home.openhab.faults.up()
    home.service.wait_delivered()
    assert command(home.folder, "events", "--waiting", **_settings(home)).stdout == "Nothing is waiting.\n"
    slip = command(home.folder, "events", "--thing", "twilio:phone:slip", **_settings(home))
    assert slip.stdout == "Nothing came in yet for twilio:phone:slip.\n"
    later = command(home.folder, "events", "--since", "2999-01-01", **_settings(home))
    assert later.stdout == "Nothing came in since then.\n"


def test_backup_beside_a_running_service(home: Stack, tmp_path: Path) -> None:
    """A backup is made while the service runs, and a folder restored from it has the same events."""
    home.twilio.receive_sms("kept")
    home.service.wait_delivered()
    copy = tmp_path / "copy.tar.gz"
    assert command(home.folder, "data", "backup", str(copy), **_settings(home)).returncode == 0
    filled = command(home.folder, "data", "restore", str(copy), DATA_DIR=str(tmp_path / "new"))
    assert filled.returncode == 0
    listed = command(home.folder, "events", "--last", "1", DATA_DIR=str(tmp_path / "new"))
    assert listed.stdout == command(home.folder, "events", "--last", "1", **_settings(home)).stdout


def test_second_service_on_one_folder(home: Stack) -> None:
    """Two services would deliver everything twice, so the second one ends with a clear error."""
    settings = {**_settings(home), "WEBHOOK__LISTEN": "127.0.0.1:0", "ADMIN__LISTEN": "127.0.0.1:0"}
    refused = command(home.folder, "run", **settings)
    assert refused.returncode == 1
    assert "another service runs with data_dir" in refused.stderr


def test_damaged_database(home: Stack, tmp_path: Path) -> None:
    """A service with a damaged database serves, and says so until somebody has looked at it."""
    settings = {
        "THINGS": f'["{home.things}"]',
        "OPENHAB__URL": home.openhab.url,
        "MQTT__URL": home.broker.url,
        "MQTT__BASE_TOPIC": "damaged",
    }
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "twilio-binding.db").write_text("nonsense" * 100, encoding="ascii")
    with ServiceProcess(tmp_path, settings) as service:
        entry = service.dependencies()["store"]
        assert not entry["up"]
        assert "a damaged database was set aside: twilio-binding.db.damaged-" in entry["reason"]
        for aside in (tmp_path / "data").glob("*.damaged-*"):
            aside.unlink()
        assert service.dependencies()["store"] == {"up": True}


def test_admin_pages_with_a_token(home: Stack, tmp_path: Path) -> None:
    """With a token, only `/live` is public; beyond loopback, a token is required."""
    with ServiceProcess(tmp_path, {"THINGS": f'["{home.things}"]', "ADMIN__TOKEN": "t0ken"}) as service:
        for path, authorization, status in (
            ("live", "", 200),
            ("ready", "", 401),
            ("metrics", "Bearer wrong", 401),
            ("metrics", "t0ke", 401),
            ("metrics", "Bearer t0ken", 200),
        ):
            answer = requests.get(f"{service.admin_url}/{path}", headers={"Authorization": authorization}, timeout=30)
            assert answer.status_code == status, (path, authorization)
            assert "t0ken" not in answer.text
    refused = command(home.folder, "check", ADMIN__LISTEN="0.0.0.0:8766")
    assert refused.returncode == 1
    assert "set admin.token, or listen on 127.0.0.1" in refused.stderr
