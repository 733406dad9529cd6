"""`twilio-binding sandbox`: openHAB and Twilio to try rules against."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path

import click

_API_KEY = "oh.sandbox.0123456789"


@click.command()
@click.option("--items", type=click.Path(path_type=Path, file_okay=False), default=Path("items"), show_default=True)
@click.option("--deliver-to", default="http://127.0.0.1:8765", show_default=True, help="Where webhooks are sent.")
@click.option("--openhab-port", default=8080, show_default=True)
@click.option("--twilio-port", default=8081, show_default=True)
def sandbox(items: Path, deliver_to: str, openhab_port: int, twilio_port: int) -> None:
    """Keep stand-ins for openHAB and Twilio running, and tell how to connect the service to them."""
    from twilio_binding.sandbox import openhab, twilio

    for option, port in (("--openhab-port", openhab_port), ("--twilio-port", twilio_port)):
        _check_free(port, option)
    if not items.is_dir():
        click.echo(f"There is no folder {items}: openHAB has no items. Choose another with --items.\n")
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    home = openhab.OpenHABOptions(port=openhab_port, items=items, token=_API_KEY)
    calls = twilio.TwilioOptions(port=twilio_port, deliver_to=deliver_to)
    with openhab.OpenHABStandIn(home) as at_home, twilio.TwilioStandIn(calls) as on_the_phone:
        click.echo("Start the service in another terminal with\n")
        click.echo(f"export TWILIO_BINDING_OPENHAB__URL={at_home.url}")
        click.echo(f"export TWILIO_BINDING_OPENHAB__TOKEN={_API_KEY}")
        click.echo(f"export TWILIO_BINDING_TWILIO__API_URL={on_the_phone.url}")
        click.echo("twilio-binding run\n")
        click.echo(
            "in a folder with things/twilio.things as it comes with this, and with an MQTT broker, such as mosquitto.\n"
        )
        click.echo("A text comes in:   curl -H 'Content-Type: application/json' \\")
        click.echo(
            f"""    -d '{{"from":"+15559876543","to":"{calls.number}","body":"Hello"}}' {on_the_phone.url}/sandbox/receive"""
        )
        click.echo("A call, keys 1, 2: curl -H 'Content-Type: application/json' \\")
        click.echo(
            f"""    -d '{{"from":"+15559876543","to":"{calls.number}","script":["1","2"]}}' {on_the_phone.url}/sandbox/call"""
        )
        over.wait()


def _check_free(port: int, option: str) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        raise click.ClickException(f"port {port} is taken; choose another with {option}") from None
