"""Searches openHAB and the broker at the usual addresses, and checks the logins for them and for Twilio."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from pydantic import SecretStr

from twilio_binding.errors import DependencyDownError, OutcomeUnknownError, TwilioError
from twilio_binding.model.configuration import load_things
from twilio_binding.model.incoming_numbers import IncomingNumber
from twilio_binding.model.things import Account, Things
from twilio_binding.model.uids import ThingUID
from twilio_binding.mqtt import BrokerTrial, parse_broker_url
from twilio_binding.openhab import (
    OpenHABRefusedError,
    OpenHABRequests,
    OpenHABThings,
    Release,
    RestClient,
    read_release,
)
from twilio_binding.settings import OpenHABSettings, Settings
from twilio_binding.setup import addresses
from twilio_binding.setup.errors import SetupError
from twilio_binding.twilio_api import Clients, TwilioNumbers

USUAL_HOSTS = ("127.0.0.1", "openhab.local", "openhabian.local", "openhab", "openhabian")
_LOOK = 3.0
"""Seconds for all usual addresses together; an unknown name can take long."""
_BROKER = 5.0


class NotReachedError(SetupError):
    """An answer could not be checked, because something does not respond."""

    code = "not_reached"


class UntrustedError(NotReachedError):
    """The certificate of the server is not trusted; a `ca_file` would help."""


class LoginRefusedError(NotReachedError):
    """The broker refuses this user."""


class CredentialsRefusedError(SetupError):
    """Twilio refuses the Account SID or the Auth Token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenHABFound:
    """An openHAB, and what its administrator may see. `conf` is its configuration folder, if it is on this machine.

    `accounts` are the UIDs of its Twilio accounts.
    """

    release: Release
    conf: Path | None = None
    has_python: bool = False
    has_java_add_on: bool = False
    accounts: tuple[str, ...] = ()

    def is_since(self, *numbers: int) -> bool:
        """Whether it has this version or a newer one."""
        return self.release.numbers >= numbers


def find_openhab(first: str, ca_file: str) -> str:
    """The first URL among `first` and the usual ones at which an openHAB answers; "" if none does."""
    urls = list(dict.fromkeys(url for url in (first, *(f"http://{host}:8080" for host in USUAL_HOSTS)) if url))
    return _first(urls, lambda url: bool(openhab(OpenHABSettings(url=url, ca_file=ca_file))))


def find_broker(first: str, openhab_host: str) -> str:
    """The first URL among `first` and the usual ones with an open port; "" if there is none."""
    hosts = dict.fromkeys(host for host in ("127.0.0.1", openhab_host, *USUAL_HOSTS) if host)
    return _first(list(dict.fromkeys(filter(None, (first, *(f"mqtt://{host}:1883" for host in hosts))))), _listens)


def openhab(server: OpenHABSettings) -> Release:
    """The openHAB at a URL; raises `NotReachedError`, or `SetupError` if something else answers."""
    with closing(OpenHABRequests(server)) as requests:
        try:
            # Without a token, because a wrong one is refused without information.
            release = read_release(RestClient(requests).root())
        except (DependencyDownError, OpenHABRefusedError) as error:
            raise _not_reached(str(error)) from None
    if release is None:
        raise SetupError(f"the server at {server.url} is not openHAB")
    return release


def openhab_at_or_above(server: OpenHABSettings) -> tuple[Release, str]:
    """The openHAB at a URL, or at one of its parents, because pages of openHAB have longer URLs; and its URL.

    Raises the error for the URL itself.
    """
    began, reasons = monotonic(), list[SetupError]()
    for url in addresses.with_parents(server.url):
        try:
            return openhab(server.model_copy(update={"url": url})), url
        except SetupError as error:
            reasons.append(error)
            if isinstance(error, UntrustedError) or monotonic() > began + _LOOK:
                break
    raise reasons[0]


def openhab_as_administrator(server: OpenHABSettings) -> OpenHABFound:
    """The same, with what the token may see; raises `SetupError` if the token does not belong to an administrator."""
    release = openhab(server.model_copy(update={"token": SecretStr("")}))
    with closing(OpenHABRequests(server)) as requests:
        try:
            folder = RestClient(requests).system().get("configFolder")
            installed = {one.get("uid") for one in requests.send("GET", "/addons").entries() if one.get("installed")}
            accounts = _accounts(requests)
        except DependencyDownError as error:
            if "API token" in str(error):
                raise SetupError("openHAB refuses this token, or its user is not an administrator") from None
            raise NotReachedError(str(error)) from None
        except OpenHABRefusedError as error:
            raise NotReachedError(str(error)) from None
    return OpenHABFound(
        release=release,
        conf=_folder_here(folder),
        has_python="automation-pythonscripting" in installed,
        has_java_add_on="binding-twilio" in installed,
        accounts=accounts,
    )


