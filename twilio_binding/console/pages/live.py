"""Live pages: server-sent events announce changes, and the page is fetched again."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, g, request

from twilio_binding.console.changes import PageChanges


def add(app: Flask, changes: PageChanges) -> None:
    """Add the address of the events, and give each page the version of what it shows: `g.version`."""

    @app.before_request
    def note_version() -> None:
        g.version = changes.version()  # before the page reads anything, so that later changes are new to it

    @app.get("/changes")
    def live_changes() -> Response:
        known = request.headers.get("Last-Event-ID") or request.args.get("known", "")
        told = changes.listen(known, request.user_agent.string and f"{request.remote_addr} {request.user_agent}")
        if told is None:
            return Response("too many pages are open\n", 503, {"Retry-After": "60"}, content_type="text/plain")
        return Response(_lines(told), content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _lines(told: Iterator[str]) -> Iterator[bytes]:
    for version in told:
        yield f"id: {version}\ndata: changed\n\n".encode() if version else b": nothing\n\n"
