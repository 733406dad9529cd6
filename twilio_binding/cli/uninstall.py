"""`twilio-binding uninstall`: removes what `setup` and `install` created."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.protocol.errors import TwilioBindingError

if TYPE_CHECKING:
    from twilio_binding.settings import Settings
    from twilio_binding.setup.tasks import Task

_NEVER_CHANGED = "nothing_kept"


@click.command()
@config_option
@click.option(
    "--conf",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="openHAB's conf folder. [default: the one of /etc/openhab, /openhab/conf and /opt/openhab/conf that has the script]",
)
@click.option("--keep-data", is_flag=True, help="Keep data, settings and things.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and change nothing.")
def uninstall(config: Path | None, conf: Path | None, *, keep_data: bool, yes: bool, dry_run: bool) -> None:
    """Remove the unit, and the relay rule and the script in openHAB. Then ask, and delete data, settings and user.

    If the service runs, the command first restores the webhooks of its numbers. You can repeat it.
    """
    from twilio_binding.setup import machine

    settings = load_settings(config)
    if machine.is_installed() and os.geteuid() != 0 and not dry_run:
        raise click.ClickException(f"{machine.UNIT} is a system file; run this as root, for example with sudo")
    webhooks = list(_webhooks(settings))
    # A running service would create its rule again.
    goes_on = not machine.is_installed() and _is_in_use(settings.data_dir, dry_run=dry_run)
    is_whole = dry_run or not goes_on
    changes = [*webhooks, *machine.removal(), *_in_openhab(settings, conf)] if is_whole else webhooks
    own = _own(settings, conf) if is_whole and not keep_data else []
    if not changes and not own and not goes_on:
        click.echo("There is nothing to remove.")
        return
    for change in (*changes, *own):
        click.echo(f"- {change.text}")
    if goes_on:
        click.echo(
            "note: the service is running, so only the webhooks can be restored now; stop it, and run this again to remove the rest"
        )
    if dry_run:
        return
    if changes and not yes:
        click.confirm(
            "Remove this?" if not own else "Remove this? You are asked separately about data and settings", abort=True
        )
    failed = _carry_out(changes)
    if goes_on:
        raise click.ClickException("the service is still running; stop it, then run this again to remove the rest")
    if own and (yes or click.confirm("Delete data and settings, with all messages, secrets and tokens?")):
        failed |= _carry_out([*own, *([] if failed else machine.removal_of_user())])
    click.get_current_context().exit(int(failed))


def _is_in_use(data_dir: Path, *, dry_run: bool) -> bool:
    from twilio_binding.store.folder import is_in_use

    found = is_in_use(data_dir)
    if found is None and not dry_run:
        raise click.ClickException(
            f"this user cannot tell whether a service uses {data_dir}; run this as root or as the user of the service"
        )
    return bool(found)


def _in_openhab(settings: Settings, conf: Path | None) -> Iterator[Task]:
    from twilio_binding.setup import removal

    yield from removal.scripts([conf] if conf else removal.USUAL_CONF)
    try:
        yield from removal.relay_rule(settings)
    except TwilioBindingError as error:
        click.echo(f"note: cannot check whether openHAB has a relay rule: {error}")


def _own(settings: Settings, conf: Path | None) -> list[Task]:
    from twilio_binding.setup import removal

    return [*removal.data(settings.data_dir), *removal.own_files(settings, [conf] if conf else removal.USUAL_CONF)]


def _webhooks(settings: Settings) -> Iterator[Task]:
    """The task to restore the webhooks of all phones through the running service."""
    from twilio_binding.cli.service import of_kind, service
    from twilio_binding.setup.tasks import Task

    phones: list[str] = []
    with suppress(click.ClickException), service(settings) as client:
        phones = [*of_kind(client, "phone")]
    if not phones:
        click.echo(
            "note: the service is not running, or has no phone, so the webhooks at Twilio stay as they are. "
            "If they are not restored yet, start the service and run `twilio-binding restore`"
        )

    def put_back(uid: str) -> None:
        with service(settings) as client:
            result = client.call(uid, "restoreWebhooks", {})
        if not result and result.code != _NEVER_CHANGED:
            raise click.ClickException(f"{result.message} ({result.code})")

    for uid in phones:
        yield Task(
            f"restore the webhooks of {uid} at Twilio; `configure` would set them again",
            partial(put_back, uid),
        )


def _carry_out(changes: Sequence[Task]) -> bool:
    """Carry out each change, even if others fail; returns whether one failed."""
    failed = False
    for change in changes:
        try:
            change.act()
        except (TwilioBindingError, OSError, click.ClickException) as error:
            failed = True
            click.echo(f"{click.style('✗', fg='red')} {change.text}: {error}", err=True)
        else:
            click.echo(f"{click.style('✓', fg='green')} {change.text}")
    return failed
