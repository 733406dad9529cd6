"""The answers that existing files already contain."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from twilio_binding.model.things import Things
from twilio_binding.settings import Settings, SettingsError, load
from twilio_binding.settings.loading import load_from
from twilio_binding.settings.places import SYSTEM_FILE, SettingsPlace, by_variable, first, is_there, matching, usual
from twilio_binding.setup import things_text
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.new_files import not_writable

_EXAMPLE = """
Bridge twilio:account:myaccount "Twilio Account" [ accountSid="AC00000000000000000000000000000001", authToken="your_auth_token", publicUrl="https://my.domain.com" ] {
    Thing phone myphone "My Twilio Number" [ phoneNumber="+15551234567" ]
}
"""
"""`things/twilio.things`. With any change it is somebody's own file, such as one for the sandbox."""
_BRIDGE = "Bridge twilio:account:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`file` is the settings file to write. `settings` are those in use now, from this file or, if it `is_new`, from another one."""

    file: Path
    settings: Settings
    is_new: bool

    @property
    def text(self) -> str:
        """The current content of the settings file; "" if it does not exist."""
        return self.file.read_text(encoding="utf-8-sig") if self.file.exists() else ""

    def see_writable(self) -> None:
        """Raise `SetupError` if the settings file cannot be written."""
        if unwritable := not_writable(self.file.resolve().parent):
            raise SetupError(
                f"the settings file {self.file} cannot be written: no file can be made in {unwritable}; name another with --config"
            )

    def is_account_in_openhab(self, conf: Path | None) -> bool:
        """Whether the account is configured in openHAB, and not in a file that can be written here."""
        return self.settings.things_in_openhab and not self.settings.things_files and not conf

    def reads(self, file: Path) -> bool:
        """Whether the current settings name this file of things."""
        return any(file.absolute().match(str(Path(pattern).absolute())) for pattern in self.settings.things_files)

    def things_file(self, conf: Path | None) -> Path:
        """The `.things` file to write: below openHAB's configuration folder, the one in use, or a new one."""
        if conf:
            return conf / "things" / "twilio.things"
        return (None if self.is_new else self._things_in_use()) or self.file.parent / "things" / "twilio.things"

    def things_text(self, file: Path) -> str:
        """The current content of the file; if it does not exist, the content of the one in use. The unchanged example counts as empty."""
        source = self._source(file)
        text = read(source) if source else ""
        return "" if text.split() == _EXAMPLE.split() else text

    def things(self, file: Path) -> Things:
        """The things in it; raises `SetupError`."""
        return things_text.read(self.things_text(file), str(self._source(file) or file))

    def _source(self, file: Path) -> Path | None:
        return file if file.exists() else self._things_in_use()

    def _things_in_use(self) -> Path | None:
        found = (name for pattern in self.settings.things_files for name in sorted(matching(pattern)))
        return next((Path(name) for name in found if _BRIDGE in read(Path(name))), None)


def read(file: Path) -> str:
    """The content of a `.things` file; raises `SetupError`."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{file} cannot be read ({error})") from None


def recall(config: Path | None, *, for_machine: bool) -> Known:
    """The file to write, and the old answers.

    Without `config`, the file is that of the machine, the one in use, or a new one of this user. For the machine, `config` names the old answers for its new file.
    Old answers come from the file to write, else from the one that the environment names, else from the one in use.
    Raises `SettingsError` if these settings cannot be used, and `SetupError` if the new file has the name of a folder.
    """
    source = config if for_machine and config and config.absolute() != SYSTEM_FILE else None
    file = SYSTEM_FILE if for_machine else config or _file()
    is_new = not is_there(file) and not file.exists()
    if is_new and not file.suffix:
        raise SetupError(
            f"{file} looks like a folder: it has no ending such as .toml; give the file, such as {file / SYSTEM_FILE.name}"
        )
    if source and not is_new:
        raise SetupError(f"the system service has its own settings, {file}; to change them, omit --config")
    settings = load(source or file) if source or not is_new else _as_it_runs(config)
    return Known(file=file, settings=settings, is_new=is_new)


def _file() -> Path:
    """The file to write if the command names none."""
    if variable := by_variable():
        return variable
    if is_there(in_use := first().file):
        return in_use
    return SYSTEM_FILE if os.geteuid() == 0 else usual()[1].file


def _as_it_runs(config: Path | None) -> Settings:
    """The settings of the service as it runs now, which are the old answers for a new file."""
    variable = by_variable()
    if variable and is_there(variable):
        return load(variable)
    try:
        place = first()
    except SettingsError:
        if not config:
            raise
        place = SettingsPlace(config, Path("data"))  # this user cannot see the machine's file, and need not
    return load_from(place)
