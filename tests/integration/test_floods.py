"""Floods of strangers: the log stays short and the process small, and important lines are still logged."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

from lab.processes import memory
from tests.contract.house import PHONE, PUBLIC_URL, THINGS, TOKEN
from tests.contract.signing import sign
from tests.integration.server_process import exchange
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess

_PATH = f"/twilio/callback/{PHONE}/sms"
_FORM = "application/x-www-form-urlencoded"


def _forge(connection: http.client.HTTPConnection, body: bytes, signature: str) -> int:
    connection.request("POST", _PATH, body, {"Content-Type": _FORM, "X-Twilio-Signature": signature})
    with connection.getresponse() as answer:
        answer.read()
        return answer.status


def test_refused_requests(tmp_path: Path) -> None:
    """Thousands of forged and malformed requests leave about thirty lines of each kind, and use no memory."""
    things, nobody = tmp_path / "twilio.things", free_port()
    things.write_text(THINGS, encoding="utf-8")
    settings = {
        "THINGS": json.dumps([str(things)]),
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://127.0.0.1:{nobody}",
    }
    without_sid = sign(TOKEN, PUBLIC_URL + _PATH, [("Body", "x")])
    with ServiceProcess(tmp_path, settings) as service:
        host, port = urlsplit(service.url).netloc.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=20)
        for _ in range(200):
            _forge(connection, b"Body=warm", "A" * 27 + "=")
        before = memory(service.process)
        for _ in range(1000):
            assert _forge(connection, b"Body=" + b"x" * 4000, "A" * 27 + "=") == 403
            assert _forge(connection, b"Body=x", without_sid) == 400
        connection.close()
        for _ in range(200):
            exchange((host, int(port)), b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n")
        assert memory(service.process) - before < 20
        log = service.log.read_text(encoding="utf-8")
    assert log.count("event=webhook.forged") == 30
    assert log.count("event=http.malformed") == 30
    assert "Traceback" not in log
    assert len(log) < 30_000
