"""The rule of docs/habapp.md in the real HABApp from the package index."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.standins.stack import Stack
from tests.mqtt_service import somebody
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
HABAPP = ROOT / ".venv-habapp" / "bin" / "habapp"
PAGE = (ROOT / "docs" / "habapp.md").read_text(encoding="utf-8")
LISTENER = "twilio/listener/habapp"
GREETING = "Welcome home. Press 1 for the door."

pytestmark = pytest.mark.skipif(not HABAPP.exists(), reason="HABApp is not installed here; tools/habapp.sh installs it")


def block(language: str) -> str:
    """The code block on the page."""
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture
def habapp(shared_stack: Stack, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """HABApp with the page's configuration and rule, announced; it has no openHAB."""
    config = block("yaml").replace("1883", str(shared_stack.broker.port)) + "openhab:\n  connection:\n    url: ''\n"
    (tmp_path / "config.yml").write_text(config, encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "phone.py").write_text(block("python"), encoding="utf-8")
    log = tmp_path / "log" / "HABApp.log"
    with somebody(shared_stack.broker.url, LISTENER) as (_, heard):
        process = subprocess.Popen([HABAPP, "-c", tmp_path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: heard, 30, "HABApp to announce itself")
            yield process
        finally:
            process.terminate()
            process.wait(20)
    assert "Error" not in log.read_text(encoding="utf-8")


@pytest.mark.usefixtures("habapp")
def test_rule_answers_calls_and_texts(shared_stack: Stack) -> None:
    """The first caller hears the rule's menu, and a key and a text are answered, also after a restart of the service."""
    twilio, service = shared_stack.twilio, shared_stack.service
    assert twilio.call(["1"]).said == [GREETING, "The front door is closed."]
    service.stop()
    service.start()
    service.wait_ready()
    assert twilio.call(["1"]).said == [GREETING, "The front door is closed."]
    twilio.receive_sms("hello", sender="+15557654321")
    (answer,) = wait_until(lambda: [one for one in twilio.messages() if one["direction"] == "outbound-api"])
    assert (answer["to"], answer["body"]) == ("+15557654321", "All doors are closed.")
