"""What Twilio cannot have sent, although its signature is right.

The signature is over names and values written one after the other, without a mark between them: a captured request can
be taken apart in another way, and still be signed. So names that decide something must stand where Twilio puts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from twilio_binding.model.events import message_sid
from twilio_binding.model.payloads import FIELDS
from twilio_binding.webhooks.forms import Form
from twilio_binding.webhooks.refused import RefusedError

_MESSAGE = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_CALL = re.compile(r"CA[0-9a-fA-F]{32}")
_INSIDE = re.compile(r"(Message|Sms|Call|Account)Sid(?=[A-Z]{2}[0-9a-fA-F]{32})|From(?=([a-z]+:)?\+?[0-9]{3})")
"""A field that decides, with its value; it may stand in a text, and nowhere else but at its place."""
_TEXTS = frozenset(
    [
        "Body",
        "ButtonText",
        "ButtonPayload",
        "ChannelMetadata",
        "FlowData",
        "AddOns",
        "Address",
        "SpeechResult",
        "StableSpeechResult",
        "UnstableSpeechResult",
        "TranscriptionText",
    ]
)


def check(endpoint: str, form: Form) -> None:
    """Raise `RefusedError` 400 for a signed request that has no SID, or whose fields are not as Twilio writes them."""
    fields = form.fields
    if endpoint in ("sms", "whatsapp") and not _MESSAGE.fullmatch(message_sid(fields)):
        raise RefusedError(400, "Invalid form: no MessageSid")
    if endpoint in ("voice", "gather") and not _CALL.fullmatch(fields.get("CallSid", "")):
        raise RefusedError(400, "Invalid form: no CallSid")
    if endpoint == "status":
        sids = ((_MESSAGE, fields.get("MessageSid")), (_CALL, fields.get("CallSid")))
        if any(sid and not kind.fullmatch(sid) for kind, sid in sids):
            raise RefusedError(400, "Invalid form: malformed SID")
    if any(len(form.signed.get(name, ())) > 1 for name in ("AccountSid", *FIELDS[endpoint])):
        raise RefusedError(400, "Invalid form: repeated field")
    absent = tuple(name for name in FIELDS[endpoint] if name not in form.signed)
    if any(_is_moved(name, value, absent) for name, value in _pairs(form)):
        raise RefusedError(400, "Invalid form: field out of place")


def _pairs(form: Form) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, values in form.signed.items() for value in values)


def _is_moved(name: str, value: str, absent: tuple[str, ...]) -> bool:
    """Whether the border between this name and its value, or to the next name, is another than Twilio's."""
    written = name + value
    if written.startswith(absent):
        return True
    return name not in _TEXTS and any(found.end() != len(name) for found in _INSIDE.finditer(written))
