"""Media URLs: pictures of items, saved when the URL is created, and sources, fetched once for all callers."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from math import inf
from typing import BinaryIO

import structlog

from twilio_binding.clock import milliseconds
from twilio_binding.errors import DependencyDownError, id_reused
from twilio_binding.media.fetches import Fetches
from twilio_binding.media.ports import (
    ItemPictures,
    MediaEntry,
    MediaShelf,
    MediaTooLargeError,
    NotMediaError,
    SourceError,
    Sources,
)
from twilio_binding.metrics import Metrics
from twilio_binding.model import actions
from twilio_binding.model.things import Account
from twilio_binding.protocol.errors import Refusal, TwilioBindingError
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.workers import aside

_log = structlog.get_logger(__name__)

LIFETIME = 300.0
"""Seconds for which a URL works."""
_REMEMBERED = 86_400.0
"""Seconds for which an expired URL is still known."""
_TELL_WITHIN = 2.0
"""Seconds for which a request waits for its source, to report that it has no picture."""
_SHOW_WITHIN = 14.0
"""Seconds for which Twilio waits for a picture."""
_REPLY_SECONDS = 0.5
"""Seconds before a deadline at which a reply still arrives in time."""


class MediaUnavailableError(TwilioBindingError):
    """The media cannot be shown; has an HTTP status and a text for Twilio."""

    code = "no_media"

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.http_status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMedia:
    """The content of a URL: `file` has `size` bytes, and the caller closes it."""

    content_type: str
    size: int
    file: BinaryIO


class MediaURLs:
    """Creates media URLs and shows their content. `most` is in bytes, `clock` is the shelf's, in seconds.

    While a worker waits for a source, it is in `aside()`, so that others can work.
    """

    def __init__(
        self,
        shelf: MediaShelf,
        *,
        pictures: ItemPictures,
        sources: Sources,
        metrics: Metrics,
        most: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shelf = shelf
        self._pictures = pictures
        self._sources = sources
        self._metrics = metrics
        self._most = most
        self._clock = clock
        self._fetches = Fetches(shelf, sources, metrics)

    def start(self) -> None:
        """Start, and fetch what earlier processes did not fetch."""
        for entry in self._shelf.unfetched():
            self._fetches.fetch(entry)

    def stop(self, until: float = inf) -> None:
        """Stop fetching; waiting callers get an error."""
        self._fetches.stop(until)

    def create(self, request: Request, account: Account, action: actions.ItemMedia | actions.ProxyMedia) -> Reply:
        """The reply with the URL; a repeated request gets the same URL while it works. Raises `TwilioBindingError`."""
        try:
            return self._create(request, account, action)
        except TwilioBindingError as error:
            # The rule gets None, and continues without a picture.
            _log.info("media.refused", thing=request.thing, action=request.action, reason=str(error))
            raise

    def _create(self, request: Request, account: Account, action: actions.ItemMedia | actions.ProxyMedia) -> Reply:
        if account.base_url is None:
            raise Refusal("no_public_url", f"{account.uid} has no publicUrl, so Twilio could not fetch anything")
        entry = self._entry(request, account, action)
        if entry.source and entry.size is None:
            self._tell_in_time(entry, request)
        url = f"{account.base_url}/media/{entry.uuid}"
        return Reply(
            id=request.id,
            ok=True,
            result={"url": url, "expires": milliseconds(time.time() + entry.expires - self._clock())},
        )

    def show(self, name: str) -> OpenMedia:
        """The content of a URL; raises `MediaUnavailableError`."""
        entry = self._shelf.find(name)
        if entry is None:
            raise MediaUnavailableError(404, "Media not found")
        if entry.expires <= self._clock():
            raise MediaUnavailableError(410, "Media expired")
        if entry.size is None and entry.source:
            entry = self._fetched(entry)
        try:
            file = self._shelf.open(entry)
        except OSError as error:
            _log.error("media.broken", reason=type(error).__name__)
            raise MediaUnavailableError(500, "Invalid media entry") from None
        self._metrics.media.labels("shown").inc()
        return OpenMedia(content_type=entry.content_type, size=entry.size or 0, file=file)

    def age(self) -> int:
        """Delete expired media and URLs; returns the number of deleted URLs."""
        return self._shelf.age(remember=_REMEMBERED)

    def _tell_in_time(self, entry: MediaEntry, request: Request) -> None:
        """Wait a moment for the source; raises `Refusal` if it has no picture. A slow source is fetched further."""
        left = request.deadline - time.time() - _REPLY_SECONDS if request.deadline else _TELL_WITHIN
        try:
            with aside():
                self._fetches.fetch(entry).result(max(0.0, min(_TELL_WITHIN, left)))
        except NotMediaError as error:
            raise Refusal(error.code, error.reason, retryable=True) from None
        except (TwilioBindingError, TimeoutError, CancelledError):
            return  # the source may answer by the time that Twilio asks

    def _entry(self, request: Request, account: Account, action: actions.ItemMedia | actions.ProxyMedia) -> MediaEntry:
        """The entry that the request created before, or creates now; raises `Refusal` if another request has used the id."""
        request_id, asked = request.id or secrets.token_hex(16), _asked(request, account)
        entry = self._shelf.made_by(request_id)
        if entry is None or (entry.asked == asked and entry.expires <= self._clock()):
            entry = self._make(request_id, asked, action)
        if entry is None or entry.asked != asked:
            raise id_reused()
        return entry

    def _make(self, request_id: str, asked: str, action: actions.ItemMedia | actions.ProxyMedia) -> MediaEntry | None:
        source, media = "", None
        try:
            if isinstance(action, actions.ItemMedia):
                media = self._pictures.picture(action.item, most=self._most)
            else:
                source = action.source
                self._sources.check(source)
            entry = self._shelf.add(
                str(uuid.uuid4()),
                request_id=request_id,
                asked=asked,
                source=source,
                expires=self._clock() + LIFETIME,
                media=media,
            )
        except DependencyDownError as error:
            raise Refusal("openhab_away", str(error), retryable=True) from None
        if source and entry is not None:
            self._fetches.fetch(entry)  # now, so that the picture shows the moment of the request
        return entry

    def _fetched(self, entry: MediaEntry) -> MediaEntry:
        try:
            return self._fetches.fetch(entry).result(_SHOW_WITHIN)
        except SourceError as error:
            raise MediaUnavailableError(502, str(error)) from None
        except (MediaTooLargeError, CancelledError, TimeoutError):
            raise MediaUnavailableError(502, "Failed to fetch media") from None


def _asked(request: Request, account: Account) -> str:
    """What distinguishes requests with the same id: client, account, thing, and arguments."""
    client = request.reply_to.rpartition("/")[0]
    asked = json.dumps([client, request.thing, str(account.uid), request.action, request.args], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()