def _folder_here(told: object) -> Path | None:
    """A folder of openHAB, if it is on this machine, and this user can read it."""
    is_here = isinstance(told, str) and os.access(told, os.R_OK | os.X_OK) and Path(told).is_dir()
    return Path(str(told)) if is_here else None


def lists(server: OpenHABSettings, wanted: Things, seconds: float, ended: threading.Event) -> bool:
    """Wait until openHAB lists these accounts and phones as configured; returns whether it does.

    Without any, waits for any account. The script must be loaded, and openHAB reads a changed file after a moment. Ends
    early when `ended` is set. Raises `NotReachedError` if openHAB does not answer.
    """
    deadline = monotonic() + seconds
    with closing(OpenHABRequests(server)) as requests:
        while True:
            try:
                if _has(RestClient(requests).things(), wanted):
                    return True
            except (DependencyDownError, OpenHABRefusedError) as error:
                raise NotReachedError(str(error)) from None
            if monotonic() > deadline or ended.wait(1):
                return False


def _has(listed: Sequence[dict[str, Any]], wanted: Things) -> bool:
    things = OpenHABThings()
    things.load(listed, complete=True)
    found = load_things(things.nodes)[0]
    if not wanted.accounts:
        return bool(found.accounts)
    return _facts(wanted) <= _facts(found)


def _facts(things: Things) -> set[object]:
    """What `setup` writes about things."""
    accounts = (
        (one.account_sid, one.auth_token, one.public_url, one.public_login, one.use_cloud_webhook)
        for one in things.accounts.values()
    )
    return {*accounts, *(phone.phone_number for phone in things.phones.values())}


def _accounts(requests: OpenHABRequests) -> tuple[str, ...]:
    """The UIDs of the Twilio accounts that openHAB lists."""
    things = RestClient(requests).things()
    return tuple(str(thing["UID"]) for thing in things if thing.get("thingTypeUID") == "twilio:account")


def broker(url: str, ca_file: str) -> None:
    """Check that the broker accepts the login; raises `NotReachedError` with the reason."""
    with BrokerTrial(url, ca_file=ca_file) as trial:
        if not trial.wait(_BROKER):
            if "refuses the connection" in trial.reason:
                raise LoginRefusedError(trial.reason)
            raise _not_reached(trial.reason or "the broker does not answer")


def numbers(settings: Settings, account_sid: str, auth_token: str) -> Sequence[IncomingNumber]:
    """The numbers of an account; raises `SetupError` if Twilio refuses, and `NotReachedError` if it does not answer."""
    clients = Clients(settings.twilio.api_url)
    account = Account(uid=ThingUID("twilio:account:myaccount"), account_sid=account_sid, auth_token=auth_token)
    asked = TwilioNumbers(clients)
    try:
        status = asked.account_status(account)
        if status != "active":
            raise SetupError(f"the account is {status} (Twilio Console)")
        return asked.all(account)
    except TwilioError as error:
        if error.retryable:
            raise NotReachedError(str(error)) from None
        kind = CredentialsRefusedError if error.code == "twilio.20003" else SetupError
        raise kind(f"{error} ({error.code})") from None
    except OutcomeUnknownError as error:
        raise NotReachedError(str(error)) from None
    finally:
        clients.stop()


def _not_reached(reason: str) -> NotReachedError:
    return (UntrustedError if "certificate" in reason and "ca_file" in reason else NotReachedError)(reason)


def _listens(url: str) -> bool:
    address = parse_broker_url(url)
    with socket.create_connection((address.host, address.port), timeout=_LOOK):
        return True


def _first(candidates: Sequence[str], is_right: Callable[[str], bool]) -> str:
    """The first candidate that fits, tried all at once; slow ones are ignored."""
    answers: SimpleQueue[tuple[str, bool]] = SimpleQueue()

    def try_one(candidate: str) -> None:
        try:
            answers.put((candidate, is_right(candidate)))
        except Exception:
            answers.put((candidate, False))

    for candidate in candidates:
        threading.Thread(target=try_one, args=(candidate,), daemon=True).start()
    return _best(candidates, answers)


def _best(candidates: Iterable[str], answers: SimpleQueue[tuple[str, bool]]) -> str:
    deadline, known = monotonic() + _LOOK, dict.fromkeys(candidates, False)
    waiting = set(known)
    while waiting and monotonic() < deadline:
        try:
            candidate, known[candidate] = answers.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            break
        waiting.discard(candidate)
        if known[candidate] and not any(one in waiting for one in list(known)[: list(known).index(candidate)]):
            break
    return next((candidate for candidate, is_right in known.items() if is_right), "")
