"""`twilio-binding configure` and `restore`: the webhooks of numbers at Twilio."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.cli.service import ask, chosen, service


@click.command()
@click.argument("phones", metavar="[PHONE]...", nargs=-1)
@config_option
def configure(phones: tuple[str, ...], config: Path | None) -> None:
    """Set the webhooks of phones at Twilio.

    The command sets those of all phones, or of those given, even if they were restored or changed by others.
    """
    with service(load_settings(config)) as client:
        for uid in chosen(client, phones, "phone"):
            text = ask(client, uid, "configureWebhooks").details["text"]
            click.echo(f"{uid}: webhooks set" + (f". {text}" if text else ""))


@click.command()
@click.argument("phones", metavar="PHONE...", nargs=-1, required=True)
@config_option
def restore(phones: tuple[str, ...], config: Path | None) -> None:
    """Restore the old webhooks of phones.

    The command sets the webhooks at Twilio to what they were before the service changed them. From then on, the service does
    not change them, until you run `configure`.
    """
    with service(load_settings(config)) as client:
        for uid in chosen(client, phones, "phone"):
            restored = cast("dict[str, str]", ask(client, uid, "restoreWebhooks").details["restored"])
            click.echo(
                f"{uid}: {'restored' if restored else 'nothing was restored, because others have changed the webhooks since'}"
            )
            for name, value in restored.items():
                click.echo(f"    {name:<20} {value or '(empty)'}")
