"""Under any limit for open files, every caller is answered: held if possible, otherwise with the default immediately."""

from __future__ import annotations

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.contract.house import PHONE, PUBLIC_URL, THINGS, TOKEN
from tests.contract.signing import sign
from tests.integration.server_process import exchange
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess

_PATH = f"/twilio/callback/{PHONE}/voice"


def _settings(folder: Path) -> dict[str, str]:
    nobody = free_port()
    things = folder / "twilio.things"
    waiting = 'phoneNumber="+15551234567", responseTimeout=3, waitForRule="always"'
    things.write_text(THINGS.replace('phoneNumber="+15551234567"', waiting), encoding="utf-8")
    return {
        "THINGS": f'["{things}"]',
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://127.0.0.1:{nobody}",
    }


def _call(number: int) -> bytes:
    """A signed call, as bytes."""
    form = [("CallSid", f"CA{number:032x}"), ("From", f"+1555{number:07}"), ("CallStatus", "ringing")]
    body = urlencode(form).encode()
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Twilio-Signature: {sign(TOKEN, PUBLIC_URL + _PATH, form)}\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("256:256", "event=files.limited .*open_files=256 needed=2700 max_held=102 configured=2000"),
        ("256:4096", "event=files.limit_raised .*open_files=2700"),
    ],
)
def test_more_callers_than_open_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str) -> None:
    """The soft limit is raised as far as possible, the log says what is possible, and every caller gets an answer."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    service = ServiceProcess(tmp_path, _settings(tmp_path), module="few_files")
    service.environment = {"NOFILE": limit}
    with service, ThreadPoolExecutor(300) as pool:
        host, port = urlsplit(service.url).netloc.split(":")
        answers = list(pool.map(lambda number: exchange((host, int(port)), _call(number), timeout=14), range(300)))
        lines = service.log.read_text(encoding="utf-8")
    assert re.search(told, lines), lines[:2000]
    assert [answer[:15] for answer in answers] == [b"HTTP/1.1 200 OK"] * 300
    assert all(b"Press any key" in answer for answer in answers)
    assert "Traceback" not in lines


def test_idle_connections_and_the_pages_of_operators(tmp_path: Path) -> None:
    """Silent connections to the admin pages do not keep `/live` from answering within a second."""
    with ServiceProcess(tmp_path, _settings(tmp_path)) as service, ExitStack() as cleanup:
        host, port = urlsplit(service.admin_url).netloc.split(":")
        for number in range(60):
            idle = cleanup.enter_context(socket.create_connection((host, int(port)), timeout=30))
            idle.sendall(b"" if number % 2 else b"GET /live HTTP/1.1\r\n")
        started = time.monotonic()
        answer = exchange((host, int(port)), b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\n\r\n")
        assert answer.endswith(b"alive\n")
        assert time.monotonic() - started < 4
