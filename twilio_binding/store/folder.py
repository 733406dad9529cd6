"""The data folder: used by one process at a time, with backups that are complete."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePosixPath

from twilio_binding.folders import nearest
from twilio_binding.protocol.errors import TwilioBindingError

DATABASE = "twilio-binding.db"
_LOCK = "lock"
_MACHINE = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_FILES = (
    DATABASE,
    f"{DATABASE}-wal",
    f"{DATABASE}-shm",
    _LOCK,
    "relay-secret",
    "timeline",
    "things.json",
    "openhab-things.json",
)
_FOLDERS = ("media",)
_NOT_COPIED = (DATABASE, _LOCK)


class DataFolderError(TwilioBindingError):
    """The data folder, or a backup of it, cannot be used; the text says why and what to do."""

    code = "data_folder"


class NoDataError(DataFolderError):
    """The data folder is empty: no service has run with it."""


class NoAccessError(DataFolderError):
    """The data folder is another user's."""


class Claim:
    """The right to use a data folder; it ends with `release`, or with the process."""

    def __init__(self, folder: Path) -> None:
        """Raises `DataFolderError` if another process uses the folder, or it cannot be written."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _see_kinds(folder)
            self._file = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unusable(folder, error) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise DataFolderError(f"another service runs with data_dir {folder}; stop it, or choose another") from None

    @property
    def identity(self) -> str:
        """An id that distinguishes this folder from all others, and from copies of it on other machines."""
        place = os.fstat(self._file)
        parts = (*(_text_of(file) for file in _MACHINE), os.uname().nodename, place.st_dev, place.st_ino)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def release(self) -> None:
        """Release the folder."""
        os.close(self._file)


def _text_of(file: Path) -> str:
    with suppress(OSError, ValueError):
        return file.read_text(encoding="ascii").strip()
    return ""


def _see_kinds(folder: Path) -> None:
    """Raise `DataFolderError` if a folder has the name of one of our files, a file that of a folder, or we cannot use it."""
    for name in (*_FILES, *_FOLDERS):
        path = folder / name
        if not path.exists():
            continue
        wanted = "folder" if name in _FOLDERS else "file"
        if not (path.is_dir() if wanted == "folder" else path.is_file()):
            raise DataFolderError(
                f"{path} is not a {wanted}, and the service needs a {wanted} of that name in data_dir; move it away"
            )
        if not os.access(path, os.R_OK | os.W_OK):
            raise DataFolderError(f"the user of the service cannot read and write {path}; check its owner")


def see_usable(folder: Path) -> None:
    """Raise `DataFolderError`, as `Claim` would, if a service of this user could not use the folder; changes nothing."""
    try:
        place = nearest(folder)
        if not place.is_dir():
            is_above = place != folder and place.exists()
            raise _os_error(errno.ENOTDIR if is_above else errno.EEXIST)
        if not os.access(place, os.W_OK | os.X_OK):
            raise _os_error(errno.EROFS if os.statvfs(place).f_flag & os.ST_RDONLY else errno.EACCES)
        _see_kinds(folder)
    except OSError as error:
        raise _unusable(folder, error) from None


def _os_error(code: int) -> OSError:
    return OSError(code, os.strerror(code))


def _unusable(folder: Path, error: OSError) -> DataFolderError:
    kind = NoAccessError if isinstance(error, PermissionError) else DataFolderError
    return kind(f"data_dir {folder} cannot be used: {error.strerror}{_hint(folder, error)}")


def _hint(folder: Path, error: OSError) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        place = nearest(folder)
        if not place.exists():
            return f"; {'it' if place == folder else place} is a link to something that does not exist"
        return "; a file has this name" if place == folder else f"; {place} is a file, not a folder"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "; the user of the service needs to write there"
    return ""


def back_up(folder: Path, target: Path) -> int:
    """Write a copy of the folder to `target` (.tar.gz), whether or not the service is running; returns the number of files."""
    database = folder / DATABASE
    if not database.is_file():
        raise NoDataError(f"there is no {DATABASE} in {folder}; check data_dir")
    if target.exists() and not target.is_file():
        raise DataFolderError(f"{target} is not a regular file; name one, such as backup.tar.gz")
    if target.resolve().is_relative_to(folder.resolve()):
        raise DataFolderError(
            f"{target} is in the data folder, so that later copies would contain this one; write it elsewhere"
        )
    if not target.parent.is_dir():
        raise DataFolderError(f"there is no folder {target.parent}")
    beside = target.with_name(f".{target.name}.new")
    with _in_words(target), tempfile.TemporaryDirectory(dir=target.parent, prefix=".twilio-binding-") as room:
        snapshot = Path(room) / DATABASE
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(snapshot)) as copy:
            source.backup(copy)
        others = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _is_passing(path, folder)]
        beside.touch(mode=0o600)  # it contains message texts and secrets
        with tarfile.open(beside, "w:gz") as archive:
            archive.add(snapshot, DATABASE)
            for path in others:
                archive.add(path, path.relative_to(folder).as_posix())
        beside.replace(target)
    return len(others) + 1


def restore(source: Path, folder: Path) -> int:
    """Fill an empty data folder from a copy; returns the number of files."""
    if folder.exists() and any(path.name not in (_LOCK, "lost+found") for path in folder.iterdir()):
        raise DataFolderError(f"{folder} is not empty; move what is in it elsewhere first")
    with _in_words(source):
        claim = Claim(folder)
        try:
            with tarfile.open(source, "r:gz") as archive:
                members = [member for member in archive.getmembers() if member.isfile()]
                if DATABASE not in (member.name for member in members):
                    raise DataFolderError(f"{source} is not a copy of a data folder: it contains no {DATABASE}")
                archive.extractall(folder, members=members, filter="data")
        finally:
            claim.release()
    return len(members)


def is_in_use(folder: Path) -> bool | None:
    """Whether a service uses the folder now; None if this user cannot tell. Changes nothing."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return True if isinstance(error, BlockingIOError) else None
    finally:
        os.close(lock)
    return False


