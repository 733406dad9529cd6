"""Recordings of calls, which Twilio keeps: fetched with the account's credentials, for signed-in users."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from twilio_binding.console.pages.cursors import is_id
from twilio_binding.console.pages.pictures import STRICT, missing
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.errors import TwilioBindingError

_TYPE = ".mp3"
"""The smallest of the types that Twilio offers."""
_SOUNDS = ("audio/mpeg", "audio/mp3", "audio/wav", "audio/x-wav")

_MISSING = "The recording cannot be played"


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add the address of recordings."""

    @app.get("/recordings/<int:event_id>")
    def recording(event_id: int) -> Response | tuple[str, int]:
        found = parts.history.calls.recording(event_id) if is_id(event_id) else None
        if found is None:
            abort(404)
        thing, url = found
        try:
            media = parts.picture(thing, f"{url}{_TYPE}")
        except TwilioBindingError as error:
            return missing(_MISSING, error.message, error.http_status)
        if media.essence not in _SOUNDS:
            return missing(_MISSING, f"Twilio sent {media.essence}, not a sound.", 404)
        response = Response(media.content, content_type=media.essence)
        way = "attachment" if "download" in request.args else "inline"
        response.headers["Content-Disposition"] = f"{way}; filename=recording-{event_id}{_TYPE}"
        response.headers.update(STRICT)
        response.make_conditional(request, accept_ranges=True, complete_length=len(media.content))
        return response
