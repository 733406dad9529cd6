"""The data folder: one process at a time, complete backups, and its history."""

from __future__ import annotations

import os
import stat
import tarfile
import threading
from pathlib import Path

import pytest

from tests.waiting import wait_until
from twilio_binding.model.events import Event
from twilio_binding.store import Claim, Database, DataFolderError, SqliteJournal
from twilio_binding.store.folder import DATABASE, back_up, is_in_use, restore
from twilio_binding.store.history import events, replay

THING = "twilio:phone:a:b"


def _event(payload: str, thing: str = THING) -> Event:
    return Event(thing=thing, states=(("last-sms", payload),), channel="sms-received", payload=payload, lifetime=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two events, a secret and a picture."""
    folder = tmp_path / "data"
    database = Database(folder / DATABASE)
    database.start()
    journal = SqliteJournal(database)
    journal.record(_event("one"))
    journal.record(_event("two", "twilio:phone:a:c"))
    journal.delivered("openhab", journal.pending("openhab", urgent=False, limit=1)).result()
    database.stop()
    (folder / "relay-secret").write_text("s3cret", encoding="ascii")
    (folder / "media").mkdir()
    (folder / "media" / "1").write_bytes(b"picture")
    return folder


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A second service on the same folder is refused, until the first has ended."""
    claim = Claim(tmp_path / "data")
    with pytest.raises(DataFolderError, match="another service runs with data_dir"):
        Claim(tmp_path / "data")
    claim.release()
    Claim(tmp_path / "data").release()


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    """A path that cannot be a folder is named."""
    (tmp_path / "data").write_text("x", encoding="ascii")
    with pytest.raises(DataFolderError, match="data cannot be used: File exists"):
        Claim(tmp_path / "data")


def test_backup_and_restore(folder: Path, tmp_path: Path) -> None:
    """A backup has everything that counts, only its owner can read it, and restoring gives the same."""
    copy, new = tmp_path / "copy.tar.gz", tmp_path / "new"
    assert back_up(folder, copy) == 3
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert restore(copy, new) == 3
    assert [event.payload for event in events(new / DATABASE, last=10)] == ["one", "two"]
    assert (new / "relay-secret").read_text(encoding="ascii") == "s3cret"
    assert (new / "media" / "1").read_bytes() == b"picture"


def test_backup_while_writing(folder: Path, tmp_path: Path) -> None:
    """A backup made while events arrive is consistent: each event is in it or not."""
    database = Database(folder / DATABASE)
    database.start()
    journal = SqliteJournal(database)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            journal.record(_event("more"))

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: len(events(folder / DATABASE, last=100)) > 10, 5, "the first of them")
    back_up(folder, tmp_path / "copy.tar.gz")
    over.set()
    writer.join()
    database.stop()
    restore(tmp_path / "copy.tar.gz", tmp_path / "new")
    assert [event.payload for event in events(tmp_path / "new" / DATABASE, last=10**6)][:3] == ["one", "two", "more"]


def test_restore_into_a_folder_in_use(folder: Path, tmp_path: Path) -> None:
    """A folder that is not empty is not changed."""
    back_up(folder, tmp_path / "copy.tar.gz")
    with pytest.raises(DataFolderError, match="is not empty"):
        restore(tmp_path / "copy.tar.gz", folder)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1f\x8b\x08"])
def test_restore_from_nonsense(tmp_path: Path, content: bytes) -> None:
    """A file that is not a backup is refused by name."""
    (tmp_path / "copy.tar.gz").write_bytes(content)
    with pytest.raises(DataFolderError, match="cannot be read as a copy of a data folder"):
        restore(tmp_path / "copy.tar.gz", tmp_path / "new")


