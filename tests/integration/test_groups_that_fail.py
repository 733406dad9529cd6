"""Contacts and alarms that cannot be started: the service starts, serves the rest, reports it, and tries again."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.integration.alarm_home import ADA, BOB, AlarmHome, alarm_home, uid
from tests.terminal import command
from tests.waiting import wait_until

STRANGER = "+15550001111"


@pytest.fixture
def home() -> Iterator[AlarmHome]:
    """Two alerting alarms, and a stopped service."""
    with alarm_home(
        'fire "Fire" [ steps="text ada; wait 1s; text bob; wait 10m", message="Smoke" ]',
        'water "Water" [ steps="text ada; wait 10m", message="Wet" ]',
    ) as up:
        for alarm in ("fire", "water"):
            up.ask(alarm, "startAlarm")
        wait_until(lambda: up.texts(BOB, "Fire") and up.texts(ADA, "Water"))
        assert up.stack.service.stop() == 0
        yield up


def _without_alarms(folder: Path) -> Path:
    """A folder for PYTHONPATH with which the group cannot be loaded while the returned file exists, like with a broken disk."""
    hindrance = folder / "broken"
    hindrance.touch()
    (folder / "sitecustomize.py").write_text(
        f"""
import os, sys

class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "twilio_binding.app.alarms" and os.path.exists({str(hindrance)!r}):
            raise OSError("input/output error")

sys.meta_path.insert(0, Broken())
""",
        encoding="utf-8",
    )
    return hindrance


def test_the_rest_is_served(home: AlarmHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts reach openHAB, pages and the doctor show the problem, requests for alarms are refused; later everything works."""
    service = home.stack.service
    hindrance = _without_alarms(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    service.start()
    service.wait_ready("openhab", "mqtt", "store", "twilio")
    entry = service.dependencies()["things"]
    assert not entry["up"] and "alarms or commands by text and phone could not be started" in entry["reason"]
    home.twilio.receive_sms("anybody there?", sender=STRANGER)
    wait_until(lambda: "anybody there?" in home.openhab.states("TwilioLastMessage"))
    assert not home.ask("fire", "startAlarm")
    pages = [requests.get(f"{service.admin_url}{path}", timeout=30) for path in ("/", "/alarms", "/live")]
    assert [page.status_code for page in pages] == [200, 200, 200]
    listen = service.admin_url.removeprefix("http://")
    doctor = command(home.stack.folder, "doctor", MQTT__URL=home.stack.broker.url, ADMIN__LISTEN=listen)
    assert "could not be started" in " ".join(doctor.stdout.split())
    assert "things.not_taken_up" in service.log.read_text(encoding="utf-8")

    hindrance.unlink()
    assert service.process is not None
    service.process.send_signal(signal.SIGHUP)
    service.wait_ready()
    assert "Danke" in home.reply("1 1", sender=BOB)
    home.wait_state("fire", "acknowledged")


def test_a_damaged_run_takes_no_other_with_it(home: AlarmHome) -> None:
    """The run is named in the log, and its alarm can be started again."""
    service = home.stack.service
    (file,) = (home.stack.folder / "data").glob("*.db")
    with closing(sqlite3.connect(file, timeout=20)) as connection, connection:
        connection.execute("UPDATE alarm_records SET body = '{' WHERE alarm = ? AND kind = 'started'", (uid("water"),))
    service.start()
    service.wait_ready()
    assert f"alarm.not_restored logger=twilio_binding.alarms.runs thing={uid('water')}" in service.log.read_text(
        "utf-8"
    )
    before = len(home.texts(ADA, "Water"))
    home.ask("water", "startAlarm", message="Wet again")
    wait_until(lambda: len(home.texts(ADA, "Water")) > before)
    assert "Danke" in home.reply("1 1", sender=BOB)
    home.wait_state("fire", "acknowledged")
