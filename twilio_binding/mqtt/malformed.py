"""Explains what is wrong with a request that is not JSON, without quoting values."""

from __future__ import annotations

import json
import re

from twilio_binding.protocol.requests import MAX_REQUEST_BYTES

_NAMES = "to|message|mediaUrl|twiml|text|voice|callSid|itemName|sourceUrl|emergency|notAfter|args|id|replyTo|deadline"
_KEY = re.compile(f'"({_NAMES})"[ \\t\\r\\n]*:')


def explain(payload: bytes) -> str:
    """The position of the error, its argument, and the likely cause; "" for valid JSON."""
    payload = payload[:MAX_REQUEST_BYTES]
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} is not UTF-8"
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _told(text, error)
    except RecursionError:
        return "it is nested too deeply"
    return ""


def _told(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "it is empty"
    keys = [found[1] for found in _KEY.finditer(text[: error.pos])]
    where = f'in "{keys[-1]}", ' if keys else ""
    if not keys and not text.lstrip().startswith("{"):
        return "it does not begin with {"
    if error.msg.startswith("Invalid control character"):
        what = r"write a line break or tab in a string as \n or \t"
    elif error.msg.startswith(("Invalid \\escape", "Invalid \\uXXXX")):
        what = r"write a backslash in a string as \\"
    elif error.msg.startswith("Expecting ',' delimiter") and keys:
        what = 'write a quote in a string as \\"'
    else:
        what = error.msg[:1].lower() + error.msg[1:]
    return f"{where}at character {error.pos + 1} of {len(text)}: {what}"
