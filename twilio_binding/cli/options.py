"""Options and errors that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import Settings, load

config_option = click.option(
    "--config", type=click.Path(path_type=Path), help="Settings file. [default: twilio-binding.toml]"
)


def load_settings(config: Path | None) -> Settings:
    """The settings, or a clear end of the command."""
    try:
        return load(config)
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None
