"""`twilio-binding check`: whether the settings and the things are right."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import Settings

if TYPE_CHECKING:
    from twilio_binding.accounts.configured_things import ConfiguredThings
    from twilio_binding.model.things import Account, Things
    from twilio_binding.openhab import OpenHABThings

_READ = "Only {} read: the broker, Twilio and the service itself were not asked. `/ready` of the running service tells of them."
_PLACEHOLDER = re.compile(r"[.…xX*_<>\s-]*|.*(\.{3}|…|<.*>|\byour[ _-]).*|.*x{6,}", re.IGNORECASE | re.DOTALL)
_EXAMPLE_SID = re.compile(r"AC0+[0-9]")


@click.command()
@config_option
def check(config: Path | None) -> None:
    """Read settings and things, and tell all that is wrong; exit code 0 when nothing is.

    Only files are read, and with things = ["openhab"] the things that openHAB lists, where it answers. The broker and
    Twilio are not asked, and the service need not run.
    """
    from twilio_binding import logs
    from twilio_binding.accounts.configured_things import ConfiguredThings
    from twilio_binding.dsl import ThingsFiles
    from twilio_binding.settings import split_address

    settings = load_settings(config)
    logs.configure("error")
    try:
        for address in (settings.webhook.listen, settings.admin.listen):
            split_address(address)
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None
    configured = ConfiguredThings()
    files = ThingsFiles(settings.things_files, on_change=configured.take_over)
    in_openhab = _read_openhab(settings) if settings.things_in_openhab else None
    configured.read_from(files, *([in_openhab] if in_openhab else []))
    files.load()
    configured.take_over()
    if not files.files and settings.things_files:
        raise click.ClickException(f"no file matches things = {', '.join(settings.things_files)}, of {settings.origin}")
    _tell(settings, configured)
    things = configured.current()
    click.echo(f"{len(files.files)} files, {len(things.accounts)} accounts, {len(things.phones)} phones")
    if configured.errors:
        sys.exit(1)
    if not things.phones and not settings.things_in_openhab:
        raise click.ClickException("no phone is configured; see the example in things/twilio.things")
    if settings.things_in_openhab and not things.phones:
        click.echo(
            "note: nothing is known of a phone in openHAB yet; `twilio-binding things` shows those of the running service"
        )
    click.echo(_READ.format("files and openHAB's list of things were" if in_openhab else "files were"))
    click.echo(f"They are those of {settings.origin}.")


def _tell(settings: Settings, configured: ConfiguredThings) -> None:
    for warning in (problem for problem in configured.problems if problem.severity == "warning"):
        click.echo(str(warning))
    for note in _notes(settings, configured.current()):
        click.echo(f"note: {note}")
    for error_text in configured.errors:
        click.echo(error_text, err=True)


def _read_openhab(settings: Settings) -> OpenHABThings | None:
    """The things that openHAB lists; None where it is down, as before the first start of all."""
    from twilio_binding.openhab import OpenHABRequests, OpenHABThings, RestClient

    things = OpenHABThings()
    requests = OpenHABRequests(settings.openhab)
    try:
        things.load(RestClient(requests).things())
    except TwilioBindingError as error:
        if "openhab.token" in str(error):
            raise click.ClickException(f"the things in openHAB cannot be read: {error}") from None
        click.echo(f"note: the things in openHAB were not read: {error}")
        return None
    finally:
        requests.close()
    return things


def _notes(settings: Settings, things: Things) -> Iterator[str]:
    """What can be used as it is written, and will hardly do what was wanted."""
    token = settings.openhab.token.get_secret_value()
    if not token:
        yield "openhab.token is empty; create an API token in openHAB as an administrator, it is needed for links and rules"
    elif _is_placeholder(token):
        yield "openhab.token is a placeholder; replace it by an API token that an administrator has created in openHAB"
    for account in things.accounts.values():
        for text in _notes_on(account):
            yield f"{account.uid}: {text}"


def _notes_on(account: Account) -> Iterator[str]:
    from twilio_binding.model.configuration import doubts

    if _EXAMPLE_SID.fullmatch(account.account_sid):
        yield "accountSid is that of the example; replace it by the SID of your account (Twilio Console)"
    secrets = {
        "authToken": account.auth_token,
        "secondaryAuthToken": account.secondary_auth_token,
        "apiKeySecret": account.api_key_secret,
        "sharedKeySecret": account.shared_key_secret,
    }
    for name, secret in secrets.items():
        if secret and _is_placeholder(secret):
            yield f"{name} is a placeholder; replace it by the one of your account (Twilio Console)"
    if account.public_url == "https://my.domain.com":
        yield "publicUrl is that of the example; replace it by the address at which Twilio reaches you"
    elif account.public_url and (text := doubts(account.public_url)):
        yield f"publicUrl: {text}"
    elif not account.bases and account.use_cloud_webhook:
        yield "publicUrl is not set: texts and calls come in only while openHAB Cloud gives a URL"
    elif not account.bases:
        yield "publicUrl is not set: you can send, and no text, call or status comes in"


def _is_placeholder(secret: str) -> bool:
    return _PLACEHOLDER.fullmatch(secret) is not None
