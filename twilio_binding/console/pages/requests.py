"""What people write in forms, and requests of pages to the service, like those of rules."""

from __future__ import annotations

from uuid import uuid4

from flask import flash, request

from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.requests import Request

_LATER = "Twilio has not answered yet. The request is stored and will be carried out as soon as possible."


def text_of(field: str) -> str:
    """What was written in a field of the form, with a line break as one character; browsers send it as two, which Twilio charges for."""
    return request.form.get(field, "").replace("\r\n", "\n")


def asked(parts: ConsoleParts, thing: str, action: str, args: dict[str, object]) -> str:
    """Request an action; returns why it was refused, "" if it was not.

    The form has an id, so that a request sent twice is carried out once.
    """
    given = request.form.get("request", "")
    request_id = given if given.isalnum() and len(given) <= 64 else uuid4().hex
    try:
        reply = parts.ask(Request(id=request_id, thing=thing, action=action, args=args))
    except TimeoutError:
        flash(_LATER)
        return ""
    return "" if reply.ok else reply.message
