"""Fetches from sources: one fetch for all callers, and few at a time from one host."""

from __future__ import annotations

import threading
from collections import Counter, deque
from concurrent.futures import Future
from urllib.parse import urlsplit

import structlog

from twilio_binding.clock import left
from twilio_binding.media.ports import MediaEntry, MediaShelf, MediaTooLargeError, SourceError, Sources
from twilio_binding.metrics import Metrics
from twilio_binding.model.content_types import UNKNOWN_TYPE

_log = structlog.get_logger(__name__)

_AT_A_TIME = 32
_OF_A_HOST = 2


class Fetches:
    """Fetches entries. A camera that hangs does not delay other hosts."""

    def __init__(self, shelf: MediaShelf, sources: Sources, metrics: Metrics) -> None:
        self._shelf = shelf
        self._sources = sources
        self._metrics = metrics
        self._stopping = False
        self._lock = threading.Lock()
        self._futures: dict[int, Future[MediaEntry]] = {}
        self._waiting: dict[str, deque[tuple[MediaEntry, Future[MediaEntry]]]] = {}
        self._busy: Counter[str] = Counter()
        self._hosts: deque[str] = deque()
        self._threads: set[threading.Thread] = set()

    def stop(self, until: float) -> None:
        """Stop fetching; waiting callers get an error."""
        with self._lock:
            self._stopping = True
            for queue in self._waiting.values():
                for _, future in queue:
                    future.cancel()
                queue.clear()
            threads = tuple(self._threads)
        self._sources.stop()
        for thread in threads:
            thread.join(left(until))

    def fetch(self, entry: MediaEntry) -> Future[MediaEntry]:
        """The fetch of an entry, shared by all callers. Its result is the entry with its bytes, or `SourceError`."""
        host = urlsplit(entry.source).netloc.rpartition("@")[2]
        with self._lock:
            future = self._futures.get(entry.id)
            if future is not None:
                return future
            future = Future()
            if self._stopping:
                future.cancel()
                return future
            self._futures[entry.id] = future
            self._waiting.setdefault(host, deque()).append((entry, future))
            if self._busy[host] < _OF_A_HOST:
                self._busy[host] += 1
                self._hosts.append(host)
                if len(self._threads) < _AT_A_TIME:
                    # Daemon threads, so that the process does not wait for hanging ones when it ends.
                    thread = threading.Thread(target=self._run, name="media", daemon=True)
                    self._threads.add(thread)
                    thread.start()
        return future

    def _run(self) -> None:
        """Work while there is a host that no thread works on."""
        while True:
            with self._lock:
                if not self._hosts:
                    self._threads.discard(threading.current_thread())
                    return
                host = self._hosts.popleft()
            self._work(host)

    def _work(self, host: str) -> None:
        """Fetch from a host until nothing is left."""
        while (found := self._next(host)) is not None:
            entry, future = found
            try:
                kept = self._fetch_now(entry)
            except Exception as error:
                self._over(entry)
                future.set_exception(error)
            else:
                self._over(entry)
                future.set_result(kept)

    def _next(self, host: str) -> tuple[MediaEntry, Future[MediaEntry]] | None:
        with self._lock:
            queue = self._waiting.get(host)
            if queue:
                return queue.popleft()
            self._busy[host] -= 1
            if not self._busy[host]:
                del self._busy[host]
                self._waiting.pop(host, None)
            return None

    def _over(self, entry: MediaEntry) -> None:
        """End a fetch: later callers find the stored bytes, or try again."""
        with self._lock:
            self._futures.pop(entry.id, None)

    def _fetch_now(self, entry: MediaEntry) -> MediaEntry:
        try:
            kept = self._shelf.keep(entry, self._sources.fetch(entry.source))
        except SourceError as error:
            self._metrics.media.labels("failed").inc()
            if not self._stopping:  # the next process tries again
                _log.warning("media.not_fetched", reason=error.reason)
            raise
        except MediaTooLargeError as error:
            self._metrics.media.labels("failed").inc()
            _log.warning("media.not_kept", reason=str(error))
            raise
        except Exception as error:
            self._metrics.media.labels("failed").inc()
            _log.exception("media.failed")
            raise SourceError("Failed to fetch media") from error
        self._metrics.media.labels("fetched").inc()
        if kept.content_type == UNKNOWN_TYPE:
            _log.info("media.type_unknown", host=urlsplit(entry.source).hostname)
        return kept
