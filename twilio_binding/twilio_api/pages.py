"""Lists of Twilio's REST API, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from twilio_binding.errors import OutcomeUnknownError
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.meanings import answer_of


def entries_of_all(
    clients: Clients, account: Account, url: str, name: str, query: Mapping[str, str] | None
) -> Iterator[dict[str, Any]]:
    """The entries `name` of all pages from `url` on. Raises `TwilioError` or `OutcomeUnknownError`."""
    client, host = clients.of(account), url
    seen: set[str] = set()
    while True:
        page = answer_of(client, "GET", url, query=query)
        yield from entries_of(page, name)
        meta = page.get("meta")
        following = page.get("next_page_uri") or (meta.get("next_page_url") if isinstance(meta, dict) else None)
        if not following:
            return
        # Only path and query, so that our credentials go to no other host.
        parts = urlsplit(str(following))
        url, query = urlsplit(host)._replace(path=parts.path, query=parts.query).geturl(), None
        if url in seen:
            raise OutcomeUnknownError("Twilio's list of pages has no end")
        seen.add(url)


def entries_of(page: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The entries `name` of one page."""
    entries = page.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise unreadable()
    return entries


def unreadable() -> OutcomeUnknownError:
    """The error for an answer that does not come from Twilio."""
    return OutcomeUnknownError("Twilio's answer could not be read")
