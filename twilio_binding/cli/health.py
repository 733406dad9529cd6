"""`twilio-binding health`: for health checks, whether the service with these settings is up."""

from __future__ import annotations

from pathlib import Path

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.running_service import ask


@click.command()
@click.option(
    "--live", is_flag=True, help="Only ask whether the service serves, whatever the state of its dependencies."
)
@config_option
def health(config: Path | None, *, live: bool) -> None:
    """Show whether the running service is up.

    The command shows each dependency, and exits with 1 unless all are up. In health checks of containers, use --live: the service accepts and stores texts and calls also while openHAB is down.
    """
    admin = load_settings(config).admin
    try:
        answer = ask(admin, "/live" if live else "/ready")
    except TwilioBindingError as error:
        raise click.ClickException(f"no service answers at admin.listen, {admin.listen}: {error}") from None
    if live and answer.status == 200:
        click.echo(answer.text.strip())
        return
    if live or answer.status not in {200, 503}:
        raise click.ClickException(f"the program at admin.listen, {admin.listen}, answers with {answer.status}")
    entries = answer.dependencies
    if entries is None:
        raise click.ClickException(f"another program than the service answers at admin.listen, {admin.listen}")
    for name, entry in entries.items():
        click.echo(f"{name}: up" if entry["up"] else f"{name}: down ({entry.get('reason', '')})")
    click.get_current_context().exit(0 if answer.status == 200 else 1)
