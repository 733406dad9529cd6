"""`twilio-binding things`: the things and their statuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from twilio_binding.cli.options import config_option, json_option, load_settings
from twilio_binding.cli.service import service, things
from twilio_binding.cli.terminal import fitting, tell_json

_COLOURS = {"ONLINE": "green", "OFFLINE": "red"}


@click.command("things")
@json_option
@config_option
def show_things(config: Path | None, *, as_json: bool) -> None:
    """Show the things of the running service.

    The command shows statuses and webhook URLs. It exits with 1 unless all things are online.
    """
    with service(load_settings(config)) as client:
        told = things(client)
    if as_json:
        tell_json(told)
    elif not told:
        raise click.ClickException("there are no things; `twilio-binding check` shows why")
    width = max((len(str(thing["uid"])) for thing in told), default=0)
    for thing in told if not as_json else ():
        _show(thing, width)
    is_good = bool(told) and all(thing["status"] == "ONLINE" for thing in told)
    click.get_current_context().exit(0 if is_good else 1)


def _show(thing: dict[str, Any], width: int) -> None:
    detail = "" if thing["statusDetail"] == "NONE" else f" {thing['statusDetail']}"
    status = click.style(thing["status"], fg=_COLOURS.get(thing["status"])) + detail
    click.echo(f"{thing['uid']:<{width}}  {status}  {thing['label']}")
    if thing["description"]:
        click.echo("    " + fitting(str(thing["description"]), first=4))
    for name, value in thing["properties"].items():
        click.echo(f"    {name:<18} {value}")
