"""Files that change while the service runs: taken over, or the last good content kept."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.accounts.configured_things import ConfiguredThings
from twilio_binding.dsl import ThingsFiles, ThingsFollower

T = TypeVar("T")
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
        self.follower = ThingsFollower(self.files)
        self.things.read_from(self.files)

    def _changed(self) -> None:
        self.changes += 1

    def write(self, name: str, text: str | bytes) -> None:
        """Replace a file like an editor."""
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
    folder.follower.stop()


def test_load(folder: Folder) -> None:
    """The files are found and read; nothing is wrong."""
    assert folder.phones == ["twilio:phone:a:b"]
    assert (folder.files.errors, folder.files.files) == ([], [folder.path / "twilio.things"])
    assert folder.changes == 1


def test_nothing_changed(folder: Folder) -> None:
    """Unchanged files change nothing and notify nobody."""
    before = folder.things.current()
    folder.files.load()
    assert folder.things.current() is before
    assert folder.changes == 1


def test_no_files(tmp_path: Path) -> None:
    """Without any file there are no things and no error; a later file is taken over."""
    folder = Folder(tmp_path)
    folder.files.load()
    assert (folder.phones, folder.files.errors, folder.files.files) == ([], [], [])
    folder.write("new.things", _account() + _phone())
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]


def test_things_in_several_files(folder: Folder) -> None:
    """A phone can be in another file than its account; files that do not match are not read."""
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
            ":2:38: missing closing quotation mark",
        ),
        (b"Bridge \xff\xfe", ":1: the file is not UTF-8; save it as UTF-8"),
        ("Bridge twilio:account:a [" * 100, ':1:33: expected "="'),
        ("\x00", ":1:1: unexpected invisible character U+0000"),
    ],
)
def test_broken_file(folder: Folder, announced: Announced, text: str | bytes, error: str) -> None:
    """A file that cannot be read keeps its last good content, and names the position of the error until it is repaired."""
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


@pytest.mark.parametrize("text", ["", "\n", " \r\n\t", "\ufeff", "\ufeff\n"])
def test_file_emptied(folder: Folder, announced: Announced, text: str) -> None:
    """An empty file does not count: an editor, or a full disk, may have left it so. Its things go when it is deleted."""
    announced(*_BROKEN)
    folder.write("twilio.things", text)
    folder.files.load()
    error = f"{folder.path / 'twilio.things'}: the file is empty; to remove its things, delete the file"
    assert (folder.phones, folder.files.errors) == (["twilio:phone:a:b"], [error])
    assert folder.things.current().kept.keys() == {"twilio:account:a", "twilio:phone:a:b"}
    (folder.path / "twilio.things").unlink()
    folder.files.load()
    assert (folder.phones, folder.files.errors, folder.things.current().kept) == ([], [], {})


def test_file_of_comments(folder: Folder) -> None:
    """A file that only contains comments removes its things."""
    folder.write("twilio.things", "/* " + _account() + " */\n// " + _phone())
    folder.files.load()
    assert (folder.phones, folder.files.errors) == ([], [])


def test_empty_from_the_start(tmp_path: Path) -> None:
    """A file that was always empty is not an error."""
    folder = Folder(tmp_path)
    folder.write("twilio.things", "")
    folder.files.load()
    assert (folder.phones, folder.files.errors) == ([], [])


def test_half_written(folder: Folder, announced: Announced) -> None:
    """A file written in pieces is taken over when it is complete, and no thing is missing meanwhile, however slow that is."""
    announced(*_BROKEN)
    whole = _account() + "".join(_phone(name) for name in "bcd")
    folder.write("twilio.things", whole)
    folder.files.load()
    path = folder.path / "twilio.things"
    for end in (0, 40, len(_account()), len(_account() + _phone()), len(whole)):
        with path.open("w", encoding="utf-8") as file:
            file.write(whole[:end].replace('"+1555', '"+1556'))
            folder.files.look()
            assert len(folder.phones) == 3
        folder.files.look()
        assert len(folder.phones) == 3
    folder.files.look()
    assert (len(folder.phones), folder.files.errors) == (3, [])
    assert {phone.phone_number for phone in folder.things.current().phones.values()} == {"+15561234567"}


def test_line_taken_away(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed things go when the file has stayed unchanged for a while; so do those of a deleted file."""
    folder.write("more.things", _phone("c") + _phone("d"))
    folder.files.load()
    folder.write("more.things", _phone("d"))
    (folder.path / "twilio.things").unlink()
    for _ in range(3):
        folder.files.look()
        assert folder.phones == ["twilio:phone:a:b", "twilio:phone:a:c", "twilio:phone:a:d"]
    folder.write("twilio.things", _account())
    monkeypatch.setattr("twilio_binding.dsl.source._SETTLED", 0.0)
    folder.files.look()
    folder.files.look()
    assert (folder.phones, folder.files.errors) == (["twilio:phone:a:d"], [])


