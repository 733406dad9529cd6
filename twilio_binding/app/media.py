"""Builds media: the shelf, pictures of items, and sources."""

from __future__ import annotations

from collections.abc import Callable, Collection

from twilio_binding.media.urls import MediaURLs
from twilio_binding.metrics import Metrics
from twilio_binding.openhab import OpenHABPictures
from twilio_binding.settings import Settings
from twilio_binding.sources import AllowedHosts, Credentials, OwnPages, Reach, SourceFetcher, resolve
from twilio_binding.store import Database, SqliteMediaShelf
from twilio_binding.webhooks.server import RealThread


def build_media(
    settings: Settings,
    database: Database,
    metrics: Metrics,
    clock: Callable[[], float],
    listening_on: Collection[str],
) -> tuple[SqliteMediaShelf, MediaURLs]:
    """The shelf and its parts, not started yet.

    `clock` never jumps; `listening_on` returns the addresses of this service, when they are known.
    """
    media, openhab = settings.media, settings.openhab
    shelf = SqliteMediaShelf(
        database,
        settings.data_dir / "media",
        most=media.max_bytes,
        limit=media.max_total_bytes,
        clock=clock,
        carry_out=RealThread(patience=None),
    )
    own = OwnPages(listening_on=listening_on, openhab=openhab.url, resolve=resolve)
    sources = SourceFetcher(
        Reach(AllowedHosts(media.allowed_hosts), own),
        credentials={
            host: Credentials(user=given.user, password=given.password.get_secret_value())
            for host, given in media.credentials.items()
        },
        unverified=media.unverified_hosts,
        most=media.max_bytes,
    )
    pictures = OpenHABPictures(openhab)
    return shelf, MediaURLs(
        shelf, pictures=pictures, sources=sources, metrics=metrics, most=media.max_bytes, clock=clock
    )
