"""Interfaces that media need: a shelf, pictures of items, and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from twilio_binding.model.content_types import Media
from twilio_binding.protocol.errors import TwilioBindingError


class MediaTooLargeError(TwilioBindingError):
    """More bytes than can be stored."""

    code = "too_large"


class SourceError(TwilioBindingError):
    """A source returned no media. The text is for Twilio; `reason` is for the log, and contains no secret."""

    code = "bad_source"

    def __init__(self, text: str, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or text


class NotMediaError(SourceError):
    """A source answered with a page, an error message or nothing, and will probably do so again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaEntry:
    """A media URL. `source` is the URL to fetch, "" for the picture of an item.

    `asked` is a digest of the request that created it, and of its sender. `expires` is in seconds since 1970. While
    `size` is None, there are no bytes (yet, or any more).
    """

    id: int
    uuid: str = field(repr=False)
    asked: str = field(repr=False)
    source: str = field(repr=False)
    expires: float
    content_type: str
    size: int | None


class MediaShelf(Protocol):
    """Stores media URLs and their bytes."""

    def add(
        self, uuid: str, *, request_id: str, asked: str, source: str, expires: float, media: Media | None
    ) -> MediaEntry | None:
        """Store a URL, or return the live one that this id created before; an expired one loses the id.

        Returns None if the id is that of a send. Raises `MediaTooLargeError`.
        """

    def made_by(self, request_id: str) -> MediaEntry | None:
        """The entry that a request with this id created before."""

    def find(self, uuid: str) -> MediaEntry | None:
        """The entry of a URL."""

    def keep(self, entry: MediaEntry, media: Media) -> MediaEntry:
        """Store the bytes of an entry; later bytes are ignored. Raises `MediaTooLargeError`."""

    def open(self, entry: MediaEntry) -> BinaryIO:
        """Open the bytes of an entry; raises OSError if they are missing or incomplete."""

    def unfetched(self) -> Sequence[MediaEntry]:
        """Live entries without bytes."""

    def age(self, *, remember: float) -> int:
        """Delete the bytes of expired entries, and entries that expired so many seconds ago; returns the number of deleted entries."""


class ItemPictures(Protocol):
    """The pictures of openHAB's items."""

    def picture(self, item: str, *, most: int) -> Media:
        """The state of an Image item, up to so many bytes.

        Raises `Refusal` if it has no picture, `DependencyDownError` if openHAB is down.
        """


class Sources(Protocol):
    """Sources of pictures for Twilio, mostly cameras."""

    def check(self, url: str) -> None:
        """Check whether a URL can be allowed; raises `SourceError`."""

    def fetch(self, url: str) -> Media:
        """The current content of `url`; raises `SourceError`, and `NotMediaError` if it is not media."""

    def stop(self) -> None:
        """Cut all running fetches, and begin no more."""
