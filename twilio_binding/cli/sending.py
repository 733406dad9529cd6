"""What `send` and `call` share: their options, and the exchange with the running service."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

import click

from twilio_binding.cli.options import Seconds, config_option, json_option, load_settings, numbers_option
from twilio_binding.cli.terminal import CommandError
from twilio_binding.masking import mask_number
from twilio_binding.protocol.errors import Refusal

if TYPE_CHECKING:
    from twilio_binding.actions import Events
    from twilio_binding.cli.outcome import Outcome
    from twilio_binding.model.actions import Send
    from twilio_binding.mqtt import Client
    from twilio_binding.protocol.results import Result

_ONCE_MORE = 3.0
"""Seconds to wait for the reply to a request that the service gave up at its deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The options of a send, and how its outcome is shown."""

    config: Path | None
    thing: str | None
    request_id: str
    timeout: float
    emergency: bool
    wait: bool
    as_json: bool
    numbers: bool


_OPTIONS = (
    click.option(
        "--from", "--phone", "thing", default=None, metavar="THING", help="The phone thing: its UID, or the end of it."
    ),
    click.option("--emergency", is_flag=True, help="Ignore all limits except emergencies_per_day."),
    click.option("--wait", is_flag=True, help="Wait for the delivery, or the end of the call."),
    click.option(
        "--timeout",
        type=Seconds(0.1, 3600),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for the answer, and then for the delivery.",
    ),
    click.option(
        "--id",
        "request_id",
        default="",
        metavar="ID",
        help="ID of the request; a second request with the same ID sends nothing.",
    ),
    json_option,
    numbers_option,
    config_option,
)


def sending(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a send, as its argument `terms`."""

    @wraps(command)
    def bundled(*args: object, **given: object) -> None:
        terms: dict[str, Any] = {one.name: given.pop(one.name) for one in fields(Terms)}
        command(*args, terms=Terms(**terms), **given)

    for option in reversed(_OPTIONS):
        bundled = option(bundled)
    return bundled


def given_text(text: str | None) -> str | None:
    """A text of the command line; for `-`, standard input without its last line break."""
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"standard input is not UTF-8 (byte {error.start + 1})") from None


def carry_out(terms: Terms, action: str, to: str, args: Mapping[str, object]) -> NoReturn:
    """Let the running service send, print the outcome, and end the command with its exit code."""
    recipients = [one.strip() for one in to.split(",") if one.strip()] or [""]
    asked = {"to": recipients if len(recipients) > 1 else recipients[0], "emergency": terms.emergency or None, **args}
    _announce(_checked(action, asked))
    try:
        code = _ask(terms, action, recipients, asked)
    except click.UsageError:
        raise
    except click.ClickException as error:
        raise CommandError(error.message, "not_asked") from None
    raise click.exceptions.Exit(code)


def _checked(action: str, args: Mapping[str, object]) -> Send:
    """The send as the service will read it, so that errors are found without the service."""
    from twilio_binding.model.actions import read_send

    try:
        return read_send(action, args)
    except Refusal as refusal:
        raise click.UsageError(refusal.message) from None


def _announce(send: Send) -> None:
    """Before sending, name numbers that look wrong, and say that a text costs as much as several."""
    from twilio_binding.model.actions import SendMessage
    from twilio_binding.model.numbers import doubt
    from twilio_binding.model.segments import measure

    for reason in filter(None, map(doubt, send.to)):
        click.echo(f"note: {reason}", err=True)
    if isinstance(send, SendMessage) and not send.whatsapp and not send.media:
        length = measure(send.body)
        if length.segments > 1:
            text = f"This text has {length.segments} segments ({length.encoding}); Twilio charges for each segment."
            click.echo(text, err=True)


def _ask(terms: Terms, action: str, recipients: Sequence[str], args: Mapping[str, object]) -> int:
    from twilio_binding.actions import listen
    from twilio_binding.cli.outcome import INTERRUPTED, Outcome
    from twilio_binding.cli.service import chosen_one, service

    with service(load_settings(terms.config)) as client:
        phone = chosen_one(client, terms.thing, "phone", how="choose one with --from")
        uid, request_id = str(phone["uid"]), terms.request_id or uuid4().hex
        channel = "call-status-update" if "Call" in action else "message-status"
        events = listen(uid, channel, client=client) if terms.wait else None
        outcome = Outcome(
            request_id,
            seconds=terms.timeout if terms.wait else None,
            as_json=terms.as_json,
            shown=str if terms.numbers else mask_number,
        )
        code = None
        try:
            client.timeout = terms.timeout
            outcome.answered(recipients, _result(client, uid, action, args, request_id))
            if events is not None:
                _follow(outcome, events, phone)
        except KeyboardInterrupt:
            outcome.interrupted()
            code = INTERRUPTED
    outcome.finish(thing=uid, action=action)
    return outcome.exit_code if code is None else code


def _result(client: Client, uid: str, action: str, args: Mapping[str, object], request_id: str) -> Result:
    result = client.call(uid, action, args, request_id=request_id)
    if result.code == "timeout":
        # The service gives up at the same time. With the same id, it reports the outcome, and sends nothing again.
        client.timeout = _ONCE_MORE
        result = client.call(uid, action, args, request_id=request_id)
    return result


def _follow(outcome: Outcome, events: Events, phone: Mapping[str, Any]) -> None:
    from queue import Empty

    if outcome.seconds_left and not phone["properties"].get("statusCallbackUrl"):
        click.echo(
            "No status will come in, because Twilio cannot reach this service. Set publicUrl of the account.", err=True
        )
        return
    while left := outcome.seconds_left:
        try:
            _, event = events.get(timeout=left)
        except Empty:
            return
        outcome.status(event)
