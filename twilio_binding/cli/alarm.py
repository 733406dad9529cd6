"""`twilio-binding alarm`: start, acknowledge, end, test and show alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twilio_binding.cli.options import config_option, json_option, load_settings
from twilio_binding.cli.service import chosen_one, of_kind, refusal, service
from twilio_binding.cli.terminal import CommandError, tell_json

if TYPE_CHECKING:
    from twilio_binding.mqtt import Client

_SHOWN = ("state", "step", "message", "acknowledged-by")
_LOOK = 1.0
"""Seconds to wait for each state that the broker retains."""
_TOGETHER = 64
_WHOLE = re.compile(r"twilio:alarm:[\w-]+:[\w-]+")
_NOTHING = ("", "UNDEF")


@click.group()
def alarm() -> None:
    """Start, test, acknowledge and end alarms.

    The commands ask the running service. ALARM is the UID of an alarm, or the end of it.
    """


@alarm.command()
@click.argument("alarm", metavar="ALARM")
@click.argument("message", default="")
@config_option
@json_option
def start(alarm: str, message: str, config: Path | None, *, as_json: bool) -> None:
    """Start ALARM, with MESSAGE instead of the configured message."""
    _ask(config, alarm, "startAlarm", {"message": message}, as_json=as_json)


@alarm.command()
@click.argument("alarm", metavar="ALARM")
@click.argument("message", default="")
@config_option
@json_option
def test(alarm: str, message: str, config: Path | None, *, as_json: bool) -> None:
    """Start ALARM as a test.

    The alarm carries out all its steps, and every message says that it is a test.
    """
    _ask(config, alarm, "startAlarm", {"message": message, "test": True}, as_json=as_json, is_test=True)


@alarm.command()
@click.argument("alarm", metavar="ALARM")
@click.option("--by", default="", metavar="NAME", help="Who acknowledges it: the ID of a contact, or any name.")
@config_option
@json_option
def ack(alarm: str, by: str, config: Path | None, *, as_json: bool) -> None:
    """Acknowledge ALARM, so that nobody else is notified.

    For an alarm that is no longer configured, give the whole UID.
    """
    _ask(config, alarm, "acknowledgeAlarm", {"by": by}, as_json=as_json)


@alarm.command()
@click.argument("alarm", metavar="ALARM")
@config_option
@json_option
def end(alarm: str, config: Path | None, *, as_json: bool) -> None:
    """End ALARM.

    For an alarm that is no longer configured, give the whole UID.
    """
    _ask(config, alarm, "endAlarm", {}, as_json=as_json)


@alarm.command("list")
@config_option
@json_option
def show(config: Path | None, *, as_json: bool) -> None:
    """List all alarms with their states. Exit with 1 while one of them is alerting or exhausted."""
    with service(load_settings(config)) as client:
        known = of_kind(client, "alarm").values()
        client.timeout = _LOOK
        found = _states(client, list(known))
    if as_json:
        tell_json(found)
    for one in () if as_json else found:
        details = "  ".join(
            f"{name}: {' '.join(one[name].split())}" for name in _SHOWN[1:] if one[name] not in _NOTHING
        )
        click.echo(f"{one['uid']}  {one['state']}  {one['label']}{'  ' if details else ''}{details}")
    if not found and not as_json:
        click.echo("No alarm is configured.")
    click.get_current_context().exit(1 if any(one["state"] in ("alerting", "exhausted") for one in found) else 0)


def _ask(
    config: Path | None, wanted: str, action: str, args: Mapping[str, object], *, as_json: bool, is_test: bool = False
) -> None:
    with service(load_settings(config)) as client:
        # Only the service knows of an alarm that is active, but no longer configured.
        is_whole = bool(_WHOLE.fullmatch(wanted)) and action != "startAlarm"
        uid = wanted if is_whole else str(chosen_one(client, wanted, "alarm")["uid"])
        result = client.call(uid, action, {name: value for name, value in args.items() if value != ""})
    if not result:
        raise refusal(uid, result)
    details = result.details
    if is_test and not details.get("test"):
        raise CommandError(f"{uid}: no test was started: this is a real alarm, and it is still active", "active")
    if as_json:
        tell_json({"uid": uid, **details})
    else:
        state, by = details.get("state", ""), details.get("by")
        told = f"{state}{f' by {by}' if by and state == 'acknowledged' else ''}"
        click.echo(f"{uid}: {told}{' (test)' if details.get('test') and state != 'idle' else ''}")


def _states(client: Client, alarms: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Alarms with the states of their channels, as retained by the broker. One timeout covers all that are missing."""
    topics = [client.topics.state(str(one["uid"]), name) for one in alarms for name in _SHOWN]
    with ThreadPoolExecutor(_TOGETHER) as pool:
        told = [(state or b"").decode() for state in pool.map(client.retained, topics)]
    found = []
    for place, one in enumerate(alarms):
        first = place * len(_SHOWN)
        states = dict(zip(_SHOWN, told[first : first + len(_SHOWN)], strict=True))
        found.append({"uid": str(one["uid"]), "label": str(one["label"]), **states, "state": states["state"] or "idle"})
    return found
