"""`/ready` is correct within seconds; and what was answered is on disk, whatever happens to the files."""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.contract.signing import sign
from tests.waiting import wait_until
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess

PUBLIC = "https://my.domain.com"
PATH = "/twilio/callback/twilio:phone:myaccount:myphone/sms"


class Service(ServiceProcess):
    """A service with signed texts, and its database."""

    def __init__(self, folder: Path) -> None:
        things = json.dumps([str(SEEDS / "things" / "*.things")])
        super().__init__(
            folder, {"THINGS": things, "MQTT__URL": "mqtt://127.0.0.1:1", "OPENHAB__URL": "http://127.0.0.1:1"}
        )
        self.database = folder / "data" / "twilio-binding.db"
        self.answered: list[str] = []

    def text(self, body: str) -> int:
        """Let a text come in; returns the status of the answer."""
        sid = f"SM{len(self.answered):032x}"
        pairs = [("AccountSid", "AC" + "0" * 31 + "1"), ("MessageSid", sid), ("From", "+15557654321")]
        pairs += [("To", "+15551234567"), ("Body", body), ("NumMedia", "0")]
        headers = {"X-Twilio-Signature": sign("your_auth_token", PUBLIC + PATH, pairs)}
        status = requests.post(self.url + PATH, data=pairs, headers=headers, timeout=30).status_code
        if status == 200:
            self.answered.append(body)
        return status

    @property
    def store(self) -> dict[str, Any]:
        """What `/ready` reports about the store."""
        return dict(self.dependencies()["store"])

    def limit_files(self, size: int) -> None:
        """Limit the size of files in bytes, like a full disk; -1 for no limit."""
        assert self.process is not None
        _, most = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, most))

    def stored(self) -> list[str]:
        """The texts in the database."""
        with closing(sqlite3.connect(self.database)) as database:
            rows = database.execute("SELECT payload FROM events ORDER BY id").fetchall()
        return [json.loads(payload)["body"] for (payload,) in rows]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A running service that has received five texts."""
    with Service(tmp_path) as service:
        for number in range(5):
            assert service.text(f"before {number}") == 200
        yield service


def _others(folder: Path) -> bytes:
    with closing(sqlite3.connect(folder / "other.db")) as other:
        other.execute("CREATE TABLE other (x)")
        other.commit()
    return (folder / "other.db").read_bytes()


def _replaced(database: Path) -> None:
    beside = database.with_name("copy")
    beside.write_bytes(_others(database.parent))
    beside.replace(database)


def _cut(database: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(100)


def _beside(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _delete(database: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        _beside(database, suffix).unlink()


LOSSES: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "log deleted": lambda database: _delete(database, "-wal"),
    "index deleted": lambda database: _delete(database, "-shm"),
    "all deleted": lambda database: _delete(database, "", "-wal", "-shm"),
    "folder deleted": lambda database: shutil.rmtree(database.parent),
    "moved": lambda database: database.rename(database.with_name("moved.db")),
    "emptied": lambda database: database.write_bytes(b""),
    "cut": _cut,
    "log emptied": lambda database: _beside(database, "-wal").write_bytes(b""),
    "replaced": _replaced,
}


@pytest.mark.parametrize("loss", LOSSES)
def test_database_lost_under_the_service(service: Service, loss: str) -> None:
    """Whatever happens to the database's files, no text is answered 200 that is missing after a kill."""
    LOSSES[loss](service.database)
    for number in range(5):
        assert service.text(f"after {number}") in (200, 503)
    wait_until(lambda: service.text("again") == 200, 20, "the store to work again")
    told = service.store
    assert told["up"] or (loss == "replaced" and "set aside: twilio-binding.db.damaged-" in told["reason"])
    assert "store.lost" in service.log.read_text(encoding="utf-8")
    assert service.kill() != 0
    stored = service.stored()
    lost = {"cut", "emptied"} & {loss}
    assert [body for body in service.answered if body not in stored and not (lost and body.startswith("before"))] == []
    service.start()
    assert service.text("after the restart") == 200
    wait_until(lambda: "after the restart" in service.stored(), 5, "the text")


def test_database_lost_while_nothing_comes_in(service: Service) -> None:
    """A loss is noticed without a text: the content is at its path again within seconds."""
    service.database.unlink()
    wait_until(service.database.exists, 10, "the database")
    wait_until(lambda: service.store["up"] and service.stored() == service.answered, 10, "what was in it")


def test_full_disk(service: Service) -> None:
    """A full disk is reported within seconds, even if nothing comes in, and so is free space later."""
    assert service.store == {"up": True}
    service.limit_files(1)
    wait_until(lambda: not service.store["up"], 10, "the full disk to be told")
    assert "nothing can be stored: " in service.store["reason"]
    assert [service.text("no room") for _ in range(5)] == [503] * 5
    assert not service.store["up"]
    service.limit_files(-1)
    wait_until(lambda: service.store == {"up": True}, 10, "room")
    assert service.text("room") == 200


def test_disk_with_room_for_a_little(service: Service) -> None:
    """A disk that sometimes accepts a short write, but no text, is never reported as up."""
    service.limit_files(_beside(service.database, "-wal").stat().st_size + 5000)
    assert service.text("long " * 3000) == 503
    told = [service.store["up"] for _ in range(20) if service.text("long " * 3000) == 503]
    assert told
    assert not any(told)
    service.limit_files(-1)
    wait_until(lambda: service.store == {"up": True}, 10, "room")


@pytest.fixture(scope="module")
def up() -> Iterator[Stack]:
    """A stack with everything."""
    with stack() as up:
        yield up


def test_phone_that_is_offline(up: Stack) -> None:
    """While a phone cannot be used, `/ready` is not up."""
    good = up.things.read_text(encoding="utf-8")
    up.things.write_text(good.replace("+15551234567", "+15550001111"), encoding="utf-8")
    wait_until(
        lambda: "does not have this phone number" in up.service.dependencies()["twilio"].get("reason", ""),
        15,
        "the phone",
    )
    assert up.service.dependencies()["twilio"]["reason"].startswith("twilio:phone:myaccount:myphone: ")
    assert requests.get(f"{up.service.admin_url}/ready", timeout=30).json()["ready"] is False
    up.things.write_text(good, encoding="utf-8")
    up.service.wait_ready()
