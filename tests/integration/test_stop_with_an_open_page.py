"""The end of the service while a page waits for an answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.sandbox.service_process import ServiceProcess

_CALL = "/sandbox/live/CA1"
_NOTHING = {"OPENHAB__URL": "http://127.0.0.1:9", "MQTT__URL": "mqtt://127.0.0.1:9"}


def test_the_page_of_a_call_in_the_sandbox(tmp_path: Path) -> None:
    """A page that waits for what happens in a call is cut off, and the log has no error."""
    with receiver() as sandbox:
        sandbox.answer("/sandbox/options", Answer(body='{"options": {}}', content_type="application/json"))
        sandbox.answer("/sandbox/live", Answer(body='{"calls": []}', content_type="application/json"))
        sandbox.answer(_CALL, Answer(status=0, when=threading.Event()))
        with (
            ServiceProcess(tmp_path, _NOTHING | {"TWILIO__API_URL": sandbox.url}) as service,
            ThreadPoolExecutor(1) as pool,
        ):
            first = f"{service.admin_url}/try"
            wait_until(lambda: "A phone outside" in requests.get(first, timeout=60).text, 60, "the sandbox to be seen")
            page = pool.submit(requests.get, f"{service.admin_url}/try/calls/CA1/changes", timeout=60)
            sandbox.wait(_CALL)
            assert service.stop() == 0
            with pytest.raises(requests.ConnectionError):
                page.result(60)
        log = service.log.read_text(encoding="utf-8")
        assert "http.failed" not in log and "Traceback" not in log
