"""Files are shown without secrets, and written all or none."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.new_files import NewFile, not_writable, without_password, write


def _file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_no_secret_of_the_file_is_shown(tmp_path: Path) -> None:
    """Secrets near a change are not shown either: tokens, passwords, PINs, and logins in URLs."""
    toml = _file(
        tmp_path / "a.toml",
        "[admin]\ntoken = 's3cret'\n[mqtt]\nurl = \"mqtt://me:s3cret@b\"\nx = 1\npassword='s3\\'cret'\n",
    )
    things = _file(
        tmp_path / "a.things", 'Bridge a [ apiKeySecret="s3\\"cret", secondaryAuthToken = "s3cret", pin="4711" ]\nold\n'
    )
    shown = NewFile(toml, toml.read_text("utf-8").replace("x = 1", "x = 2")).difference()
    assert "-x = 1\n+x = 2" in shown
    assert "s3" not in shown
    assert "mqtt://me:********@b" in shown
    shown = NewFile(things, things.read_text("utf-8").replace("old", "new")).difference()
    assert "+new" in shown
    assert "s3" not in shown and "4711" not in shown


def test_secrets_that_are_known(tmp_path: Path) -> None:
    """A secret is hidden everywhere, and a longer one before a shorter one in it."""
    shown = NewFile(tmp_path / "a", "note: abcdef and abc\n").difference(["abc", "", "abcdef"])
    assert shown.splitlines()[-1] == "+note: ******** and ********"


@pytest.mark.parametrize("password", ["p@ss", "p/ss", "p:ss", "it's", 'a"b', "@", "p%40ss"])
def test_password_in_an_address(password: str) -> None:
    """A password is hidden whole, also if it has characters that should have been escaped; nothing else is."""
    shown = without_password(f"see mqtt://me:{password}@host:1883/x and http://host:8080/a")
    assert shown == "see mqtt://me:********@host:1883/x and http://host:8080/a"


def test_all_or_none(tmp_path: Path) -> None:
    """If the last file cannot be replaced, the first is unchanged, and no temporary file is left."""
    first = _file(tmp_path / "first", "before")
    new, blocked = tmp_path / "new" / "file", tmp_path / "blocked"
    blocked.mkdir()
    with pytest.raises(SetupError, match="nothing was written"):
        write([NewFile(first, "after"), NewFile(new, "after"), NewFile(blocked, "after")])
    assert first.read_text("utf-8") == "before"
    assert not new.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocked", "first", "new"]
    assert list(new.parent.iterdir()) == []


def test_links_stay_links(tmp_path: Path) -> None:
    """Settings behind a link are written to its target."""
    real = _file(tmp_path / "dotfiles" / "real.toml", "before")
    link = tmp_path / "twilio-binding.toml"
    link.symlink_to(real)
    write([NewFile(link, "after")])
    assert link.is_symlink()
    assert real.read_text("utf-8") == "after"
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes files of others")
def test_files_of_others_stay_theirs(tmp_path: Path) -> None:
    """As root, a file keeps its owner, and a new one gets that of the folder; otherwise its user could not read it."""
    mine = _file(tmp_path / "mine" / "a.toml", "before")
    for path in (mine.parent, mine):
        os.chown(path, 65534, 65534)
    write([NewFile(mine, "after"), NewFile(mine.parent / "things" / "a.things", "new", for_openhab=True)])
    for path in (mine, mine.parent / "things", mine.parent / "things" / "a.things"):
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


def test_a_full_disk_is_told_with_the_file(tmp_path: Path) -> None:
    """On a full disk nothing is written, and the message names the file."""
    file = tmp_path / "a.toml"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, before[1]))
    try:
        with pytest.raises(SetupError) as raised:
            write([NewFile(file, "too much")])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(raised.value) == f"{file}: File too large; nothing was written"
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe, or a device such as /dev/null, is not changed, nor are the other files."""
    pipe, other = tmp_path / "pipe", _file(tmp_path / "other", "old\n")
    os.mkfifo(pipe)
    with pytest.raises(SetupError, match="pipe: it is not a regular file; nothing was written"):
        write([NewFile(other, "new\n"), NewFile(pipe, "new\n")])
    assert pipe.is_fifo()
    assert other.read_text("utf-8") == "old\n"


def _as_nobody(question: Callable[[], bool]) -> bool:
    """Run a function as a user without rights."""
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setresuid(65534, 65534, 65534)
        os._exit(0 if question() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_folders_that_may_not_be_written(tmp_path: Path) -> None:
    """A missing folder is created in its parent, so that one counts; an unreadable one is not writable."""
    assert not_writable(tmp_path, tmp_path / "new" / "folder") is None
    assert _as_nobody(lambda: not_writable(Path("/etc/none/of/ours")) == Path("/etc"))
