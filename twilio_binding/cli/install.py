"""`twilio-binding install`: copies the script into openHAB's conf folder."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twilio_binding.cli.options import config_option, load_settings
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import Settings, web_address

if TYPE_CHECKING:
    from twilio_binding.installation import Bundle, Step

_CHOSEN = "chosen"
_SIGNS = {"add": ("+", "green"), "change": ("~", "yellow"), "remove": ("-", "red")}


@click.command()
@config_option
@click.argument("conf", type=click.Path(path_type=Path, file_okay=False))
@click.option("--check", "only_check", is_flag=True, help="Change nothing, and exit with 1 if something differs.")
@click.option("--remove", is_flag=True, help="Remove everything that was installed.")
@click.option(
    "--mqtt-url", help="URL of the broker as seen from openHAB's machine. [default: the previous one, else mqtt.url]"
)
@click.option(
    "--sidecar-url",
    help="Address of the service as seen from openHAB's machine. [default: the previous one, else webhook.listen]",
)
def install(
    conf: Path, config: Path | None, mqtt_url: str | None, sidecar_url: str | None, *, only_check: bool, remove: bool
) -> None:
    """Install the script in openHAB.

    The command copies the script and its library into openHAB's conf folder CONF, and lists what changed. You can repeat it.
    """
    from twilio_binding.installation import ConfFolder

    if only_check and remove:
        raise click.UsageError("use either --check or --remove, not both.")
    settings = load_settings(config)
    try:
        folder = ConfFolder(conf)
        found = {} if remove else folder.settings()
        files = _bundle(settings, found, mqtt_url, sidecar_url, keep_secret=not (only_check or remove))
        act = folder.compare if only_check else folder.remove if remove else folder.install
        steps = act(files)
    except (TwilioBindingError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    _tell(steps, remove=remove)
    if not (only_check or remove):
        _warn_of_other_service(settings, found)
    if only_check and _has_problem(settings, found) | any(step.todo != "nothing" for step in steps):
        sys.exit(1)
    if not remove and not settings.things_in_openhab:
        click.echo('To use the things that openHAB has, set things = ["openhab"] in the settings of the service.')


def _warn_of_other_service(settings: Settings, found: dict[str, object]) -> None:
    """Say so if the installed script was that of another service, which it leaves."""
    from twilio_binding.installation import read_secret

    if found.get("secret") not in (None, "", read_secret(settings.secret_file)):
        click.echo(
            "note: the script belonged to a service with another data folder. From now on, only the service with data_dir "
            f"{settings.data_dir.resolve()} can use it; stop the other one.",
            err=True,
        )


def _has_problem(settings: Settings, found: dict[str, object]) -> bool:
    """Print problems of the script other than its files; returns whether there are any."""
    from twilio_binding.cli.script_problem import other_secret, told_by_service

    told = told_by_service(settings) if found else ""
    problems = [
        text for text in (other_secret(found, settings), f"The service reports: {told}." if told else "") if text
    ]
    for text in problems:
        click.echo(text, err=True)
    return bool(problems)


def _bundle(
    settings: Settings, found: dict[str, object], mqtt_url: str | None, sidecar_url: str | None, *, keep_secret: bool
) -> Bundle:
    from twilio_binding.installation import bundle, kept_secret, read_secret
    from twilio_binding.mqtt import parse_broker_url

    secret_file = settings.secret_file
    has_secret = bool(read_secret(secret_file))
    if keep_secret and not has_secret:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        has_secret = True
        click.echo(f"Created a secret in {secret_file.resolve()}. Run the service with this data_dir.")
    chosen = _chosen(found)
    if chosen and mqtt_url is None and sidecar_url is None:
        click.echo(
            f"Kept from the last installation: {', '.join(chosen)}. An empty option restores the value from the settings."
        )
    given = {"mqttUrl": mqtt_url, "sidecarUrl": sidecar_url}
    chosen = {name: value for name, value in (chosen | _not_none(given)).items() if value}
    kept = dict(found)
    if chosen:
        kept[_CHOSEN] = sorted(chosen)
    else:
        kept.pop(_CHOSEN, None)
    broker = chosen.get("mqttUrl", settings.mqtt.url.get_secret_value())
    parse_broker_url(broker)
    return bundle(
        secret=kept_secret(secret_file) if has_secret else secrets.token_hex(24),
        mqtt_url=broker,
        base_topic=settings.mqtt.base_topic,
        service_url=web_address(chosen.get("sidecarUrl", f"http://{settings.webhook.listen}")),
        kept=kept,
    )


def _not_none(given: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value is not None}


def _chosen(found: dict[str, object]) -> dict[str, str]:
    """Options of an earlier installation; they also apply when another version of the script is installed."""
    names = found.get(_CHOSEN)
    known = [name for name in ("mqttUrl", "sidecarUrl") if isinstance(names, list) and name in names]
    return {name: value for name in known if isinstance(value := found.get(name), str)}


def _tell(steps: list[Step], *, remove: bool) -> None:
    for step in steps:
        if step.todo != "nothing":
            sign, colour = _SIGNS[step.todo]
            click.echo(f"{click.style(sign, fg=colour)} {step.path}")
    changed = sum(step.todo != "nothing" for step in steps)
    if not changed:
        click.echo("There is nothing to remove." if remove else "Everything is installed and up to date.")
