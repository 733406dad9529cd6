"""A data folder with unexpected content: a clear message, or a fresh start, and no traceback."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.test_readiness import Service
from tests.terminal import command
from tests.waiting import wait_until

GARBAGE: dict[str, bytes] = {
    "empty": b"",
    "zeros": b"\0" * 4096,
    "binary": bytes(range(256)) * 8,
    "text": "Grüße\n".encode(),
    "short": b"x",
    "nested": b"[" * 100_000,
    "json": b'{"boot": 1, "ahead": 1e300, "last": NaN, "globs": 5, "things": [[]]}',
}
FILES = ("relay-secret", "timeline", "things.json", "openhab-things.json", "lock", "twilio-binding.db", "media/odd")


@pytest.mark.parametrize("content", GARBAGE)
def test_nonsense_in_every_small_file(tmp_path: Path, content: str) -> None:
    """Whatever the files contain, the service starts, accepts and stores texts, and starts again."""
    data = tmp_path / "data"
    (data / "media").mkdir(parents=True)
    for name in FILES:
        (data / name).write_bytes(GARBAGE[content])
    service = Service(tmp_path)
    for number in range(2):
        with service:
            wait_until(lambda number=number: service.text(f"text {number}") == 200, 10, "a text to be taken")  # type: ignore[misc]
            assert service.store["up"] or "set aside" in service.store["reason"]
    assert service.stored() == ["text 0", "text 1"]
    assert len((data / "relay-secret").read_text(encoding="ascii")) == 48
    assert (data / "media" / "odd").read_bytes() == GARBAGE[content]
    assert "Traceback" not in service.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*FILES[:6], "twilio-binding.db-wal", "twilio-binding.db-shm"])
def test_folder_in_the_place_of_a_file(tmp_path: Path, name: str) -> None:
    """A folder with the name of one of the service's files is named, with what to do."""
    (tmp_path / "data" / name).mkdir(parents=True)
    refused = command(tmp_path, "run")
    assert refused.returncode == 1
    assert (
        f"data/{name} is not a file, and the service needs a file of that name in data_dir; move it away"
        in refused.stderr
    )
    assert "Traceback" not in refused.stderr


def test_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    """A file with the name of one of the service's folders is named, too."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "media").touch()
    refused = command(tmp_path, "run")
    assert refused.returncode == 1
    assert "data/media is not a folder, and the service needs a folder of that name in data_dir" in refused.stderr


def test_what_others_put_there_stays(tmp_path: Path) -> None:
    """Files and folders of others, such as `lost+found`, are not touched, even among pictures."""
    data = tmp_path / "data"
    for folder in ("lost+found", "media/lost+found", "mine", "twilio-binding.db.rescued", "timeline.new"):
        (data / folder).mkdir(parents=True)
    for file in ("notes.txt", "media/notes.txt", "mine/notes.txt"):
        (data / file).write_text("mine", encoding="utf-8")
    before = {path for path in data.rglob("*") if path.is_dir() or path.name == "notes.txt"}
    with Service(tmp_path) as service:
        assert service.text("Hello") == 200
    assert before <= set(data.rglob("*"))
    assert "Traceback" not in service.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("version", [0, 3, 7])
def test_database_of_another_program(tmp_path: Path, version: int) -> None:
    """A database without our tables does not make every text fail forever."""
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "twilio-binding.db")) as other:
        other.execute("CREATE TABLE notes (text)")
        other.execute(f"PRAGMA user_version = {version}")
        other.commit()
    service = Service(tmp_path)
    with service:
        assert service.text("Hello") == 200
    assert service.stored() == ["Hello"]


def _file(folder: Path) -> None:
    (folder / "data").touch()


def _link(folder: Path) -> None:
    (folder / "data").symlink_to("nothing")


def _below(folder: Path) -> None:
    (folder / "a").touch()
    (folder / "data").symlink_to("a/b")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_file, "a file has this name"),
        (_link, "it is a link to something that does not exist"),
        (_below, "it is a link to something that does not exist"),
    ],
)
def test_data_dir_that_is_no_folder(tmp_path: Path, make: object, told: str) -> None:
    """An invalid data folder is reported with the name of the setting."""
    assert callable(make)
    make(tmp_path)
    refused = command(tmp_path, "run")
    assert refused.returncode == 1
    assert "data_dir data cannot be used: " in refused.stderr
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_data_dir_whose_parents_are_missing(tmp_path: Path) -> None:
    """Missing parent folders are created, and a relative path begins in the working folder."""
    refused = command(tmp_path, "run", DATA_DIR="a/b/c", WEBHOOK__LISTEN="192.0.2.1:1")
    assert "cannot listen on 192.0.2.1:1" in refused.stderr
    assert (tmp_path / "a" / "b" / "c").is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_data_dir_of_somebody_else(tmp_path: Path) -> None:
    """A folder, or a file in it, that the service's user cannot write is named, with the user as the cause."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(0o755)
    (tmp_path / "data").mkdir(mode=0o755)
    program = "import os, pathlib, sys; from twilio_binding.store import Claim; os.setuid(65534); Claim(pathlib.Path(sys.argv[1]))"

    def told() -> str:
        arguments = [sys.executable, "-c", program, str(tmp_path / "data")]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False).stderr

    assert "cannot be used: Permission denied; the user of the service needs to write there" in told()
    (tmp_path / "data").chmod(0o777)
    (tmp_path / "data" / "relay-secret").touch(mode=0o600)
    assert "relay-secret; check its owner" in told()
