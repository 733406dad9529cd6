"""Finds the settings file, and the base of its relative paths.

The service and every command look in the same places, so that all of them mean the same data folder.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from twilio_binding.folders import means_folder
from twilio_binding.settings.values import SettingsError

IN_OPENHAB = "openhab"
"""The value of `things` that means the things in openHAB itself."""
VARIABLE = "TWILIO_BINDING_CONFIG"
_NAME = "twilio-binding.toml"
SYSTEM_FILE = Path("/etc/twilio-binding", _NAME)
SYSTEM_DATA = Path("/var/lib/twilio-binding")
"""The data folder of the system service; systemd creates it (`StateDirectory`)."""


@dataclass(frozen=True, slots=True)
class SettingsPlace:
    """A settings file, and its data folder unless the file names another."""

    file: Path
    data_dir: Path
    is_named: bool = False

    def anchored(self, values: dict[str, Any]) -> dict[str, Any]:
        """The content of the file, with relative paths made relative to the working folder; other values are unchanged."""
        values = {"data_dir": str(self.data_dir), "things": ["things/*.things"]} | values
        values["data_dir"] = self._anchored(values["data_dir"])
        if isinstance(patterns := values["things"], list):
            values["things"] = [one if one == IN_OPENHAB else self._anchored(one, glob.escape) for one in patterns]
        for section in ("openhab", "mqtt"):
            if isinstance(inner := values.get(section), dict) and "ca_file" in inner:
                values[section] = inner | {"ca_file": self._anchored(inner["ca_file"])}
        return values

    def _anchored(self, value: object, escape: Callable[[str], str] = str) -> object:
        if not isinstance(value, str) or not value or self.file.parent == Path():
            return value
        beside = str(Path(escape(str(self.file.parent)), value))
        # Earlier versions resolved paths from the working folder; a folder that exists there stays in use.
        if self.is_named and not _is_anything(beside) and _is_anything(value):
            return value
        return beside


def find(file: Path | None = None) -> SettingsPlace:
    """The settings file to use: the named one, or the first that exists; raises `SettingsError`.

    If none exists, it is the one in the working folder.
    """
    named = file or by_variable()
    if not named:
        return first()
    if not is_there(named):
        what = "is a folder; give the file in it" if named.is_dir() else "does not exist"
        by = "" if file else f"; {VARIABLE} points to it"
        raise SettingsError(f"the settings file {named} {what}{by}")
    known = (place for place in usual() if named.absolute() == place.file.absolute())
    return SettingsPlace(named, next((place.data_dir for place in known), Path("data")), is_named=True)


def by_variable() -> Path | None:
    """The settings file that the environment names; raises `SettingsError` for the name of a folder."""
    name = os.environ.get(VARIABLE, "")
    if name and means_folder(name):
        raise SettingsError(f"the settings file {name} is a folder; give the file in it; {VARIABLE} points to it")
    return Path(name) if name else None


def first() -> SettingsPlace:
    """The first of the usual settings files that exists; if none does, the one in the working folder."""
    places = usual()
    return next((place for place in places if is_there(place.file)), places[0])


def as_option(file: Path) -> str:
    """What a command line needs so that it uses this settings file: ` --config FILE`, or "" if commands find it by themselves."""
    try:
        is_found = file == (by_variable() or first().file)
    except SettingsError:  # such as for the machine's file, which this user cannot see
        is_found = False
    return "" if is_found else f" --config {quote(str(file))}"


def usual() -> tuple[SettingsPlace, ...]:
    """The default places of the settings file: working folder, user, system."""
    config, data = _of_user("XDG_CONFIG_HOME", ".config"), _of_user("XDG_DATA_HOME", ".local/share")
    return (
        SettingsPlace(Path(_NAME), Path("data")),
        SettingsPlace(config / _NAME, data),
        SettingsPlace(SYSTEM_FILE, SYSTEM_DATA),
    )


def _of_user(variable: str, usually: str) -> Path:
    folder = Path(os.environ.get(variable, ""))
    home = os.environ.get("HOME") or "/"
    return (folder if folder.is_absolute() else Path(home, usually)) / "twilio-binding"


def matching(pattern: str) -> list[str]:
    """The files and folders that match a pattern of `things`."""
    return glob.glob(pattern, recursive=True)  # noqa: PTH207 - patterns may be absolute


def _is_anything(pattern: str) -> bool:
    return bool(matching(glob.escape(pattern)) or matching(pattern))


def is_there(file: Path) -> bool:
    """Whether this settings file exists; raises `SettingsError` if that cannot be found out."""
    try:
        return file.is_file()
    except PermissionError:
        raise SettingsError(f"{file} cannot be read; run this as root or as the user of the service") from None
    except OSError as error:
        raise SettingsError(f"{str(file)[:60]} cannot be the settings file: {error.strerror}") from None