def may_be_data(folder: Path) -> bool:
    """Whether a folder is that of a service: it has the database or the secret of one, or only other files of one.

    A folder `media` alone may be anybody's. True if this user cannot see.
    """
    try:
        inside = list(folder.iterdir())
    except PermissionError:
        return True
    is_claimed = any(path.name in (DATABASE, "relay-secret") for path in inside)
    return is_claimed or all(_is_ours(path) and path.name not in _FOLDERS for path in inside)


def erase(folder: Path) -> list[Path]:
    """Delete the files of services in a folder, and the folder if it is then empty; returns what is left.

    Raises `DataFolderError` while a service uses it.
    """
    if not folder.is_dir():
        return []
    claim = Claim(folder)
    try:
        with _in_words(folder):
            for path in [path for path in folder.iterdir() if _is_ours(path)]:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
            left = sorted(folder.iterdir())
            if not left and not folder.is_symlink():
                folder.rmdir()
    finally:
        claim.release()
    return left


def _is_ours(path: Path) -> bool:
    known = path.name in (*_FILES, *_FOLDERS, "openhab-has-script")
    # An interrupted service, `install` or doctor leaves files that it has not renamed or deleted yet.
    known = known or path.name.startswith((f"{DATABASE}.", "relay-secret."))
    return known or (path.name.endswith(".new") and path.name.startswith((*_FILES, "doctor-")))


def _is_passing(path: Path, folder: Path) -> bool:
    """Whether a file is copied in another way, or only matters to the running process."""
    name = PurePosixPath(path.relative_to(folder).as_posix()).name
    return name in _NOT_COPIED or name.startswith((f"{DATABASE}-", ".")) or name.endswith(".new")


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError) as error:
        raise DataFolderError(f"{path} cannot be read as a copy of a data folder ({error})") from None
    except OSError as error:
        raise DataFolderError(f"{error.filename or path}: {error.strerror or error}") from None
    except sqlite3.Error as error:
        raise DataFolderError(f"the database cannot be copied ({error})") from None
