"""`twilio-binding events` and `replay`: what came in and went out, its outcome, and delivering it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from twilio_binding.cli.moment import Moment
from twilio_binding.cli.options import config_option, data_of, json_option, load_settings, numbers_option
from twilio_binding.cli.past import of_event, of_send
from twilio_binding.cli.terminal import fitting, tell_json
from twilio_binding.masking import mask_number
from twilio_binding.store.history import count as count_events
from twilio_binding.store.history import events as read_events
from twilio_binding.store.history import replay as store_again
from twilio_binding.store.past_sends import count as count_sends
from twilio_binding.store.past_sends import sends as read_sends

Direction = Literal["in", "out", "both"]
_NOTHING = {"in": "Nothing came in", "out": "Nothing went out", "both": "Nothing came in"}


@click.command()
@config_option
@click.option(
    "--last",
    "--limit",
    type=click.IntRange(-1, 10**9),
    default=20,
    show_default=True,
    help="Number of entries; -1 for all.",
)
@click.option("--thing", default="", help="Only entries of this thing: its UID, or the end of it.")
@click.option(
    "--since", type=Moment(), default=0.0, help="Only entries since then: 30m, 6h, 2d, 2026-11-28 or 2026-11-28T14:30."
)
@click.option("--in", "direction", flag_value="in", help="Only what came in.")
@click.option("--out", "direction", flag_value="out", help="Only what went out.")
@click.option("--waiting", is_flag=True, help="Only entries that are not delivered or sent yet.")
@click.option("--payload", "with_payload", is_flag=True, help="Show the texts, and the numbers in full.")
@json_option
@numbers_option
def events(
    config: Path | None,
    last: int,
    thing: str,
    since: float,
    direction: Direction | None,
    *,
    waiting: bool,
    with_payload: bool,
    as_json: bool,
    numbers: bool,
) -> None:
    """List what came in and went out, with the outcome, newest last."""
    settings, wanted = load_settings(config), direction or "both"
    shown = str if numbers else mask_number
    with data_of(settings):
        asked: dict[str, Any] = {"thing": thing, "since": since, "only_waiting": waiting}
        came = read_events(settings.database_file, last=last, **asked) if wanted != "out" else ()
        went = read_sends(settings.database_file, last=last, **asked) if wanted != "in" else ()
        total = len(came) + len(went)
        if 0 < last <= total and not as_json:  # otherwise nothing is left out, or nobody is told
            total = count_events(settings.database_file, **asked) if wanted != "out" else 0
            total += count_sends(settings.database_file, **asked) if wanted != "in" else 0
    listed = [of_event(one, shown, with_payload=with_payload) for one in came]
    listed += [of_send(one, shown, with_payload=with_payload) for one in went]
    listed.sort(key=lambda one: one.at)
    listed = listed[-last:] if last > 0 else listed
    if as_json:
        tell_json([one.told for one in listed])
        return
    for one in listed:
        click.echo(fitting(one.line))
    if not listed and last:
        whose = f" for {thing}" if thing else ""
        nothing = "Nothing is waiting" if waiting else f"{_NOTHING[wanted]} {'since then' if since else 'yet'}"
        click.echo(f"{nothing}{whose}.")
    if last > 0 and total > len(listed):
        click.echo(f"{len(listed)} of {total} entries; `--limit -1` shows all.", err=True)


@click.command()
@config_option
@click.argument("event_id", type=click.IntRange(1, 2**63 - 1))
def replay(config: Path | None, event_id: int) -> None:
    """Deliver event EVENT_ID again: states, trigger and MQTT. If the service runs, this takes seconds."""
    settings = load_settings(config)
    with data_of(settings):
        again = store_again(settings.database_file, event_id)
    click.echo(f"event {event_id} is delivered again, as event {again}")
