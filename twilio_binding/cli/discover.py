"""`twilio-binding discover`: numbers that are not things yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import click

from twilio_binding.cli.options import config_option, json_option, load_settings
from twilio_binding.cli.service import ask, chosen, service
from twilio_binding.cli.terminal import tell_json


@click.command()
@click.argument("accounts", metavar="[ACCOUNT]...", nargs=-1)
@json_option
@config_option
def discover(accounts: tuple[str, ...], config: Path | None, *, as_json: bool) -> None:
    """Find numbers that are not things yet.

    The running service asks Twilio for the numbers of all accounts, or of those given. Each line of the output can be pasted into a .things file.
    """
    with service(load_settings(config)) as client:
        inbox: list[dict[str, Any]] = []
        for uid in chosen(client, accounts, "account"):
            inbox += cast("list[dict[str, Any]]", ask(client, uid, "discover").details["inbox"])
    if as_json:
        tell_json(inbox)
        return
    for entry in inbox:
        click.echo(entry["line"])
    if not inbox:
        click.echo("Every number of the account is a thing already.", err=True)
