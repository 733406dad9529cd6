"""What people write in forms, and requests of pages to the service, like those of rules."""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

from flask import flash, request

from twilio_binding.console.ports import ConsoleParts
from twilio_binding.protocol.requests import Request

_LATER = "Twilio has not answered yet; the service continues by itself."


def text_of(field: str) -> str:
    """What was written in a field of the form, with a line break as one character; browsers send it as two, which Twilio charges for."""
    return request.form.get(field, "").replace("\r\n", "\n")


def asked(parts: ConsoleParts, thing: str, action: str, args: dict[str, object], *, done: str = "") -> str:
    """Request an action; returns why it was refused, "" if it was not. The next page says `done`, or that it takes longer.

    The form has an id, so that a request sent twice is carried out once.
    """
    try:
        reply = parts.ask(Request(id=_request_id(thing, action, args), thing=thing, action=action, args=args))
    except TimeoutError:
        flash(_LATER)
        return ""
    if reply.ok and done:
        flash(done)
    return "" if reply.ok else reply.message


def _request_id(thing: str, action: str, args: dict[str, object]) -> str:
    """The id of a form with its content: browsers show a page again with its id, and then another text is another request."""
    given = request.form.get("request", "")
    if not given:
        return uuid4().hex
    content = json.dumps([given, thing, action, args])
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