def test_thing_moved_to_another_file(folder: Folder, announced: Announced) -> None:
    """A thing that moves to another file, or a renamed file, never makes it doubled or missing."""
    announced("things.problem")
    folder.write("b.things", _account())
    folder.write("twilio.things", _phone())
    folder.files.look()
    folder.files.look()
    assert (folder.phones, folder.things.errors) == (["twilio:phone:a:b"], [])
    (folder.path / "b.things").rename(folder.path / "c.things")
    folder.files.look()
    folder.files.look()
    assert (folder.phones, folder.things.errors) == (["twilio:phone:a:b"], [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hidden-token", ""),
        ("hidden-token", " "),
        ("+15551234567", ""),
        ("+15551234567", "15551234567"),
        (_SID, "AC1"),
        ("Thing twilio:phone:", "Thing twilio:phon:"),
        ("Bridge twilio:account:a", "Bridge twilio:acount:a"),
        ("Bridge twilio:account:a", "Bridge twilio:account:b"),
        ("phoneNumber", "phonNumber"),
    ],
)
def test_typo_that_can_be_read(folder: Folder, announced: Announced, old: str, new: str) -> None:
    """A thing that becomes unusable stays as it was, and is reported with position and reason."""
    announced("things.problem")
    before = folder.things.current()
    folder.write("twilio.things", (_account() + _phone()).replace(old, new))
    folder.files.load()
    things = folder.things.current()
    assert (things.accounts["twilio:account:a"], things.phones) == (before.accounts["twilio:account:a"], before.phones)
    assert folder.things.errors
    assert all("stays in use" in reason for reason in things.kept.values())
    assert things.kept
    folder.write("twilio.things", _account() + _phone())
    folder.files.load()
    assert (folder.things.current(), folder.things.errors) == (before, [])


def test_account_broken_and_phone_changed(folder: Folder, announced: Announced) -> None:
    """A valid change is used even if the thing's account must stay as it was."""
    announced("things.problem")
    text = (_account() + _phone()).replace("hidden-token", "").replace("+15551234567", "+15557654321")
    folder.write("twilio.things", text)
    folder.files.load()
    assert folder.things.current().phones["twilio:phone:a:b"].phone_number == "+15557654321"
    assert folder.things.current().kept.keys() == {"twilio:account:a"}
    assert len(folder.things.errors) == 1


def test_folder_that_is_away(folder: Folder, announced: Announced, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing folder, such as an unmounted share, has deleted nothing."""
    announced(*_BROKEN)
    monkeypatch.setattr("twilio_binding.dsl.source._SETTLED", 0.0)
    away = folder.path.with_name("away")
    folder.path.rename(away)
    for _ in range(3):
        folder.files.look()
    assert folder.phones == ["twilio:phone:a:b"]
    assert folder.files.errors == [
        f"{folder.path / 'twilio.things'}: cannot be read (the folder {folder.path} does not exist)"
    ]
    away.rename(folder.path)
    folder.files.look()
    folder.files.look()
    assert (folder.phones, folder.files.errors) == (["twilio:phone:a:b"], [])


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing", "link to itself"])
def test_something_else_in_the_place_of_a_file(folder: Folder, announced: Announced, kind: str) -> None:
    """Something other than a file in its place removes nothing, and blocks nothing."""
    announced(*_BROKEN)
    path = folder.path / "twilio.things"
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nothing" if kind == "link to nothing" else path.name)
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    (error,) = folder.files.errors
    assert error.startswith(f"{path}: cannot be read (")


def test_file_that_may_not_be_read(folder: Folder, announced: Announced) -> None:
    """A folder in place of a file is an error of that file only."""
    announced(*_BROKEN)
    (folder.path / "odd.things").mkdir()
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    assert folder.files.errors == [f"{folder.path / 'odd.things'}: cannot be read (Is a directory)"]


def test_bad_thing(folder: Folder, announced: Announced) -> None:
    """An unusable thing is an error with its position; a warning is not."""
    announced("things.problem")
    folder.write("twilio.things", _account() + _phone() + 'Thing twilio:phone:a:c [ phoneNumber="1", odd=1 ]')
    folder.files.load()
    assert folder.phones == ["twilio:phone:a:b"]
    assert len(folder.things.problems) == 2
    (error,) = folder.things.errors
    assert error.startswith(f"{folder.path / 'twilio.things'}:3:26: error: twilio:phone:a:c: phoneNumber: ")


def test_followed(folder: Folder) -> None:
    """A change is taken over soon, without a signal."""
    folder.follower.start()
    folder.write("twilio.things", _account() + _phone("c"))
    wait_until(lambda: folder.phones == ["twilio:phone:a:c"], 5, "the change")
    assert folder.changes == 2


def test_same_size_and_time(folder: Folder) -> None:
    """A change with the same size and time is found on request."""
    path = folder.path / "twilio.things"
    status = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("phone:a:b", "phone:a:z"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    folder.follower.start()
    folder.follower.reload()
    wait_until(lambda: folder.phones == ["twilio:phone:a:z"], 5, "the change")


def test_listener_that_fails(folder: Folder, announced: Announced) -> None:
    """A failing subscriber does not stop the following of files."""
    announced("things.failed")
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("no")

    files = ThingsFiles([str(folder.path / "*.things")], on_change=fail)
    follower = ThingsFollower(files)
    follower.start()
    wait_until(lambda: calls, 5, "the first load")
    folder.write("twilio.things", _account() + _phone("c"))
    wait_until(lambda: len(calls) == 2, 5, "the change")
    assert [node.uid for node in files.nodes] == ["twilio:account:a", "twilio:phone:a:c"]
    follower.stop()


def test_share_that_is_slow_at_the_start(folder: Folder, announced: Announced) -> None:
    """If the check of the files timed out, what an earlier process knew stays, without another call; later it is read."""
    announced("things.hanging")
    calls: list[object] = []

    def calling(function: Callable[[], T]) -> T:
        calls.append(function)
        if len(calls) == 1:
            raise TimeoutError(errno.ETIMEDOUT, "no answer")
        return function()

    files = ThingsFiles([str(folder.path / "*.things")], calling=calling)
    files.recall(folder.files.nodes)
    files.load()
    assert [node.uid for node in files.nodes] == ["twilio:account:a", "twilio:phone:a:b"]
    assert (len(calls), len(files.errors)) == (1, 1)
    assert all("no answer" in node.outdated for node in files.nodes)
    files.load()
    assert ([node.outdated for node in files.nodes], files.errors) == (["", ""], [])
    (folder.path / "twilio.things").unlink()
    files.load()
    assert files.nodes == []
