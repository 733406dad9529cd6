"""Recordings of calls: three seconds of silence."""

from __future__ import annotations

from flask import Blueprint, Response

from twilio_binding.sandbox.twilio import failures

_FRAME = b"\xff\xf3\x18\xc4" + bytes(32)
"""36 ms of MPEG-2 Layer III: 8 kbit/s, 16 kHz, one channel."""
_FRAMES = 83


def add_routes(rest: Blueprint, account_path: str) -> None:
    """Add the route of the sounds."""

    @rest.get(f"{account_path}/Recordings/<sid>.mp3")
    def sound(sid: str) -> Response:
        if not sid.startswith("RE"):
            raise failures.NOT_FOUND
        return Response(_FRAME * _FRAMES, content_type="audio/mpeg")
