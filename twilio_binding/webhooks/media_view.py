"""Serves media URLs. The UUID is the secret: there is no signature, and it is never logged."""

from __future__ import annotations

from flask import Response

from twilio_binding.media.urls import MediaURLs
from twilio_binding.webhooks.forms import MEDIA

_PIECE = 65_536
_HEADERS = {
    # The type comes from the source, but the address is the user's own: nothing may run in a browser.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "none",
}


def show(media: MediaURLs, uri: str) -> Response:
    """The bytes of a media URL; raises `MediaUnavailableError` with the contract's texts if there are none."""
    found = media.show(uri.partition("?")[0].removeprefix(MEDIA))
    pieces = iter(lambda: found.file.read(_PIECE), b"")
    response = Response(pieces, content_type=found.content_type, headers=_HEADERS)
    response.content_length = found.size
    response.call_on_close(found.file.close)
    return response
