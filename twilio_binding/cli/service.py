"""The connection of commands to the running service, through the broker."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from twilio_binding.cli.terminal import CommandError
from twilio_binding.protocol.errors import TwilioBindingError

if TYPE_CHECKING:
    from twilio_binding.mqtt import Client
    from twilio_binding.protocol.results import Result
    from twilio_binding.settings import Settings

_PATIENCE = 60.0
"""Seconds, enough for an account with many numbers, or a slow Twilio."""
_LOOK = 3.0
"""Seconds to wait for retained messages."""
_BY_UID = "give the whole UID of one"


@contextmanager
def service(settings: Settings) -> Iterator[Client]:
    """A connection to the running service with these settings; ends the command if there is none."""
    from twilio_binding import logs
    from twilio_binding.mqtt import Client, parse_broker_url
    from twilio_binding.settings.places import as_option

    logs.configure("error")
    url = settings.mqtt.url.get_secret_value()
    try:
        client = Client(
            url,
            base=settings.mqtt.base_topic,
            timeout=_LOOK,
            ca_file=settings.mqtt.ca_file,
        )
        with client:
            _see_online(client, as_option(settings.file))
            client.timeout = _PATIENCE
            yield client
    except ConnectionError as error:
        raise click.ClickException(f"{error}; mqtt.url is {parse_broker_url(url)}") from None
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None


def _see_online(client: Client, option: str) -> None:
    status = client.retained(client.topics.status)
    if status == b"online":
        return
    text = f"the service is not running; start it with: twilio-binding run{option}"
    if status is None:
        topic = client.topics.status
        text += f"\nIf it is running, the broker has no message on {topic}, or does not let this user read it."
        text += " Compare mqtt.url and mqtt.base_topic with those of the service, and check the broker's access list."
    raise click.ClickException(text)


def things(client: Client) -> list[dict[str, Any]]:
    """All things as the service publishes them."""
    told = client.retained(client.topics.things)
    if told is None:
        raise click.ClickException("the service has not published its things yet; try again in a moment")
    return list(json.loads(told))


def ask(client: Client, thing: str, action: str) -> Result:
    """Request an action without arguments; ends the command if it is refused."""
    result = client.call(thing, action, {})
    if not result:
        raise refusal(thing, result)
    return result


def refusal(thing: str, result: Result) -> CommandError:
    """The error for an action that the service refused."""
    return CommandError(f"{thing}: {result.message} ({result.code})", result.code)


def of_kind(client: Client, kind: str) -> dict[str, dict[str, Any]]:
    """The things of a kind (`account`, `phone`, `alarm`) by their UIDs."""
    return {str(one["uid"]): one for one in things(client) if str(one["uid"]).startswith(f"twilio:{kind}:")}


def chosen(client: Client, wanted: Sequence[str], kind: str) -> list[str]:
    """The UIDs of the named things of a kind, by UID or the end of it; those of all things if no name is given."""
    known = of_kind(client, kind)
    if wanted:
        return list(dict.fromkeys(_found(known, one, kind) for one in wanted))
    if not known:
        raise _none(kind)
    return [*known]


def chosen_one(client: Client, wanted: str | None, kind: str, *, how: str = _BY_UID) -> dict[str, Any]:
    """The named thing, by UID or the end of it; for None, the only thing of that kind."""
    known = of_kind(client, kind)
    return known[_found(known, wanted, kind, how=how)]


def _found(known: Mapping[str, object], wanted: str | None, kind: str, *, how: str = _BY_UID) -> str:
    if wanted is not None and not wanted.strip():  # such as from an unset shell variable
        raise click.ClickException(f"the name of the {kind} is empty; known: {', '.join(known) or 'none'}")
    found = [uid for uid in known if wanted is None or wanted in (uid, uid.rpartition(":")[2])]
    if len(found) == 1:
        return found[0]
    if not known:
        raise _none(kind)
    if not found:
        raise click.ClickException(f"unknown {kind} {wanted}; known: {', '.join(known)}")
    raise click.ClickException(f"there are several {kind}s; {how}: {', '.join(found)}")


def _none(kind: str) -> click.ClickException:
    return click.ClickException(f"no {kind} is configured")
