"""Media URLs as the service builds them, for tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from twilio_binding.media.urls import MediaURLs
from twilio_binding.metrics import Metrics
from twilio_binding.openhab import OpenHABPictures
from twilio_binding.settings import OpenHABSettings
from twilio_binding.sources import AllowedHosts, Credentials, OwnPages, Reach, SourceFetcher, resolve
from twilio_binding.store import Database, SqliteMediaShelf

MOST = 100_000


def media_urls(
    database: Database,
    metrics: Metrics,
    *,
    openhab: str = "http://127.0.0.1:9",
    token: str = "",
    allowed: Sequence[str] = (),
    credentials: Mapping[str, Credentials] | None = None,
    limit: int = 10 * MOST,
    seconds: float = 5.0,
    clock: Callable[[], float] = time.time,
    resolve: Callable[[str, int], Sequence[str]] = resolve,
    listening_on: Sequence[str] = (),
) -> MediaURLs:
    """Media URLs beside a database; `limit` is in bytes, `seconds` is how long a fetch may take."""
    folder: Path = database.path.parent / "media"
    shelf = SqliteMediaShelf(database, folder, most=MOST, limit=limit, clock=clock)
    shelf.start()
    own = OwnPages(listening_on=listening_on, openhab=openhab, resolve=resolve)
    reach = Reach(AllowedHosts(allowed), own, resolve=resolve)
    sources = SourceFetcher(reach, credentials=credentials or {}, most=MOST, seconds=seconds)
    pictures = OpenHABPictures(OpenHABSettings(url=openhab, token=SecretStr(token)))
    return MediaURLs(shelf, pictures=pictures, sources=sources, metrics=metrics, most=MOST, clock=clock)
