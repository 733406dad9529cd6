"""Pages that follow what happens: server-sent events say that something has changed, and the page is fetched again."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response

from twilio_binding.console.changes import PageChanges

_CHANGED, _NOTHING = b"data: changed\n\n", b": nothing\n\n"


def add(app: Flask, changes: PageChanges) -> None:
    """Add the address of the events."""

    @app.get("/changes")
    def live_changes() -> Response:
        told = changes.listen()
        if told is None:
            return Response("too many pages are open\n", 503, {"Retry-After": "60"}, content_type="text/plain")
        return Response(_lines(told), content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _lines(told: Iterator[bool]) -> Iterator[bytes]:
    yield _NOTHING
    for has_changed in told:
        yield _CHANGED if has_changed else _NOTHING
