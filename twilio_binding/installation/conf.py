"""openHAB's conf folder, compared with what should be installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from twilio_binding.installation.bundle import OLD_SCRIPTS, SETTINGS, SHARED, Bundle, is_ours, is_script
from twilio_binding.installation.files import InstallationError, in_words, replace_file

_OURS = (PurePosixPath("lib/openhab_twilio"), SHARED)
"""The folders that belong to the installation as a whole."""
_FOLDERS_OF_A_CONF = ("items", "things", "rules", "services", "automation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A task for one file; `path` is below the conf folder."""

    path: PurePosixPath
    todo: Literal["add", "change", "remove", "nothing"]


class ConfFolder:
    """openHAB's conf folder. Raises `InstallationError` if it is not one, or cannot be written."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise InstallationError(f"the folder {folder} does not exist")
        if not any((folder / name).is_dir() for name in _FOLDERS_OF_A_CONF):
            raise InstallationError(
                f"{folder} is not openHAB's conf folder: it contains no items, things or rules folder"
            )
        self._root = folder
        self._python = folder / "automation" / "python"

    def settings(self) -> dict[str, object]:
        """The current settings of the installed script; empty if there are none. Raises if they cannot be read."""
        file = self._python / SETTINGS
        try:
            with in_words(self._root):
                found = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        except ValueError as error:
            raise InstallationError(
                f"{file} is not JSON ({error}); correct it, or delete it to get a new one"
            ) from None
        if not isinstance(found, dict):
            raise InstallationError(f"{file} is not a JSON object; correct it, or delete it to get a new one")
        return found

    def compare(self, bundle: Bundle) -> list[Step]:
        """What is missing, different or left over from another version, in the order of the tasks."""
        steps = [self._step(path, bundle.files[path]) for path in bundle.in_order]
        # The old script first: openHAB must never run both.
        return [*(_removal(path) for path in (*self._old_scripts(), *self._left_over(bundle))), *steps]

    def install(self, bundle: Bundle) -> list[Step]:
        """Update the folder to this version; returns what was done."""
        steps = self.compare(bundle)
        with in_words(self._root):
            for step in steps:
                self._carry_out(step, bundle)
        return steps

    def remove(self, bundle: Bundle) -> list[Step]:
        """Remove everything that was installed; the script first, so that openHAB unloads it while its library exists."""
        found = [path for path in reversed(bundle.in_order) if (self._python / path).exists()]
        ours = [path for path in found if not is_script(path) or self._is_ours(path)]
        steps = [_removal(path) for path in (*self._old_scripts(), *ours, *self._left_over(bundle))]
        with in_words(self._root):
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
        if is_script(path) and not self._is_ours(path):
            raise InstallationError(
                f"{target} is a script of your own. The script of Twilio for openHAB needs this name; "
                "rename yours, then run this again"
            )
        with in_words(self._root):
            same = target.read_bytes() == content
        return Step(path=shown, todo="nothing" if same else "change")

    def _is_ours(self, path: PurePosixPath) -> bool:
        with in_words(self._root):
            return is_ours((self._python / path).read_bytes())

    def _old_scripts(self) -> list[PurePosixPath]:
        return [path for path in OLD_SCRIPTS if (self._python / path).is_file() and self._is_ours(path)]

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
            # The settings contain the secret and the broker's password.
            mode = 0o640 if path == SETTINGS else 0o644
            replace_file(target, bundle.files[path], mode=mode, owner=self._root.stat())


def _removal(path: PurePosixPath) -> Step:
    return Step(path=PurePosixPath("automation/python") / path, todo="remove")
