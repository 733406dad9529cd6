"""Pictures of messages. They come from strangers: browsers may show them, but must run nothing in them."""

from __future__ import annotations

from flask import Flask, Response, abort, render_template

from twilio_binding.console.pages.cursors import is_id
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.errors import TwilioBindingError

_SHOWN = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
STRICT = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
}
"""Headers for content from strangers, so that nothing in it runs."""


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the address of pictures."""

    @app.get("/pictures/<int:event_id>/<int:place>")
    def picture(event_id: int, place: int) -> Response | tuple[str, int]:
        entry = parts.history.conversations.entry(event_id) if is_id(event_id) else None
        wanted = next((one for one in entry.pictures if one.place == place), None) if entry else None
        if entry is None or wanted is None:
            abort(404)
        try:
            media = parts.picture(entry.thing, wanted.url)
        except TwilioBindingError as error:
            return missing("The picture cannot be shown", error.message, error.http_status)
        is_shown = media.essence in _SHOWN
        response = Response(media.content, content_type=media.essence if is_shown else "application/octet-stream")
        name = f"picture-{event_id}-{place}.{_SHOWN.get(media.essence, 'bin')}"
        response.headers["Content-Disposition"] = f"{'inline' if is_shown else 'attachment'}; filename={name}"
        response.headers.update(STRICT)
        return response


def missing(title: str, text: str, status: int | None) -> tuple[str, int]:
    """The page instead of a file that Twilio refuses: why, and what to do."""
    return render_template("error.html", title=title, text=text), status or 404
