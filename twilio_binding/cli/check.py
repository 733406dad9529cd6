"""`twilio-binding check`: whether the settings and the things are right."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.errors import TwilioBindingError
from twilio_binding.settings import Settings

if TYPE_CHECKING:
    from twilio_binding.openhab import OpenHABThings


@click.command()
@config_option
def check(config: Path | None) -> None:
    """Read settings and things, and tell all that is wrong; exit code 0 when nothing is."""
    from twilio_binding import logs
    from twilio_binding.dsl import ThingsFiles
    from twilio_binding.flows.configured import ConfiguredThings
    from twilio_binding.mqtt import parse_broker_url
    from twilio_binding.settings import split_address

    settings = load_settings(config)
    logs.configure("error")
    try:
        parse_broker_url(settings.mqtt.url.get_secret_value())
        for address in (settings.webhook.listen, settings.admin.listen):
            split_address(address)
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None
    configured = ConfiguredThings()
    files = ThingsFiles(settings.things, on_change=configured.take_over)
    in_openhab = [_read_openhab(settings)] if settings.things_in_openhab else []
    configured.read_from(files, *in_openhab)
    files.load()
    configured.take_over()
    if not files.files and settings.things_files:
        raise click.ClickException(f"no file matches things = {', '.join(settings.things_files)}")
    for warning in (problem for problem in configured.problems if problem.severity == "warning"):
        click.echo(str(warning))
    for error_text in configured.errors:
        click.echo(error_text, err=True)
    things = configured.current()
    click.echo(f"{len(files.files)} files, {len(things.accounts)} accounts, {len(things.phones)} phones")
    if configured.errors:
        sys.exit(1)
    if not things.phones:
        raise click.ClickException("no phone is configured; see the example in things/twilio.things")


def _read_openhab(settings: Settings) -> OpenHABThings:
    from twilio_binding.openhab import OpenHABThings, RestClient

    things = OpenHABThings()
    client = RestClient(settings.openhab.url, settings.openhab.token.get_secret_value())
    try:
        things.load(client.things())
    except TwilioBindingError as error:
        raise click.ClickException(f"the things in openHAB cannot be read: {error}") from None
    finally:
        client.close()
    return things
