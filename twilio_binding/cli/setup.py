"""`twilio-binding setup`: the first changes, and the service of the machine."""

from __future__ import annotations

import os

import click

from twilio_binding.protocol.errors import TwilioBindingError


@click.command()
@click.option(
    "--systemd", is_flag=True, help="Install the service for this machine: unit, user and folders. Needs root."
)
@click.option("--program", help="The command that systemd runs. [default: this one]")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
def setup(program: str | None, *, systemd: bool, dry_run: bool) -> None:
    """Set the service up. You may repeat it."""
    del systemd
    install_unit(program, dry_run=dry_run)


def install_unit(program: str | None, *, dry_run: bool) -> None:
    """Install the service of the machine, and tell each change; ends the command where that is not possible."""
    from twilio_binding.setup import machine

    try:
        changes = machine.plan(program or machine.this_program())
        if changes and not dry_run and os.geteuid() != 0:
            raise click.ClickException(
                "--systemd writes a unit, a user and folders: run it as root, for example with sudo; "
                "--dry-run shows what it would do"
            )
        for change in changes:
            if dry_run:
                click.echo(f"- {change.text}" + (f"\n\n{change.detail}\n" if change.detail else ""))
                continue
            change.act()
            click.echo(f"{click.style('✓', fg='green')} {change.text}")
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None
    if not changes:
        click.echo("The unit, the user and the folders are there.")
    elif not dry_run and not machine.is_booted():
        click.echo(f"systemd does not run here. Where it does: systemctl enable --now {machine.NAME}")
