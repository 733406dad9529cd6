"""What media need from the outside: a shelf, pictures of items, and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from twilio_binding.model.content_types import Media
from twilio_binding.protocol.errors import TwilioBindingError


class MediaTooLargeError(TwilioBindingError):
    """More bytes than may be kept."""

    code = "too_large"


class SourceError(TwilioBindingError):
    """A source of media gave none. The text is what Twilio is told; `reason` is for the log, and holds no secret."""

    code = "bad_source"

    def __init__(self, text: str, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or text


class NotMediaError(SourceError):
    """A source answered well, but with a page, an error message or nothing: it will go on doing so for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaEntry:
    """What a media URL stands for. `source` is where it is fetched from, "" for the picture of an item.

    `asked` is a digest of what the request asked for that made it, and of who did. `expires` is in seconds since
    1970. While `size` is None its bytes are not here (yet, or any more).
    """

    id: int
    uuid: str = field(repr=False)
    asked: str = field(repr=False)
    source: str = field(repr=False)
    expires: float
    content_type: str
    size: int | None


class MediaShelf(Protocol):
    """Remembers media URLs, and keeps their bytes."""

    def add(
        self, uuid: str, *, request_id: str, asked: str, source: str, expires: float, media: Media | None
    ) -> MediaEntry | None:
        """Remember a URL, on disk, or find the live one that the id made before; an expired one loses the id.

        None when the id is that of a send. Raises `MediaTooLargeError`.
        """

    def made_by(self, request_id: str) -> MediaEntry | None:
        """The entry that a request of this id made before."""

    def find(self, uuid: str) -> MediaEntry | None:
        """What is known of a URL."""

    def keep(self, entry: MediaEntry, media: Media) -> MediaEntry:
        """Keep the bytes of an entry, on disk; the first ones stay. Raises `MediaTooLargeError`."""

    def open(self, entry: MediaEntry) -> BinaryIO:
        """The bytes of an entry; raises OSError when they are gone or not whole."""

    def unfetched(self) -> Sequence[MediaEntry]:
        """Live entries whose bytes are not here yet."""

    def age(self, *, remember: float) -> int:
        """Drop bytes of expired entries, and entries that expired so many seconds ago; how many those were."""


class ItemPictures(Protocol):
    """The pictures of openHAB's items."""

    def picture(self, item: str, *, most: int) -> Media:
        """The state of an Image item, of at most so many bytes.

        Raises `Refusal` when it has none, `DependencyDownError` when openHAB cannot be asked.
        """


class Sources(Protocol):
    """Whatever can be fetched for Twilio: cameras, mostly."""

    def check(self, url: str) -> None:
        """Whether something could ever be fetched from a URL; raises `SourceError`."""

    def fetch(self, url: str) -> Media:
        """The current content of `url`; raises `SourceError`, and `NotMediaError` if it is not media."""

    def stop(self) -> None:
        """Cut every fetch that is under way, and begin none."""
