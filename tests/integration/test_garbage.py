"""The garbage that a service keeps of its start."""

from __future__ import annotations

from pathlib import Path

import pytest

from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess

_PHONES = 200


def test_nothing_is_kept_of_reading_the_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects that only served to read the things are gone when the service runs, however many things there are."""
    phones = "\n".join(f'Thing phone p{number} [ phoneNumber="+1555{number:07}" ]' for number in range(_PHONES))
    account = f'accountSid="AC{"0" * 32}", authToken="t", publicUrl="https://my.domain.com"'
    (tmp_path / "phones.things").write_text(f"Bridge twilio:account:a [ {account} ] {{\n{phones}\n}}", encoding="utf-8")
    nobody, garbage = free_port(), tmp_path / "garbage"
    settings = {
        "THINGS": '["phones.things"]',
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://127.0.0.1:{nobody}",
        "TWILIO__API_URL": f"http://127.0.0.1:{nobody}",
    }
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    service = ServiceProcess(tmp_path, settings, module="garbage_process")
    service.environment["GARBAGE"] = str(garbage)
    with service:
        assert int(garbage.read_text("utf-8")) < 10 * _PHONES
