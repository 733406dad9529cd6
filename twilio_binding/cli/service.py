"""The running service, as commands reach it: through the broker, like everybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from twilio_binding.protocol.errors import TwilioBindingError

if TYPE_CHECKING:
    from twilio_binding.mqtt import Client
    from twilio_binding.protocol.results import Result
    from twilio_binding.settings import Settings

_PATIENCE = 60.0
"""Seconds for an account with many numbers, or a Twilio that is slow."""
_LOOK = 3.0
"""Seconds for what stands at the broker already."""


@contextmanager
def service(settings: Settings) -> Iterator[Client]:
    """A connection to the service that runs with these settings; ends the command where there is none."""
    from twilio_binding import logs
    from twilio_binding.mqtt import Client, parse_broker_url

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
            _see_online(client)
            client.timeout = _PATIENCE
            yield client
    except ConnectionError as error:
        raise click.ClickException(f"{error}; mqtt.url is {parse_broker_url(url)}") from None
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None


def _see_online(client: Client) -> None:
    status = client.retained(client.topics.status)
    if status == b"online":
        return
    text = "the service does not run here; start it with: twilio-binding run"
    if status is None:
        topic = client.topics.status
        text += f"\nIf it runs: the broker has nothing on {topic}, or does not let these settings read it"
        text += " (compare mqtt.url and mqtt.base_topic with those of the service, and the access list)."
    raise click.ClickException(text)


def things(client: Client) -> list[dict[str, Any]]:
    """All things as the service tells of them."""
    told = client.retained(client.topics.things)
    if told is None:
        raise click.ClickException("the service has not told of its things yet; try again in a moment")
    return list(json.loads(told))


def ask(client: Client, thing: str, action: str) -> Result:
    """Ask for an action without arguments; ends the command when it is refused."""
    result = client.call(thing, action, {})
    if not result:
        raise click.ClickException(f"{thing}: {result.message} ({result.code})")
    return result


def chosen(client: Client, wanted: tuple[str, ...], kind: str) -> list[str]:
    """The UIDs of things of a kind (`account` or `phone`): those that were named, or all of them."""
    known = [str(thing["uid"]) for thing in things(client) if str(thing["uid"]).startswith(f"twilio:{kind}:")]
    unknown = [uid for uid in wanted if uid not in known]
    if unknown:
        raise click.ClickException(f"there is no {kind} {unknown[0]}; there are {', '.join(known) or 'none'}")
    if not known:
        raise click.ClickException(f"no {kind} is configured")
    return list(wanted) or known


def chosen_phone(client: Client, wanted: str) -> dict[str, Any]:
    """The phone that was named by its UID or the end of it; without a name the only one there is."""
    known = {str(thing["uid"]): thing for thing in things(client) if str(thing["uid"]).startswith("twilio:phone:")}
    found = [uid for uid in known if not wanted or wanted in (uid, uid.rpartition(":")[2])]
    if len(found) == 1:
        return known[found[0]]
    if not known:
        raise click.ClickException("no phone is configured")
    if not found:
        raise click.ClickException(f"there is no phone {wanted}; there are {', '.join(known)}")
    raise click.ClickException(f"there are several phones; choose one with --from: {', '.join(found)}")
