"""`.things` files that are saved, emptied, broken and mistyped while the service runs: no thing is missing for a moment."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.waiting import let_pass, wait_until
from twilio_binding.mqtt import Client
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess

GOOD = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")
MORE = GOOD.replace("\n}", '\n    Thing phone second "Second" [ phoneNumber="+15557654321" ]\n}')


class Service:
    """A service with one file, and what Twilio would see of its phone."""

    def __init__(self, folder: Path, broker: BrokerProcess) -> None:
        self.file = folder / "twilio.things"
        self.file.write_text(GOOD, encoding="utf-8")
        settings = {"THINGS": json.dumps([str(self.file)]), "MQTT__URL": broker.url, "MQTT__BASE_TOPIC": folder.name}
        self.service = ServiceProcess(folder, settings)
        self._broker, self._base = broker, folder.name

    def ask(self, phone: str = "myphone") -> str:
        """The answer to an unsigned webhook."""
        url = f"{self.service.url}/twilio/callback/twilio:phone:myaccount:{phone}/sms"
        return requests.post(url, data={"a": "b"}, timeout=20).text

    def knows(self, phone: str) -> bool:
        """Whether Twilio would find the phone."""
        return self.ask(phone) == "Invalid signature"

    @property
    def told(self) -> dict[str, Any]:
        """What `/ready` reports about the things."""
        return dict(self.service.dependencies()["things"])

    def shown(self) -> dict[str, str]:
        """What the list of things says about each."""
        with Client(self._broker.url, base=self._base, timeout=30) as client:
            things = json.loads(client.retained(client.topics.things) or b"[]")
        return {thing["uid"]: thing["description"] for thing in things}

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """Wrong answers to requests without a pause."""
        wrong: list[str] = []
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                answer = self.ask()
                if answer != "Invalid signature":
                    wrong.append(answer)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            yield wrong
        finally:
            over.set()
            asking.join()


@pytest.fixture
def service(tmp_path: Path, broker: BrokerProcess) -> Iterator[Service]:
    """A running service."""
    service = Service(tmp_path, broker)
    with service.service:
        yield service


def _truncates_then_writes(file: Path) -> None:
    with file.open("w", encoding="utf-8") as written:
        let_pass(1.5)
        written.write(MORE[:30])
        written.flush()
        let_pass(1.5)
        written.write(MORE[30:])


def _deletes_then_writes(file: Path) -> None:
    file.unlink()
    let_pass(1.2)
    file.write_text(MORE, encoding="utf-8")


def _replaces(file: Path) -> None:
    beside = file.with_name(".twilio.things.swp")
    beside.write_text(MORE, encoding="utf-8")
    file.rename(file.with_name("twilio.things~"))
    beside.rename(file)


@pytest.mark.parametrize("save", [_truncates_then_writes, _deletes_then_writes, _replaces])
def test_saved_by_an_editor(service: Service, save: Callable[[Path], None]) -> None:
    """However an editor saves a file, its phones always exist, and a new one appears."""
    with service.watched() as wrong:
        save(service.file)
        wait_until(lambda: service.knows("second"), 30, "the second phone")
    assert wrong == []
    wait_until(lambda: service.told == {"up": True}, 10, "everything to be right")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "twilio.things: the file is empty; to remove its things, delete the file"),
        (GOOD[:100], "twilio.things:1:"),
        (GOOD.replace("your_auth_token", ""), "twilio:account:myaccount: authToken: Auth Token is required"),
        (GOOD.replace("+15551234567", ""), "twilio:phone:myaccount:myphone: phoneNumber: Phone number is required"),
        (GOOD.replace("Thing phone", "Thing phon"), "unknown thing type twilio:phon"),
    ],
)
def test_mistake(service: Service, text: str, reason: str) -> None:
    """A mistake in a file removes nothing, also across a restart; `/ready`, the log and the list of things name it."""
    kept = "still in use with their last good configuration: twilio:"
    with service.watched() as wrong:
        service.file.write_text(text, encoding="utf-8")
        wait_until(lambda: reason in str(service.told.get("reason")) and kept in service.told["reason"], 30, reason)
    assert wrong == []
    assert reason in service.service.log.read_text(encoding="utf-8")
    wait_until(lambda: any("stays in use" in text for text in service.shown().values()), 30, "the list of things")
    assert service.service.kill() != 0
    service.service.start()
    assert service.knows("myphone")
    wait_until(lambda: reason in str(service.told.get("reason")), 10, reason)
    service.file.write_text(MORE, encoding="utf-8")
    wait_until(lambda: service.knows("second"), 30, "the repaired file")
    wait_until(lambda: service.told == {"up": True}, 10, "everything to be right")
    assert "your_auth_token" not in service.service.log.read_text(encoding="utf-8")


def test_taken_away_on_purpose(service: Service) -> None:
    """Deleting a line or a file removes its things."""
    service.file.write_text(MORE, encoding="utf-8")
    wait_until(lambda: service.knows("second"), 30, "the second phone")
    service.file.write_text(GOOD, encoding="utf-8")
    wait_until(lambda: not service.knows("second"), 30, "the second phone to go")
    assert service.knows("myphone")
    service.file.unlink()
    wait_until(lambda: not service.knows("myphone"), 30, "the last phone to go")
    wait_until(lambda: "no file matches" in str(service.told.get("reason")), 10, "the reason")
    service.service.stop()
    service.service.start()
    assert not service.knows("myphone")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"globs": 1}', b"[" * 100_000])
def test_kept_copy_that_is_nonsense(tmp_path: Path, broker: BrokerProcess, content: bytes) -> None:
    """Stored copies of broken files are only used while the files are broken."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "things.json").write_bytes(content)
    service = Service(tmp_path, broker)
    with service.service:
        assert service.knows("myphone")
        assert "Traceback" not in service.service.log.read_text(encoding="utf-8")
    assert (tmp_path / "data" / "things.json").stat().st_mode & 0o777 == 0o600
