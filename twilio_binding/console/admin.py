"""The admin listener: monitoring, and the pages for people, which are loaded at the first visit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from twilio_binding.console.changes import PageChanges

_MONITORING = frozenset(("/live", "/ready", "/metrics"))

Environ = dict[str, Any]


class WSGIApplication(Protocol):
    """A WSGI application."""

    def __call__(self, environ: Environ, start_response: Callable[..., Any], /) -> Iterable[bytes]:
        """Answer one request."""


class AdminSite:
    """Passes requests for monitoring to `monitoring`, and all others to the pages, which the first request builds."""

    def __init__(
        self, monitoring: WSGIApplication, make_pages: Callable[[], WSGIApplication], changes: PageChanges
    ) -> None:
        self._monitoring = monitoring
        self._make_pages = make_pages
        self._changes = changes
        self._pages: WSGIApplication | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ.get("PATH_INFO") in _MONITORING:
            return self._monitoring(environ, start_response)
        return (self._pages or self._first_visit())(environ, start_response)

    def close(self) -> None:
        """End the open live pages."""
        self._changes.close()

    def _first_visit(self) -> WSGIApplication:
        with self._lock:
            if self._pages is None:
                self._pages = self._make_pages()
            return self._pages
