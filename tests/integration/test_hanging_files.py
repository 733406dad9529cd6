"""A share behind `things` that hangs: opening a file of it waits in the operating system."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.contract.house import THINGS
from tests.integration.server_process import exchange
from tests.waiting import limit, wait_until
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.service_process import ServiceProcess

_LIVE = b"GET /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@contextmanager
def hanging(path: Path) -> Iterator[None]:
    """Make opening the file wait: we hold a lease on it, and do not release it while the system waits."""
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    held = os.open(path, os.O_RDWR)
    try:
        fcntl.fcntl(held, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        yield
    finally:
        os.close(held)
        signal.signal(signal.SIGIO, before)


def _service(folder: Path) -> ServiceProcess:
    nobody = free_port()
    settings = {
        "THINGS": json.dumps([str(folder / "twilio.things")]),
        "OPENHAB__URL": f"http://127.0.0.1:{nobody}",
        "MQTT__URL": f"mqtt://127.0.0.1:{nobody}",
    }
    return ServiceProcess(folder, settings)


@pytest.mark.parametrize("when", ["at the start", "later"])
def test_share_that_hangs(tmp_path: Path, when: str) -> None:
    """The service starts, answers, names what hangs, ends in time, and reads the file afterwards."""
    things = tmp_path / "twilio.things"
    things.write_text(THINGS, encoding="utf-8")
    service = _service(tmp_path)
    if when == "later":
        service.start()
        things.write_text(THINGS.replace("My Twilio Number", "Another"), encoding="utf-8")
    with hanging(things):
        if when == "at the start":
            service.start()
        host, port = urlsplit(service.admin_url).netloc.split(":")

        def told() -> bool:
            began = time.monotonic()
            assert exchange((host, int(port)), _LIVE).endswith(b"alive\n")
            assert time.monotonic() - began < 5
            return "network share may hang" in str(service.dependencies()["things"].get("reason"))

        wait_until(told, 15, "the hanging share to be told")
        if when == "later":
            began = time.monotonic()
            assert service.stop() == 0
            assert time.monotonic() - began < limit(12)
    if when == "at the start":
        wait_until(lambda: service.dependencies()["things"]["up"], 15, "the file to be read")
        assert service.stop() == 0
    assert "Traceback" not in service.log.read_text(encoding="utf-8")
