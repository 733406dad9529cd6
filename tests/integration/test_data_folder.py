"""A data folder with unexpected content: a clear message, or a fresh start, and no traceback."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.doctor import only, results, settings
from tests.integration.test_readiness import Service
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.sandbox.service_process import SEEDS

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


def _file(folder: Path) -> str:
    (folder / "data").touch()
    return "File exists; a file has this name"


def _link(folder: Path) -> str:
    (folder / "data").symlink_to("nothing")
    return "File exists; it is a link to something that does not exist"


def _below(folder: Path) -> str:
    (folder / "a").touch()
    (folder / "data").symlink_to("a/b")
    return "File exists; it is a link to something that does not exist"


def _pipe(folder: Path) -> str:
    os.mkfifo(folder / "data")
    return "File exists; a file has this name"


def _circle(folder: Path) -> str:
    (folder / "data").symlink_to("data")
    return "File exists; it is a link to something that does not exist"


@pytest.mark.parametrize("make", [_file, _link, _below, _pipe, _circle])
def test_data_dir_that_is_no_folder(tmp_path: Path, make: Callable[[Path], str]) -> None:
    """An invalid data folder is reported with the name of the setting, by every command that knows it."""
    told = f"data_dir data cannot be used: {make(tmp_path)}"
    _all_say(tmp_path, told)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_file, "Not a directory; {} is a file, not a folder"),
        (_link, "File exists; {} is a link to something that does not exist"),
    ],
)
def test_data_dir_below_what_is_no_folder(tmp_path: Path, make: Callable[[Path], str], told: str) -> None:
    """The same for a folder above it; it is named."""
    make(tmp_path)
    place = tmp_path / "data"
    wanted = place / "x" / "y"
    _all_say(tmp_path, f"data_dir {wanted} cannot be used: {told.format(place)}", str(wanted))


def test_data_dir_with_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    """What the operating system says is passed on."""
    _all_say(tmp_path, "cannot be used: File name too long", "x" * 300)


def _all_say(folder: Path, told: str, data_dir: str = "data") -> None:
    """Check that `run`, `check` and the doctor name the fault, and end with 1; nothing is left behind."""
    (folder / "twilio.things").write_text((SEEDS / "things" / "twilio.things").read_text(encoding="utf-8"))
    before = sorted(folder.rglob("*"))
    for name in ("run", "check"):
        done = command(folder, name, DATA_DIR=data_dir, THINGS='["twilio.things"]')
        assert (done.returncode, told in done.stderr) == (1, True), done
        assert "Traceback" not in done.stderr
    with contextlib.chdir(folder):
        assert only(results(settings(folder, data_dir=Path(data_dir)), "data"), told).status == "failed"
    assert sorted(folder.rglob("*")) == before


def test_data_dir_whose_parents_are_missing(tmp_path: Path) -> None:
    """Missing parent folders are created, and a relative path begins in the working folder."""
    refused = command(tmp_path, "run", DATA_DIR="a/b/c", WEBHOOK__LISTEN="192.0.2.1:1")
    assert "cannot listen on 192.0.2.1:1" in refused.stderr
    assert (tmp_path / "a" / "b" / "c").is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_data_dir_of_somebody_else(tmp_path: Path) -> None:
    """A folder, or a file in it, that the service's user cannot write is named, with the user as the cause."""
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o055)  # one of them may be /tmp, which others may write
    (tmp_path / "data").mkdir(mode=0o755)
    program = (
        "import os, pathlib, sys; from twilio_binding import store; os.setuid(65534);"
        "getattr(store, sys.argv[1])(pathlib.Path(sys.argv[2]))"
    )

    def told() -> str:
        """What the service says, which is also what `check` and the doctor say."""
        said = []
        for use in ("Claim", "see_usable"):
            arguments = [sys.executable, "-c", program, use, str(tmp_path / "data")]
            said.append(subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False).stderr)
        claim, seen = (text.splitlines()[-1] for text in said)
        assert claim == seen
        return claim

    refused = told()
    assert "cannot be used: Permission denied; the user of the service needs to write there" in refused
    assert "NoAccessError" in refused  # only a note of `check`, which anybody may run
    (tmp_path / "data").chmod(0o777)
    (tmp_path / "data" / "relay-secret").touch(mode=0o600)
    assert "relay-secret; check its owner" in told()
