"""Interprets the outcome of a probe of the public URL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from twilio_binding.doctor.probing import SENT, ProbeOutcome
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.model.things import Account
from twilio_binding.tls import failure

_FORWARD = "let the proxy forward /twilio/callback/ to webhook.listen, with path, query and headers unchanged"
_OF_THIS_KIND = (b"Invalid signature", b"Unknown endpoint: probe", b"Unknown thing")
_USUAL = {"host", "content-length", "content-type", "connection", "accept-encoding", "transfer-encoding"}
_WORD = re.compile(r"[\w./ -]{1,60}")


def unreached(error: Exception, account: Account) -> LinkResult:
    """Nothing answered."""
    return failed(
        f"nothing answers at {account.base_url} from here ({failure(error)})",
        "check whether the proxy or tunnel runs and the router forwards the port; many routers do not let a machine at home reach "
        "its own public address, so also try from a phone without WiFi",
        about=account.uid,
    )


def stranger(probe: ProbeOutcome, account: Account) -> LinkResult:
    """Another server answered, or something blocks the way."""
    server = _word(probe.headers.get("Server", ""))
    facts = {"status": probe.status, "server": server}
    by = f" (server: {server})" if server else ""
    if probe.status in (301, 302, 303, 307, 308):
        cause, cure = (
            "answers with a redirect",
            "set publicUrl to the address of the redirect: Twilio signs the first address",
        )
    elif probe.status == 401:
        cause, cure = (
            "asks for a password",
            (
                "let /twilio/callback/ pass without a password (requests are signed), or write it into publicUrl: https://user:password@host"
            ),
        )
    elif probe.status in (502, 503, 504):
        cause, cure = f"answers {probe.status}: the proxy does not reach the service", _FORWARD
    elif probe.status == 413:
        cause, cure = "refuses the size of the request", "let the proxy accept bodies of 256 kB"
    elif probe.content.startswith(_OF_THIS_KIND):
        cause = "points to a service with another data folder, or changes the body of requests"
        cure = "stop the other service, or forward /twilio/callback/ to this one"
    else:
        cause, cure = f"points to another server, which answers {probe.status}{by}", _FORWARD
    return failed(f"{account.base_url} {cause}", cure, facts, about=account.uid)


def what_arrived(probe: ProbeOutcome, direct: ProbeOutcome, account: Account) -> Iterator[LinkResult]:
    """The service answered: check whether everything arrived unchanged."""
    told = probe.told or {}
    headers = {name.lower() for name in told.get("headers", ())}
    dropped = [name for name in SENT if name.lower() not in headers]
    known = {name.lower() for name in (direct.told or {}).get("headers", ())} | _USUAL
    facts: dict[str, Any] = {"added": sorted(headers - known), "dropped": dropped, "client": told.get("client", "")}
    if not told.get("genuine"):
        yield _not_genuine(probe, direct, account, facts)
        return
    if "I-Twilio-Idempotency-Token" in dropped:
        yield warning(
            "the proxy drops the header I-Twilio-Idempotency-Token",
            "let it pass: with it, the service recognizes repeated requests; without it, by SID and time",
            facts,
            about=account.uid,
        )
    proxy = f"; a proxy adds {', '.join(facts['added'])}" if facts["added"] else ""
    yield ok(f"a signed request through {account.base_url} reaches this service{proxy}", facts, about=account.uid)


def _not_genuine(probe: ProbeOutcome, direct: ProbeOutcome, account: Account, facts: dict[str, Any]) -> LinkResult:
    """The request arrived, but the service would reject its signature."""
    arrived = str((probe.told or {}).get("target", ""))
    if "X-Twilio-Signature" in facts["dropped"]:
        cause, cure = (
            "the proxy drops the header X-Twilio-Signature",
            "let it pass: without it every request is refused",
        )
    elif arrived != probe.target and not account.cloud_base:
        facts = facts | {"sent": probe.target, "arrived": arrived}
        cause, cure = "the proxy changes path or query of requests, so their signatures are wrong", _FORWARD
    elif not (direct.told or {}).get("genuine"):
        cause = "the running service has another authToken or publicUrl for this account than the files"
        cure = "see what the service reports for things; it may use an older configuration, or need a restart"
    else:
        cause, cure = "the signature does not match: the proxy changes the request", _FORWARD
    return failed(cause, cure, facts, about=account.uid)


def _word(text: str) -> str:
    found = _WORD.match(text)
    return found[0] if found else ""
