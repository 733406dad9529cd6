"""`twilio-binding setup --systemd`: installs the system service."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from twilio_binding.cli.questions import agrees, heading, tell
from twilio_binding.settings.places import SYSTEM_FILE
from twilio_binding.setup import machine


def install_unit(program: str, *, dry_run: bool, is_interactive: bool) -> bool:
    """Install the system service, and print each task; returns whether there was anything to do."""
    heading("System service")
    tasks = machine.plan(program)
    if machine.is_installed() and not dry_run:
        _confirm_overwriting([task.detail for task in tasks if task.detail], is_interactive=is_interactive)
    for task in tasks:
        if dry_run:
            click.echo(f"- {task.text}" + (f"\n\n{task.detail}\n" if task.detail else ""))
            continue
        task.act()
        tell(task.text)
    if not SYSTEM_FILE.exists():
        tell(f"{SYSTEM_FILE} does not exist yet; run `setup` as root to create it and start the service", sign="!")
    if not tasks:
        tell("unit, user and folders exist")
    elif not dry_run and not machine.is_booted():
        tell(f"systemd is not running here. Where it is, run: systemctl enable --now {machine.NAME}", sign="!")
    return bool(tasks)


def _confirm_overwriting(differences: Sequence[str], *, is_interactive: bool) -> None:
    """Show the changes by others, and ask before they are overwritten."""
    for difference in differences:
        click.echo(f"{difference}\n")
    if not differences or not is_interactive:
        return
    if not sys.stdin.isatty():
        raise click.ClickException(
            "the unit has been changed, and --non-interactive overwrites it; keep changes with `systemctl edit twilio-binding`"
        )
    if not agrees("Overwrite these changes?"):
        raise click.Abort
