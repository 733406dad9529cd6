"""Whether the service runs with these settings, and what it says of itself on `/ready`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import urllib3

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, warning
from twilio_binding.settings import split_address

_PATIENCE = 5.0
_MOST = 1_000_000


def look(case: Case) -> Iterator[LinkResult]:
    """Asks `/ready` at admin.listen."""
    address = case.settings.admin.listen
    host, port = split_address(address)
    if port == 0:
        yield warning("admin.listen has port 0, so the doctor cannot find the service", "give it a port, such as 8766")
        return
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is compared, not listened on
    token = case.settings.admin.token.get_secret_value()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib3.HTTPConnectionPool(host, port, timeout=_PATIENCE, retries=False) as pool:
            answer = pool.request("GET", "/ready", headers=headers, preload_content=False)
            status, content = answer.status, answer.read(_MOST)
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        yield _silent(error, address)
        return
    yield from _told(case, status, content, address)


def _silent(error: Exception, address: str) -> LinkResult:
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return warning(
            "the service does not run",
            f"start it: twilio-binding run. If it runs, it has other settings (nothing listens at admin.listen, {address})",
        )
    return failed(
        f"what listens at admin.listen ({address}) gives no answer",
        "see the log of the service, and check whether another program uses this port",
    )


def _told(case: Case, status: int, content: bytes, address: str) -> Iterator[LinkResult]:
    if status == 401:
        yield failed(
            f"what listens at {address} does not accept admin.token",
            "restart the service with these settings, or correct admin.token",
        )
        return
    try:
        entries: dict[str, dict[str, Any]] = dict(json.loads(content)["neighbours"])
        reasons = {name: str(entry.get("reason", "")) for name, entry in entries.items() if not entry["up"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        yield failed(
            f"another program than the service listens at admin.listen ({address}); it answers {status}",
            "set admin.listen to a free port, or stop the other program",
        )
        return
    case.ready = entries
    for name, reason in reasons.items():
        yield warning(f"the service says of {name}: {reason}", "see the links below", {"neighbour": name})
    for name, entry in entries.items():
        aside = int(entry.get("events_set_aside") or (entry.get("set_aside") if name == "mqtt" else 0) or 0)
        if aside:
            yield warning(
                f"{aside} events for {name} are set aside: they could not be delivered",
                "`twilio-binding events` lists them with their reasons",
            )
    if not reasons:
        yield ok("it runs, and everything that it needs is up", {"neighbours": sorted(entries)})


LINK = Link(id="service", title="Service", look=look)