def test_restore_from_something_else(tmp_path: Path) -> None:
    """An archive of other things is refused, and nothing of it is unpacked."""
    (tmp_path / "x").write_text("x", encoding="ascii")
    with tarfile.open(tmp_path / "copy.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "x", "../x")
    with pytest.raises(DataFolderError, match="is not a copy of a data folder"):
        restore(tmp_path / "copy.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new" / "x").exists()


def test_restore_of_a_file_outside(folder: Path, tmp_path: Path) -> None:
    """An archive that would write outside of the folder is refused."""
    with tarfile.open(tmp_path / "copy.tar.gz", "w:gz") as archive:
        archive.add(folder / DATABASE, DATABASE)
        archive.add(folder / "relay-secret", "../outside")
    with pytest.raises(DataFolderError, match="cannot be read"):
        restore(tmp_path / "copy.tar.gz", tmp_path / "new")
    assert not (tmp_path / "outside").exists()


def test_backup_to_what_is_no_file(folder: Path, tmp_path: Path) -> None:
    """A pipe, or a device such as /dev/null, is not replaced by a file; a missing folder is named."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DataFolderError, match="pipe is not a regular file"):
        back_up(folder, pipe)
    assert pipe.is_fifo()
    with pytest.raises(DataFolderError, match="nowhere"):
        back_up(folder, tmp_path / "nowhere" / "x.tar.gz")


def test_backup_into_the_data_folder(folder: Path, tmp_path: Path) -> None:
    """A copy in the data folder would be copied with the next one, so it is refused, also through a link."""
    (tmp_path / "link").symlink_to(folder)
    for place in (folder, tmp_path / "link"):
        with pytest.raises(DataFolderError, match="is in the data folder"):
            back_up(folder, place / "copy.tar.gz")
    assert not (folder / "copy.tar.gz").exists()


def test_whether_a_service_uses_it(tmp_path: Path) -> None:
    """It does from its claim to the release; a folder without a lock is not in use, and a lock that cannot be read tells nothing."""
    claim = Claim(tmp_path / "data")
    assert [is_in_use(tmp_path / "data"), is_in_use(tmp_path / "other")] == [True, False]
    claim.release()
    assert is_in_use(tmp_path / "data") is False
    (tmp_path / "lock").symlink_to("lock")
    assert is_in_use(tmp_path) is None


def test_backup_of_nothing(tmp_path: Path) -> None:
    """A folder without a database is not a data folder; the text says what to check."""
    with pytest.raises(DataFolderError, match="check data_dir"):
        back_up(tmp_path, tmp_path / "copy.tar.gz")


def test_events(folder: Path) -> None:
    """Events are listed with what they wait for; filtered by thing, number, and waiting."""
    first, second = events(folder / DATABASE, last=10)
    assert (first.payload, first.waits_for) == ("one", ("mqtt",))
    assert (second.payload, second.waits_for) == ("two", ("openhab", "mqtt"))
    assert events(folder / DATABASE, last=1) == [second]
    assert events(folder / DATABASE, last=10, thing=THING) == [first]
    assert events(folder / DATABASE, last=10, only_waiting=True) == [first, second]


def test_replay(folder: Path) -> None:
    """A replayed event is a new one, with the same states and trigger, for all lanes."""
    (first, _) = events(folder / DATABASE, last=10)
    again = replay(folder / DATABASE, first.id)
    assert again > first.id
    newest = events(folder / DATABASE, last=1)[0]
    assert (newest.id, newest.payload, newest.waits_for) == (again, "one", ("openhab", "mqtt"))
    database = Database(folder / DATABASE)
    database.start()
    pending = SqliteJournal(database).pending("openhab", urgent=False, limit=10)
    assert pending[-1].event.states == (("last-sms", "one"),)
    assert not pending[-1].stale
    database.stop()


def test_replay_of_nothing(folder: Path) -> None:
    """A missing event cannot be replayed."""
    with pytest.raises(DataFolderError, match="unknown event 1;"):
        replay(folder / DATABASE, 1)


def test_events_of_nothing(tmp_path: Path) -> None:
    """Without a database, or with something else in its place, there is a clear error."""
    with pytest.raises(DataFolderError, match="check data_dir"):
        events(tmp_path / DATABASE, last=1)
    (tmp_path / DATABASE).write_text("nonsense" * 100, encoding="ascii")
    with pytest.raises(DataFolderError, match="cannot be read"):
        events(tmp_path / DATABASE, last=1)
