"""Options and errors that several commands share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from twilio_binding.folders import means_folder
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import Settings, load
from twilio_binding.store.folder import NoDataError


class Seconds(click.ParamType[float]):
    """A number of seconds, between two others."""

    name = "seconds"

    def __init__(self, least: float, most: float) -> None:
        self._least, self._most = least, most

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the text."""
        with suppress(ValueError):
            seconds = float(str(value))
            if self._least <= seconds <= self._most:
                return seconds
        return self.fail(f"{value!r} is not a number of seconds from {self._least:g} to {self._most:g}", param, ctx)


class NamedFile(click.Path):
    """The path of a file that may not exist. A name that can only be that of a folder is refused."""

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(dir_okay=dir_okay, readable=False)  # who cannot read it is told by who reads it

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Read the name; a `Path` would drop the slash at its end."""
        name = str(value)
        if name == "-":
            self.fail(
                "standard input and output cannot be used here; name a file (a file of this name is ./-)", param, ctx
            )
        if means_folder(name):
            self.fail(f"{name!r} is a folder; give the file in it" if name else "the name is empty", param, ctx)
        return Path(str(super().convert(name, param, ctx)))


config_option = click.option(
    "--config",
    type=NamedFile(),
    help="Settings file. [default: $TWILIO_BINDING_CONFIG, else the first of twilio-binding.toml,"
    " ~/.config/twilio-binding/twilio-binding.toml and /etc/twilio-binding/twilio-binding.toml]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
numbers_option = click.option("--numbers", is_flag=True, help="Show phone numbers in full.")


def load_settings(config: Path | None) -> Settings:
    """The settings; an error ends the command."""
    try:
        return load(config)
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def data_of(settings: Settings) -> Iterator[None]:
    """Work with the data folder: errors end the command, and name the source of the setting if the folder is empty."""
    try:
        yield
    except NoDataError as error:
        raise click.ClickException(f"{error} (read from {settings.origin})") from None
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None
