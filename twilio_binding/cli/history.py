"""`twilio-binding events` and `replay`: what came in, what became of it, and once more."""

from __future__ import annotations

import json
from pathlib import Path

import click

from twilio_binding.cli.options import config_option, data_of, load_settings
from twilio_binding.clock import local_time
from twilio_binding.masking import mask_number
from twilio_binding.store.history import Happened
from twilio_binding.store.history import events as read_events
from twilio_binding.store.history import replay as store_again

_SHOWN = ("messageSid", "callSid", "messageStatus", "callStatus")
_MASKED = ("from", "to")


@click.command()
@config_option
@click.option("--last", default=20, show_default=True, help="How many.")
@click.option("--thing", default="", help="Only of this thing UID.")
@click.option("--waiting", is_flag=True, help="Only those that are still to be delivered.")
@click.option("--payload", "with_payload", is_flag=True, help="With texts and numbers, as they were.")
def events(config: Path | None, last: int, thing: str, *, waiting: bool, with_payload: bool) -> None:
    """List what came in and what became of it, the newest last."""
    settings = load_settings(config)
    with data_of(settings):
        happened = read_events(settings.database_file, last=last, thing=thing, only_waiting=waiting)
    for event in happened:
        click.echo(f"{_line(event)}  {event.payload if with_payload else _outline(event)}".rstrip())
    if not happened:
        whose = f" for {thing}" if thing else ""
        click.echo(f"Nothing waits{whose}." if waiting else f"Nothing came in yet{whose}.")


@click.command()
@config_option
@click.argument("event_id", type=int)
def replay(config: Path | None, event_id: int) -> None:
    """Let event EVENT_ID happen once more: states, trigger and MQTT, delivered within seconds while the service runs."""
    settings = load_settings(config)
    with data_of(settings):
        again = store_again(settings.database_file, event_id)
    click.echo(f"event {event_id} is event {again} now")


def _line(event: Happened) -> str:
    at = local_time(event.received).isoformat(" ", "seconds")
    became = "limited" if event.limited else "delivered"
    became = f"not delivered to {' and '.join(event.set_aside)}" if event.set_aside else became
    became = f"waits for {' and '.join(event.waits_for)}" if event.waits_for else became
    return f"{event.id}  {at}  {event.thing}:{event.channel or '-'}  {became}"


def _outline(event: Happened) -> str:
    """What tells events apart without telling what was said."""
    try:
        payload = json.loads(event.payload)
    except ValueError:
        return ""
    shown = [f"{name}={payload[name]}" for name in _SHOWN if payload.get(name)]
    return "  ".join([*(f"{name}={mask_number(payload[name])}" for name in _MASKED if payload.get(name)), *shown])
