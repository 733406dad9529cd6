"""The public URL: its name, its certificate, and whether requests through it reach this service unchanged."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from secrets import token_hex
from urllib.parse import urlsplit

import urllib3

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.certificate import certificate
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.probing import ProbeOutcome, send_probe
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning
from twilio_binding.doctor.verdicts import stranger, unreached, what_arrived
from twilio_binding.model.things import CALLBACK, Account, Phone
from twilio_binding.settings import nearby_address, split_address
from twilio_binding.webhooks.listening import ListenError
from twilio_binding.webhooks.probe import ProbeDesk
from twilio_binding.webhooks.probe_listener import ProbeListener


def look(case: Case) -> Iterator[LinkResult]:
    """Each account has its own URL; the service is first asked at its own address."""
    with_url = [account for account in case.things.accounts.values() if account.base_url]
    for account in case.things.accounts.values():
        if account not in with_url:
            yield ok(
                "note: there is no public URL, so you can send, but not receive texts, calls and statuses",
                about=account.uid,
            )
    if not with_url:
        return
    secret = case.secret or (token_hex(16) if not case.is_running else "")
    phones = {phone.bridge: phone for phone in case.things.phones.values()}
    with _somebody_listening(case, secret) as problem:
        if problem is not None:
            yield problem
        for account in with_url:
            yield from _of_account(case, account, phones.get(account.uid), secret if problem is None else "")


@contextmanager
def _somebody_listening(case: Case, secret: str) -> Iterator[LinkResult | None]:
    """The service, or a listener in its place if it is not running; otherwise why no probe can be answered."""
    listen = case.settings.webhook.listen
    host, port = split_address(listen)
    if case.is_running and not secret:
        yield skipped("not tested: the secret in data_dir cannot be read; run the doctor as the user of the service")
        return
    if port == 0:
        yield skipped("not tested: webhook.listen has port 0; set a port to which a proxy can forward")
        return
    listener: ProbeListener | nullcontext[None] = nullcontext()
    if not case.is_running:
        try:
            listener = ProbeListener(ProbeDesk(secret, case.configured), host, port)
        except ListenError:
            yield failed(
                f"another program listens at webhook.listen ({listen})", "stop it, or set webhook.listen to a free port"
            )
            return
    with listener:
        yield None


def _of_account(case: Case, account: Account, phone: Phone | None, secret: str) -> Iterator[LinkResult]:
    parts = urlsplit(account.base_url or "")
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    found = _name(host, account.uid)
    yield found
    if found.status == "failed":
        return
    if parts.scheme == "https":
        shown = certificate(host, port, account.uid)
        yield shown
        if shown.status == "failed":
            yield skipped("not tested: Twilio's requests would not arrive either", about=account.uid)
            return
    if not secret:
        return
    if phone is None:
        yield skipped("not tested: the account has no phone", about=account.uid)
        return
    yield from _probe(case, account, phone, secret)


def _name(host: str, about: str) -> LinkResult:
    try:
        addresses = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        return failed(
            f"the name {host} cannot be resolved",
            "correct publicUrl, or add the name to DNS (or dynamic DNS)",
            about=about,
        )
    private = all(ipaddress.ip_address(address.partition("%")[0]).is_private for address in addresses)
    told = f"{host} resolves to {', '.join(addresses)}" if [host] != addresses else f"its address is {host}"
    told += " (from here; from the internet it must be a public address)" if private else ""
    return ok(told, {"host": host, "addresses": addresses}, about=about)


def _probe(case: Case, account: Account, phone: Phone, secret: str) -> Iterator[LinkResult]:
    host, port = nearby_address(case.settings.webhook.listen)
    here = f"http://{f'[{host}]' if ':' in host else host}:{port}{CALLBACK}"
    try:
        direct = send_probe(here, account, phone, secret)
    except (urllib3.exceptions.HTTPError, OSError):
        yield failed(
            f"the service runs, but nothing listens at webhook.listen ({host}:{port})",
            "restart the service: webhook.listen may have been changed since its start",
            about=account.uid,
        )
        return
    if direct.told is None:
        yield failed(
            f"the program at webhook.listen ({host}:{port}) is not the service with this data_dir",
            "stop the other program or service, or correct webhook.listen and data_dir",
            {"status": direct.status},
            about=account.uid,
        )
        return
    yield from _through_the_name(case, account, phone, secret, direct)


def _through_the_name(
    case: Case, account: Account, phone: Phone, secret: str, direct: ProbeOutcome
) -> Iterator[LinkResult]:
    try:
        probe = send_probe(account.base_url or "", account, phone, secret)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        yield unreached(error, account)
        return
    if probe.told is None:
        yield stranger(probe, account)
    elif direct.told is not None and probe.told.get("instance") != direct.told.get("instance"):
        yield _namesake(case, account)
    else:
        yield from what_arrived(probe, direct, account)


def _namesake(case: Case, account: Account) -> LinkResult:
    """Another process has answered with the secret of data_dir. Only one process at a time uses a data folder."""
    if case.data_in_use and not case.is_running:
        return warning(
            "the public URL points to the service with this data_dir, which listens elsewhere than these settings say",
            "restart the service with these settings, or run the doctor with those of the service",
            about=account.uid,
        )
    return warning(
        "the public URL points to another service with a copy of this data folder: it has the same secret",
        "stop the other one, or forward /twilio/callback/ to this machine",
        about=account.uid,
    )


LINK = Link(
    id="public-url", title="Public URL", look=look, seconds=lambda case: 20.0 + 60.0 * len(case.things.accounts)
)
