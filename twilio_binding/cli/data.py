"""`twilio-binding data`: backs up and restores the data folder."""

from __future__ import annotations

from pathlib import Path

import click

from twilio_binding.cli.options import NamedFile, config_option, data_of, load_settings
from twilio_binding.plurals import counted
from twilio_binding.store.folder import back_up
from twilio_binding.store.folder import restore as fill


@click.group()
def data() -> None:
    """Back up and restore the data folder."""


@data.command()
@config_option
@click.argument("file", type=NamedFile(dir_okay=False))
def backup(config: Path | None, file: Path) -> None:
    """Copy the data folder to FILE (.tar.gz). The service may run meanwhile."""
    settings = load_settings(config)
    with data_of(settings):
        count = back_up(settings.data_dir, file)
    click.echo(f"{counted(count, 'file')} in {file}; keep it safe, it contains message texts and secrets")


@data.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(config: Path | None, file: Path) -> None:
    """Restore the data folder from FILE. The folder must be empty."""
    settings = load_settings(config)
    with data_of(settings):
        count = fill(file, settings.data_dir)
    click.echo(f"{counted(count, 'file')} in {settings.data_dir}")
