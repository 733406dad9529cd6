"""`twilio-binding check`: checks settings and things."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.cli.terminal import fitting
from twilio_binding.plurals import counted
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import Settings

if TYPE_CHECKING:
    from twilio_binding.accounts.configured_things import ConfiguredThings
    from twilio_binding.openhab import OpenHABThings

_READ = "Only {} read. To test the broker, Twilio and the service, run `twilio-binding doctor`."


@click.command()
@config_option
def check(config: Path | None) -> None:
    """Read settings and things, and list everything that is wrong. Exit with 0 if nothing is.

    The command reads only files and, with things = ["openhab"], the list of things in openHAB. It does not ask the broker
    or Twilio. The service need not run.
    """
    from twilio_binding import logs
    from twilio_binding.accounts.configured_things import ConfiguredThings
    from twilio_binding.dsl import ThingsFiles

    settings = load_settings(config)
    logs.configure("error")
    configured = ConfiguredThings()
    files = ThingsFiles(settings.things_files, on_change=configured.take_over)
    in_openhab = _read_openhab(settings) if settings.things_in_openhab else None
    configured.read_from(files, *([in_openhab] if in_openhab else []))
    files.load()
    configured.take_over()
    if not files.files and settings.things_files:
        raise click.ClickException(_no_file(settings))
    _tell(settings, configured)
    things = configured.current()
    is_usable = _see_data_folder(settings)
    counts = (counted(number, kind.removesuffix("s")) for kind, number in things.counts.items())
    click.echo(", ".join([counted(len(files.files), "file"), *counts]))
    if configured.errors or not is_usable:
        sys.exit(1)
    if not things.phones and not settings.things_in_openhab:
        raise click.ClickException("no phone is configured; see the example in things/twilio.things")
    if settings.things_in_openhab and not things.phones:
        click.echo(
            "note: openHAB has not listed a phone yet; `twilio-binding things` shows the things of the running service"
        )
    click.echo(fitting(_READ.format("files and openHAB's list of things were" if in_openhab else "files were")))
    click.echo(f"Read from {settings.origin}.")


def _no_file(settings: Settings) -> str:
    cure = "" if settings.file.is_file() else "; `twilio-binding setup` writes settings and things"
    return f"no file matches things = {', '.join(settings.things_files)}, read from {settings.origin}{cure}"


def _see_data_folder(settings: Settings) -> bool:
    """Whether a service could use data_dir; otherwise the reason is printed. Access is another user's matter perhaps."""
    from twilio_binding.store import DataFolderError, NoAccessError, see_usable

    try:
        see_usable(settings.data_dir)
    except NoAccessError as error:
        click.echo(fitting(f"note: for this user, {error}"))
    except DataFolderError as error:
        click.echo(str(error), err=True)
        return False
    return True


def _tell(settings: Settings, configured: ConfiguredThings) -> None:
    from twilio_binding.model.configuration.placeholders import notes

    for warning in (problem for problem in configured.problems if problem.severity == "warning"):
        click.echo(fitting(str(warning)))
    for note in notes(settings.openhab.token.get_secret_value(), configured.current()):
        click.echo(fitting(f"note: {note}"))
    for error_text in configured.errors:
        click.echo(error_text, err=True)


def _read_openhab(settings: Settings) -> OpenHABThings | None:
    """The things that openHAB lists; None if it is down, as before the first start of all."""
    from twilio_binding.openhab import OpenHABRequests, OpenHABThings, RestClient

    things = OpenHABThings()
    requests = OpenHABRequests(settings.openhab)
    try:
        things.load(RestClient(requests).things())
    except TwilioBindingError as error:
        if "openhab.token" in str(error):
            raise click.ClickException(f"the things in openHAB cannot be read: {error}") from None
        click.echo(fitting(f"note: the things in openHAB were not read: {error}"))
        return None
    finally:
        requests.close()
    return things
