"""The system service: its unit, user and folders."""

from __future__ import annotations

import difflib
import grp
import os
import pwd
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from twilio_binding.settings.places import SYSTEM_DATA, SYSTEM_FILE
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.tasks import Task, command

NAME = "twilio-binding"
"""The name of the unit and of the user."""
UNIT = Path("/etc/systemd/system", f"{NAME}.service")
_PACKAGE = Path(__file__).resolve().parents[1]
_USUAL_PROGRAM = "/opt/twilio-binding/bin/twilio-binding"
_HIDDEN = tuple(Path("/", name) for name in ("home", "root", "run/user", "tmp", "var/tmp"))
_FOLDERS = (SYSTEM_FILE.parent, SYSTEM_DATA)


def this_program() -> str:
    """The command that starts this program, for a unit."""
    beside = Path(sys.executable).with_name(NAME)
    return str(beside) if beside.is_file() else f"{sys.executable} -m twilio_binding"


def unit_text(program: str) -> str:
    """The unit for a program. Raises `SetupError` if the service cannot reach the program."""
    first = Path(program.split(" ", maxsplit=1)[0])
    if not first.is_absolute() or not first.is_file():
        raise SetupError(f"the program {first} was not found; give its full path with --program")
    hidden = [path for path in _needed(first) if is_hidden(path)]
    if hidden:
        of = "" if hidden[0] == first else f", which {first} needs,"
        raise SetupError(
            f"{hidden[0]}{of} is in a folder that the unit hides from the service. Install the package for the whole machine, "
            "with the system's Python: `python3 -m venv /opt/twilio-binding`, then `/opt/twilio-binding/bin/pip install ...`. "
            "Run `setup` from there, or give another program with --program"
        )
    beside = _PACKAGE.parent / "packaging" / UNIT.name
    template = beside if beside.is_file() else _PACKAGE / "packaging" / UNIT.name
    text = template.read_text(encoding="utf-8").replace(_USUAL_PROGRAM, program)
    return (
        text.replace("#SupplementaryGroups=openhab", "SupplementaryGroups=openhab") if _has_group("openhab") else text
    )


def is_hidden(path: Path) -> bool:
    """Whether the unit hides a file from the service."""
    return any(path.is_relative_to(folder) for folder in _HIDDEN)


def _needed(program: Path) -> Iterator[Path]:
    """The files that a program needs to start: the program, the interpreter of a script, and the targets of links."""
    with program.open("rb") as file:
        first_line = file.readline(300)
    words = first_line[2:].split() if first_line.startswith(b"#!") else []
    for path in (program, *(Path(os.fsdecode(word)) for word in words[:1])):
        yield from (path, path.resolve())


def plan(program: str) -> list[Task]:
    """The remaining tasks to install the service; empty if it is installed. Raises `SetupError`."""
    if not shutil.which("systemctl"):
        raise SetupError("this machine does not have systemd; docs/installing.md has other ways to run the service")
    text = unit_text(program)
    tasks = [*_user(), *_folders(), *_unit(text)]
    return [*tasks, *(_reload() if tasks else []), *(restart() if tasks and SYSTEM_FILE.exists() else [])]


def restart() -> list[Task]:
    """Enable and start the service; without settings it would keep failing."""
    return [command("systemctl", "enable", NAME), command("systemctl", "restart", NAME)] if is_booted() else []


def _reload() -> list[Task]:
    return [command("systemctl", "daemon-reload")] if is_booted() else []


def is_installed() -> bool:
    """Whether there is a unit."""
    return UNIT.exists()


def removal() -> list[Task]:
    """The task that stops and removes the unit."""
    if not is_installed():
        return []
    stop = [command("systemctl", "disable", "--now", NAME)] if is_booted() else []
    return [*stop, Task(f"remove {UNIT}", UNIT.unlink), *_reload()]


def removal_of_user() -> list[Task]:
    """The task that removes the user, once nothing belongs to it."""
    return [command("userdel", NAME)] if _has_user() else []


def give_to_service(path: Path) -> None:
    """Give a file or folder to the service's user, if it is for the whole machine."""
    if _has_user() and os.geteuid() == 0 and any(path.is_relative_to(folder) for folder in _FOLDERS):
        entry = pwd.getpwnam(NAME)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def difference(path: Path, text: str) -> str:
    """The changes to a file as a unified diff; "" for none."""
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), str(path), str(path), lineterm="")
    return "\n".join(lines)


def _user() -> Iterator[Task]:
    if not _has_user():
        options = ("--system", "--user-group", "--no-create-home", "--home-dir", str(SYSTEM_DATA))
        yield command("useradd", *options, "--shell", "/usr/sbin/nologin", NAME)


def _folders() -> Iterator[Task]:
    for folder in _FOLDERS:
        if not _belongs(folder):
            yield Task(f"create the folder {folder}, readable only by the user {NAME}", partial(_make, folder))


def _belongs(folder: Path) -> bool:
    if not folder.is_dir() or not _has_user():
        return False
    return all(path.stat().st_uid == pwd.getpwnam(NAME).pw_uid for path in (folder, *_inside(folder)))


def _inside(folder: Path) -> list[Path]:
    """Files in the folder that belong to the service, too; root's own file of secrets does not."""
    return [path for path in folder.rglob("*") if not path.is_symlink() and path.name != "secrets.env"]


def _make(folder: Path) -> None:
    entry = pwd.getpwnam(NAME)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        for path in _inside(folder):
            os.chown(path, entry.pw_uid, entry.pw_gid)
    except OSError as error:
        raise SetupError(f"{error.filename or folder}: {error.strerror}") from None


def _unit(text: str) -> Iterator[Task]:
    if not (changes := difference(UNIT, text)):
        return

    def write() -> None:
        try:
            UNIT.parent.mkdir(parents=True, exist_ok=True)
            UNIT.write_text(text, encoding="utf-8")
            UNIT.chmod(0o644)
        except OSError as error:
            raise SetupError(f"{UNIT}: {error.strerror}") from None

    yield Task(f"write {UNIT}", write, changes if UNIT.exists() else text)


def is_booted() -> bool:
    """Whether the machine runs systemd, by systemd's own test (sd_booted)."""
    return Path("/run/systemd/system").is_dir()


def _has_user() -> bool:
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        return False
    return True


def _has_group(name: str) -> bool:
    try:
        grp.getgrnam(name)
    except KeyError:
        return False
    return True
