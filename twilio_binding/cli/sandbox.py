"""`twilio-binding sandbox`: a broker and stand-ins for openHAB and Twilio, to try rules."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from twilio_binding.cli.terminal import end_on_signals
from twilio_binding.protocol.errors import TwilioBindingError

if TYPE_CHECKING:
    from twilio_binding.sandbox.twilio import TwilioOptions

_LISTEN = "TWILIO_BINDING_ADMIN__LISTEN"
_API_KEY = "oh.sandbox.0123456789"
_PORT = click.IntRange(0, 65535)
_NO_BROKER = (
    "Cannot start a broker: {}. Install mosquitto (apt install mosquitto), or amqtt with pip install"
    ' "twilio-binding[demo]", or use a running broker with --broker.\n'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    items: Path | None
    deliver_to: str
    openhab_port: int
    twilio_port: int
    broker_port: int
    broker_url: str | None
    openhab_url: str | None
    token: str | None
    no_openhab: bool

    @property
    def is_real(self) -> bool:
        """Whether a real openHAB is used."""
        return self.openhab_url is not None or self.no_openhab


@click.command()
@click.option(
    "--items",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with .items files.  [default: items, else those of the example]",
)
@click.option(
    "--deliver-to", default="http://127.0.0.1:8765", show_default=True, help="URL to which webhooks are sent."
)
@click.option("--openhab-port", type=_PORT, default=8080, show_default=True)
@click.option("--twilio-port", type=_PORT, default=8081, show_default=True)
@click.option(
    "--broker-port", type=_PORT, default=0, help="Port of the broker that the sandbox starts. [default: a free port]"
)
@click.option(
    "--broker", "broker_url", metavar="URL", help="Use this broker instead of starting one, such as mqtt://127.0.0.1."
)
@click.option("--openhab", "openhab_url", metavar="URL", help="Use this openHAB instead of a stand-in.")
@click.option("--token", envvar="TWILIO_BINDING_OPENHAB__TOKEN", help="API token of that openHAB.", show_envvar=True)
@click.option(
    "--no-openhab", is_flag=True, help="Start no stand-in for openHAB; the service uses the openHAB in its settings."
)
def sandbox(**given: object) -> None:
    """Run a broker and stand-ins to try rules.

    The command starts stand-ins for openHAB and Twilio, and shows how to connect the service to them. With --openhab or --no-openhab, try a real openHAB without Twilio.
    """
    from twilio_binding.sandbox import openhab, twilio

    options: dict[str, Any] = given
    wanted = _Wanted(**options)
    _check(wanted)
    listening = _listening(wanted.deliver_to)
    end_on_signals()
    over = threading.Event()
    calls = twilio.TwilioOptions(port=wanted.twilio_port, deliver_to=wanted.deliver_to)
    with ExitStack() as running:
        notes: list[str] = []
        told = list(_real_openhab(wanted.openhab_url, wanted.token, notes)) if wanted.openhab_url is not None else []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        if not wanted.is_real:
            home = openhab.OpenHABOptions(port=wanted.openhab_port, items=_items(wanted.items, notes), token=_API_KEY)
            told = _of_openhab(running.enter_context(openhab.OpenHABStandIn(home)).url, _API_KEY)
        told += _broker(running, wanted.broker_url, wanted.broker_port, notes)
        at_twilio = running.enter_context(twilio.TwilioStandIn(calls)).url
        click.echo(f"Your phone is http://{_admin()}/try in a browser, as soon as the service runs.\n")
        for note in notes:
            click.echo(f"{note}\n")
        _tell([*told, f"TWILIO__API_URL={at_twilio}", *listening], at_twilio, calls)
        over.wait()


def _check(wanted: _Wanted) -> None:
    if wanted.openhab_url is not None and wanted.no_openhab:
        raise click.UsageError("use either --openhab or --no-openhab, not both.")
    if wanted.broker_url is not None and wanted.broker_port:
        raise click.UsageError("use either --broker or --broker-port, not both.")
    ports = {"--twilio-port": wanted.twilio_port, "--broker-port": wanted.broker_port}
    if not wanted.is_real:
        ports["--openhab-port"] = wanted.openhab_port
    for option, port in ports.items():
        _check_free(port, option)


def _listening(deliver_to: str) -> list[str]:
    """The setting with which the service listens there; none for the default, and for a proxy that speaks TLS."""
    from urllib.parse import urlsplit

    from twilio_binding.settings import web_address
    from twilio_binding.settings.sections import WebhookSettings

    try:
        parts = urlsplit(web_address(deliver_to))
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--deliver-to") from None
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        text = "give only scheme, host and port, such as http://127.0.0.1:8765"
        raise click.BadParameter(text, param_hint="--deliver-to")
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    is_usual = address == WebhookSettings().listen
    return [] if is_usual or parts.scheme == "https" else [f"WEBHOOK__LISTEN={address}"]


def _admin() -> str:
    """The address of the console of the service with these settings."""
    from twilio_binding.settings.sections import AdminSettings

    return os.environ.get(_LISTEN) or AdminSettings().listen


def _items(named: Path | None, notes: list[str]) -> Path:
    """The named folder of items, otherwise that in the working folder, otherwise that of the example."""
    from twilio_binding.sandbox.service_process import SEEDS

    if named is None:
        return here if (here := Path("items")).is_dir() else SEEDS / "items"
    if not named.is_dir():
        notes.append(f"The folder {named} does not exist, so openHAB has no items. Choose another folder with --items.")
    return named


def _check_free(port: int, option: str) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        raise click.ClickException(f"port {port} is taken; choose another with {option}") from None


def _of_openhab(url: str, token: str) -> list[str]:
    return [f"OPENHAB__URL={url}", f"OPENHAB__TOKEN={token}"]


def _real_openhab(url: str, token: str | None, notes: list[str]) -> Iterator[str]:
    """The settings for a real openHAB, which must accept this token."""
    from pydantic import ValidationError

    from twilio_binding.openhab import OpenHABRequests, RestClient, read_release
    from twilio_binding.settings.sections import OpenHABSettings

    if not token:
        raise click.UsageError("--openhab needs --token: create an API token in openHAB, as an administrator.")
    try:
        settings = OpenHABSettings.model_validate({"url": url, "token": token})
    except ValidationError as error:
        problem = error.errors()[0]
        option = "--openhab" if problem["loc"] == ("url",) else "--token"
        raise click.BadParameter(problem["msg"].removeprefix("Value error, "), param_hint=option) from None
    requests = OpenHABRequests(settings)
    try:
        rest = RestClient(requests)
        release = read_release(rest.root())
        rest.rules()
    except TwilioBindingError as error:
        raise click.ClickException(f"openHAB at {url} cannot be used: {error}") from None
    finally:
        requests.close()
    if release is None:
        raise click.ClickException(f"the server at {url} is not openHAB")
    notes.append(f"{release} answers at {settings.url}.")
    yield from _of_openhab(settings.url, token)


def _broker(running: ExitStack, url: str | None, port: int, notes: list[str]) -> list[str]:
    """The setting for the broker, which is started here unless one is named."""
    from twilio_binding.mqtt import parse_broker_url
    from twilio_binding.sandbox.broker import BrokerProcess

    if url is not None:
        try:
            parse_broker_url(url)
        except TwilioBindingError as error:
            raise click.BadParameter(str(error), param_hint="--broker") from None
        return [f"MQTT__URL={url}"]
    broker = BrokerProcess(port=port)
    try:
        running.enter_context(broker)
    except RuntimeError as error:
        click.echo(_NO_BROKER.format(error), err=True)
        return []
    notes.append(f"The broker is {broker.kind}, at {broker.url}.")
    return [f"MQTT__URL={broker.url}"]


def _tell(settings: list[str], at_twilio: str, calls: TwilioOptions) -> None:
    from twilio_binding.sandbox.service_process import SEEDS

    click.echo("Start the service in another terminal, in the same folder, with\n")
    if not any(Path("things").glob("*.things")):
        click.echo(f"mkdir -p things && cp {quote(str(SEEDS / 'things' / 'twilio.things'))} things/")
    for setting in settings:
        name, _, value = setting.partition("=")
        click.echo(f"export TWILIO_BINDING_{name}={quote(value)}")
    click.echo("twilio-binding run\n")
    click.echo("The stand-in for Twilio has the account and the number that are in things/twilio.things.\n")
    post = "curl -H 'Content-Type: application/json' \\\n    -d"
    text = f'{{"from":"+15559876543","to":"{calls.number}","body":"Hello"}}'
    call = f'{{"from":"+15559876543","to":"{calls.number}","script":["1","2"]}}'
    click.echo(f"A text comes in:   {post} '{text}' {at_twilio}/sandbox/receive")
    click.echo(f"A call, keys 1, 2: {post} '{call}' {at_twilio}/sandbox/call")
