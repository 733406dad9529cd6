"""openHAB's conf folder, and how far it has what belongs there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from twilio_binding.installation.bundle import SETTINGS, SHARED, Bundle
from twilio_binding.protocol.errors import TwilioBindingError

_OURS = (PurePosixPath("lib/openhab_twilio"), SHARED)
"""The folders in which everything is ours."""
_FOLDERS_OF_A_CONF = ("items", "things", "rules", "services", "automation")


class InstallationError(TwilioBindingError):
    """The folder cannot be used; the text says why and what to do."""

    code = "installation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What has to be done to one file; `path` is below the conf folder."""

    path: PurePosixPath
    todo: Literal["add", "change", "remove", "nothing"]


class ConfFolder:
    """openHAB's conf folder. Raises `InstallationError` when it is none, or may not be written."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InstallationError(f"there is no folder {folder}")
        if not any((folder / name).is_dir() for name in _FOLDERS_OF_A_CONF):
            raise InstallationError(f"{folder} is not openHAB's conf folder: there is no items, things or rules in it")
        self._root = folder
        self._python = folder / "automation" / "python"

    def settings(self) -> dict[str, object]:
        """The script's settings as they are there now; empty where there are none. Raises when they cannot be read."""
        file = self._python / SETTINGS
        try:
            with _in_words(self._root):
                found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        except ValueError as error:
            raise InstallationError(f"{file} is not JSON ({error}); mend it, or delete it for a new one") from None
        if not isinstance(found, dict):
            raise InstallationError(f"{file} is not an object of JSON; mend it, or delete it for a new one")
        return found

    def compare(self, bundle: Bundle) -> list[Step]:
        """What is missing, differs or is left over from another version, in the order of doing it."""
        steps = [self._step(path, bundle.files[path]) for path in bundle.in_order]
        return [*(self._removal(path) for path in self._left_over(bundle)), *steps]

    def install(self, bundle: Bundle) -> list[Step]:
        """Bring the folder to this version; returns what was done."""
        steps = self.compare(bundle)
        with _in_words(self._root):
            for step in steps:
                self._carry_out(step, bundle)
        return steps

    def remove(self, bundle: Bundle) -> list[Step]:
        """Take away all that is ours; the script first, so that openHAB unloads it in peace."""
        found = [path for path in reversed(bundle.in_order) if (self._python / path).exists()]
        steps = [self._removal(path) for path in [*found, *self._left_over(bundle)]]
        with _in_words(self._root):
            for step in steps:
                self._carry_out(step, bundle)
            for folder in sorted(self._folders(), reverse=True):
                folder.rmdir()
        return steps

    def _step(self, path: PurePosixPath, content: bytes) -> Step:
        target = self._python / path
        shown = PurePosixPath("automation/python") / path
        if not target.is_file():
            return Step(path=shown, todo="add")
        with _in_words(self._root):
            same = target.read_bytes() == content
        return Step(path=shown, todo="nothing" if same else "change")

    def _removal(self, path: PurePosixPath) -> Step:
        return Step(path=PurePosixPath("automation/python") / path, todo="remove")

    def _left_over(self, bundle: Bundle) -> Iterator[PurePosixPath]:
        for found in sorted(path for folder in _OURS for path in (self._python / folder).rglob("*")):
            path = PurePosixPath(found.relative_to(self._python).as_posix())
            if found.is_file() and path not in bundle.files and "__pycache__" not in path.parts:
                yield path

    def _folders(self) -> Iterator[Path]:
        for ours in (self._python / folder for folder in _OURS):
            if not ours.is_dir():
                continue
            for cached in ours.rglob("__pycache__/*"):
                cached.unlink()
            yield ours
            yield from (folder for folder in ours.rglob("*") if folder.is_dir())

    def _carry_out(self, step: Step, bundle: Bundle) -> None:
        target = self._root / step.path
        if step.todo == "remove":
            target.unlink()
        elif step.todo != "nothing":
            path = step.path.relative_to("automation/python")
            # The settings hold the secret and the broker's password.
            self._write(target, bundle.files[path], mode=0o640 if path == SETTINGS else 0o644)

    def _write(self, target: Path, content: bytes, *, mode: int) -> None:
        """Replace a file whole: openHAB may be reading it. It belongs to whom the conf folder belongs to."""
        missing = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.new")
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
        for made in (beside, *missing):
            self._give_away(made)
        beside.replace(target)

    def _give_away(self, path: Path) -> None:
        owner = self._root.stat()
        if os.geteuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def _in_words(root: Path) -> Iterator[None]:
    """What the file system refuses, in words."""
    try:
        yield
    except PermissionError as error:
        text = f"{error.filename or root} may not be changed; run this as root or as openHAB's user"
        raise InstallationError(text) from None
    except OSError as error:
        raise InstallationError(f"{error.filename or root}: {error.strerror}") from None
