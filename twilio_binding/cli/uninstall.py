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
from twilio_binding.cli.questions import agrees
from twilio_binding.cli.terminal import fitting
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
    from twilio_binding.setup import machine, removal

    settings = load_settings(config)
    has_unit = removal.has_unit(settings)
    if has_unit and os.geteuid() != 0 and not dry_run:
        raise click.ClickException(f"{machine.UNIT} is a system file; run this as root, for example with sudo")
    is_running = _is_in_use(settings.data_dir, dry_run=dry_run)
    # A running service would create its rule again.
    goes_on = bool(is_running) and not has_unit
    notes: list[str] = []
    changes = list(_webhooks(settings, notes, is_running=is_running))
    own: list[Task] = []
    user: list[Task] = []
    if dry_run or not goes_on:
        changes += [*removal.unit(settings, notes), *_in_openhab(settings, conf, notes)]
        own, user = ([], []) if keep_data else (_own(settings, conf, notes), removal.user(settings))
    if goes_on:
        notes.append(
            "the service is running, so only the webhooks can be restored now; stop it, and run this again to remove the rest"
        )
    for note in notes:
        click.echo(fitting(f"note: {note}"))
    for task in (*changes, *own, *user):
        click.echo(f"- {task.text}")
    if not (changes or own or user or goes_on):
        click.echo("There is nothing to remove.")
    elif not dry_run:
        _remove(changes, [own, user], yes=yes, goes_on=goes_on)


def _remove(changes: Sequence[Task], own: Sequence[Sequence[Task]], *, yes: bool, goes_on: bool) -> None:
    """Ask, and remove; `own` is data and settings, then the user, which are asked for separately. Ends the command."""
    more = " You are asked separately about data and settings" if any(own) else ""
    if changes and not yes and not agrees(f"Remove this?{more}"):
        raise click.Abort
    failed = _carry_out(changes)
    if goes_on:
        raise click.ClickException("the service is still running; stop it, then run this again to remove the rest")
    if any(own) and failed:
        raise click.ClickException(
            "data and settings are kept, because they are needed to remove the rest; correct the errors above, then run this again"
        )
    if any(own) and (yes or agrees("Delete data and settings, with all messages, secrets and tokens?")):
        for tasks in own:
            failed = failed or _carry_out(tasks)
    click.get_current_context().exit(int(failed))


def _is_in_use(data_dir: Path, *, dry_run: bool) -> bool | None:
    from twilio_binding.store.folder import is_in_use

    found = is_in_use(data_dir)
    if found is None and not dry_run:
        raise click.ClickException(
            f"this user cannot tell whether a service uses {data_dir}; run this as root or as the user of the service"
        )
    return found


def _in_openhab(settings: Settings, conf: Path | None, notes: list[str]) -> Iterator[Task]:
    from twilio_binding.setup import removal

    yield from removal.scripts(settings, [conf] if conf else removal.USUAL_CONF, notes)
    try:
        yield from removal.relay_rule(settings, notes)
    except TwilioBindingError as error:
        notes.append(f"cannot check whether openHAB has a relay rule: {error}")


def _own(settings: Settings, conf: Path | None, notes: list[str]) -> list[Task]:
    from twilio_binding.setup import removal

    folders = removal.with_things(settings, [conf] if conf else removal.USUAL_CONF, is_named=bool(conf))
    return [*removal.data(settings.data_dir, notes), *removal.own_files(settings, folders, notes)]


def _webhooks(settings: Settings, notes: list[str], *, is_running: bool | None) -> Iterator[Task]:
    """The task to restore the webhooks of all phones through the running service."""
    from twilio_binding.cli.service import of_kind, service
    from twilio_binding.setup.tasks import Task

    phones: list[str] = []
    with suppress(click.ClickException), service(settings) as client:
        phones = [*of_kind(client, "phone")]
    if phones and not is_running:
        folder, numbers = settings.data_dir.resolve(), f"the webhooks of {', '.join(phones)} stay as they are"
        notes.append(
            f"{numbers}: this user cannot tell whether the service at the broker uses {folder}"
            if is_running is None
            else f"{numbers}: the service at the broker uses another data folder than {folder}"
        )
        return
    if not phones:
        notes.append(
            "the service is not running, or has no phone, so the webhooks at Twilio stay as they are. "
            "If they are not restored yet, start the service and run `twilio-binding restore PHONE`"
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
