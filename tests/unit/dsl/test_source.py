"""Files that change while the house runs: taken over, or the last good state kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.dsl import ThingsFiles
from twilio_binding.flows.configured import ConfiguredThings

_SID = "AC" + "1" * 32
_BROKEN = ("things.broken_file", "things.problem")


def _account(name: str = "a") -> str:
    return f'Bridge twilio:account:{name} [ accountSid="{_SID}", authToken="hidden-token" ]\n'


def _phone(name: str = "b", *, account: str = "a") -> str:
    return f'Thing twilio:phone:{account}:{name} [ phoneNumber="+15551234567" ]\n'


class Folder:
    """A folder of `.things` files, followed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.changes = 0
        self.things = ConfiguredThings(on_change=self._changed)
        self.files = ThingsFiles([str(path / "*.things")], on_change=self.things.take_over)
        self.things.read_from(self.files)

    def _changed(self) -> None:
        self.changes += 1

    def write(self, name: str, text: str | bytes) -> None:
        """Replace a file the way editors do."""
        beside = self.path / f".{name}.new"
        beside.write_bytes(text if isinstance(text, bytes) else text.encode())
        beside.replace(self.path / name)

    @property
    def phones(self) -> list[str]:
        """The UIDs of the usable phones."""
        return sorted(self.things.current().phones)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A folder with one good file, loaded."""
    folder = Folder(tmp_path)
    folder.write("twilio.things", _account() + _phone())
    folder.files.load()
    yield folder
    folder.files.stop()


def test_load(folder: Folder) -> None:
    """The files are found and read; nothing is wrong."""
    assert folder.phones == ["twilio:phone:a:b"]
    assert (folder.files.errors, folder.files.files) == ([], [folder.path / "twilio.things"])
    assert folder.changes == 1


def test_nothing_changed(folder: Folder) -> None:
    """Looking again at the same files changes nothing and tells nobody."""
    before = folder.things.current()
    folder.files.load()
    assert folder.things.current() is before
    assert folder.changes == 1


def test_no_files(tmp_path: Path) -> None:
    """Without any file there is nothing, and no error; a file that comes later is taken over."""
    folder = Folder(tmp_path)
    folder.files.load()
    assert (folder.phones, folder.files.errors, folder.files.files) == ([], [], [])
    folder.write("new.things", _account() + _phone())
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]


def test_things_in_several_files(folder: Folder) -> None:
    """A phone may stand in another file than its account; files that are not named are not read."""
    folder.write("more.things", _phone("c"))
    folder.write("other.txt", _phone("d"))
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b", "twilio:phone:a:c"]
    (folder.path / "more.things").unlink()
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    assert folder.changes == 3


def test_changed_file(folder: Folder) -> None:
    """A changed file is taken over as a whole."""
    folder.write("twilio.things", _account() + _phone("c"))
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:c"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            _account() + 'Thing twilio:phone:a:b [ phoneNumber="+1',
            ":2:38: this text has no closing quotation mark",
        ),
        (b"Bridge \xff\xfe", ":1: this is not UTF-8; save the file in that encoding"),
        ("Bridge twilio:account:a [" * 100, ':1:33: expected "="'),
        ("\x00", ":1:1: the invisible character U+0000 stands here"),
    ],
)
def test_broken_file(folder: Folder, announced: Announced, text: str | bytes, error: str) -> None:
    """A file that cannot be read keeps what it last said, says where it is broken, and is well when it is repaired."""
    announced(*_BROKEN)
    folder.write("twilio.things", text)
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    assert folder.files.errors == [f"{folder.path / 'twilio.things'}{error}"]
    assert "hidden-token" not in folder.files.errors[0]
    folder.write("twilio.things", _account() + _phone("c"))
    folder.files.load()
    assert (folder.phones, folder.files.errors) == (["twilio:phone:a:c"], [])


def test_broken_beside_changed(folder: Folder, announced: Announced) -> None:
    """While one file is broken, changes of the others are taken over."""
    announced(*_BROKEN)
    folder.write("more.things", _phone("c"))
    folder.files.load()
    folder.write("more.things", "nonsense")
    folder.write("twilio.things", _account() + _phone("d"))
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:c", "twilio:phone:a:d"]
    (folder.path / "more.things").unlink()
    folder.files.load()
    assert (folder.phones, folder.files.errors) == (["twilio:phone:a:d"], [])


def test_broken_from_the_start(tmp_path: Path, announced: Announced) -> None:
    """A file that never was good has no things, and says so."""
    announced(*_BROKEN)
    folder = Folder(tmp_path)
    folder.write("twilio.things", "nonsense")
    folder.files.load()
    assert folder.phones == []
    assert len(folder.files.errors) == 1


def test_file_emptied(folder: Folder) -> None:
    """An emptied file is a good one: its things are gone."""
    folder.write("twilio.things", "")
    folder.files.load()
    assert (folder.phones, folder.files.errors) == ([], [])


def test_file_that_may_not_be_read(folder: Folder, announced: Announced) -> None:
    """A folder in the place of a file is an error of that file only."""
    announced(*_BROKEN)
    (folder.path / "odd.things").mkdir()
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    assert folder.files.errors == [f"{folder.path / 'odd.things'}: cannot be read (Is a directory)"]


def test_bad_thing(folder: Folder, announced: Announced) -> None:
    """A thing that cannot be used is an error with its place; a warning is none."""
    announced("things.problem")
    folder.write("twilio.things", _account() + _phone() + 'Thing twilio:phone:a:c [ phoneNumber="1", odd=1 ]')
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    assert len(folder.things.problems) == 2
    (error,) = folder.things.errors
    assert error.startswith(f"{folder.path / 'twilio.things'}:3:26: error: twilio:phone:a:c: phoneNumber: ")


def test_followed(folder: Folder) -> None:
    """A change is taken over without a word, soon."""
    folder.files.start()
    folder.write("twilio.things", _account() + _phone("c"))
    wait_until(lambda: folder.phones == ["twilio:phone:a:c"], 5, "the change")
    assert folder.changes == 2


def test_same_size_and_time(folder: Folder) -> None:
    """A change that leaves size and time as they were is seen on demand."""
    path = folder.path / "twilio.things"
    status = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("phone:a:b", "phone:a:z"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    folder.files.start()
    folder.files.reload()
    wait_until(lambda: folder.phones == ["twilio:phone:a:z"], 5, "the change")


def test_listener_that_fails(folder: Folder, announced: Announced) -> None:
    """Somebody who fails on a change does not end the following of files."""
    announced("things.failed")
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("no")

    files = ThingsFiles([str(folder.path / "*.things")], on_change=fail)
    files.start()
    wait_until(lambda: calls, 5, "the first load")
    folder.write("twilio.things", _account() + _phone("c"))
    wait_until(lambda: len(calls) == 2, 5, "the change")
    assert [node.uid for node in files.nodes] == ["twilio:account:a", "twilio:phone:a:c"]
    files.stop()
