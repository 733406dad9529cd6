"""Headers that proxies add, on the real service: webhooks, media, and the admin pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.contract.house import PHONE, PUBLIC_URL, THINGS, TOKEN
from tests.contract.signing import sign
from tests.integration.server_process import Address, exchange
from tests.integration.test_http import HOP_BY_HOP
from tests.sids import sid
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess

_PATH = f"/twilio/callback/{PHONE}/sms"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service on its own."""
    folder: Path = tmp_path_factory.mktemp("service")
    things, nobody = folder / "twilio.things", free_port()
    things.write_text(THINGS, encoding="utf-8")
    settings = {
        "THINGS": json.dumps([str(things)]),
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://127.0.0.1:{nobody}",
    }
    with ServiceProcess(folder, settings) as up:
        yield up


def _address(url: str) -> Address:
    host, port = urlsplit(url).netloc.split(":")
    return host, int(port)


@pytest.mark.parametrize("number", range(len(HOP_BY_HOP)))
def test_whatever_a_proxy_adds(service: ServiceProcess, number: int) -> None:
    """A signed text is accepted and stored, and `/live` and `/ready` answer, whatever hop-by-hop headers are added."""
    added = "".join(f"{header.decode()}\r\n" for header in HOP_BY_HOP[number])
    form = [("MessageSid", sid("SM", number)), ("From", "+15557654321"), ("Body", "Hi")]
    body = urlencode(form)
    head = (
        f"POST {_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{added}"
        f"X-Twilio-Signature: {sign(TOKEN, PUBLIC_URL + _PATH, form)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    stored = service.metric('backlog{lane="openhab"}')
    assert exchange(_address(service.url), f"{head}{body}".encode()).startswith(b"HTTP/1.1 200 OK")
    assert service.metric('backlog{lane="openhab"}') == stored + 1
    pages = [
        exchange(_address(service.admin_url), f"GET /{page} HTTP/1.1\r\nHost: x\r\n{added}\r\n".encode())
        for page in ("live", "ready")
    ]
    assert [page[:12] for page in pages] == [b"HTTP/1.1 200", b"HTTP/1.1 503"]
