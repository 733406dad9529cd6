"""TwiML: checks the answers of rules, and creates the service's own documents."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from twilio.twiml.voice_response import VoiceResponse

from twilio_binding.protocol.errors import Refusal

MAX_ANSWER_BYTES = 64 * 1024
"""Twilio reads no more than this of an answer."""
MAX_INLINE_CHARACTERS = 4000
"""The longest TwiML in the request for a new call."""
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

_PLACEHOLDER = re.compile(r"\{gatherUrl(?::([A-Za-z0-9_.~-]{1,64}))?\}")
_ENCODING = re.compile(r"""<\?xml[^>]*\sencoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NOT_ALLOWED = "the TwiML has a document type, an entity or an encoding that is not allowed"


class TwimlError(Refusal):
    """TwiML that Twilio would reject; the text says why and where."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_twiml", message)


def message(text: str) -> str:
    """TwiML that answers a text; characters that XML cannot contain are left out."""
    return f"<Response><Message>{escape(_FORBIDDEN.sub('', text), quote=False)}</Message></Response>"


def check(text: str) -> str:
    """Return `text` if Twilio can carry it out as an answer; otherwise raise `TwimlError` with the reason."""
    if _FORBIDDEN.search(text):
        raise TwimlError("the TwiML contains a control character that XML does not allow")
    if not fits(text):
        raise TwimlError("the TwiML is larger than 64 kB")
    # Twilio permits nothing before the XML declaration, but a rule's text often begins with a line break.
    text = text.strip()
    if _ENCODING.match(text):  # it is sent in UTF-8
        raise TwimlError(_NOT_ALLOWED)
    try:
        root = fromstring(text.encode(), forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        reason = str(error).split(":")[0]
        raise TwimlError(f"the TwiML is not well-formed XML: {reason} (line {line}, column {column + 1})") from None
    except (DefusedXmlException, ValueError, LookupError):
        raise TwimlError(_NOT_ALLOWED) from None
    if root.tag != "Response":
        raise TwimlError("the root of the TwiML is not <Response>")
    return text


def check_inline(text: str) -> str:
    """Like `check`, for the TwiML of a new call with at most 4000 characters."""
    text = check(text)
    if len(text) > MAX_INLINE_CHARACTERS:
        raise TwimlError(
            f"the TwiML of a call can have at most {MAX_INLINE_CHARACTERS} characters; this has {len(text)}"
        )
    return text


def check_filled(template: str, gather_url: str | None) -> str:
    """`template` with its placeholders replaced, if Twilio accepts an answer of that size; otherwise raises `TwimlError`."""
    text = fill(template, gather_url)
    if not fits(text):
        raise TwimlError("the TwiML is larger than 64 kB once {gatherUrl} is filled in")
    return text


def check_filled_inline(template: str, gather_url: str) -> str:
    """Like `check_filled`, for the TwiML of a new call with at most 4000 characters."""
    text = fill(template, gather_url)
    if len(text) > MAX_INLINE_CHARACTERS:
        raise TwimlError(
            f"the TwiML of a call can have at most {MAX_INLINE_CHARACTERS} characters; "
            f"this has {len(text)} once {{gatherUrl}} is filled in"
        )
    return text


def fits(text: str) -> bool:
    """Whether Twilio reads the whole answer."""
    return len(text.encode()) <= MAX_ANSWER_BYTES


def has_placeholder(template: str) -> bool:
    """Whether there is a placeholder for `fill`."""
    return _PLACEHOLDER.search(template) is not None


def fill(template: str, gather_url: str | None) -> str:
    """Replace `{gatherUrl}` and `{gatherUrl:menu}` with the gather URL; without a URL, they stay."""
    if gather_url is None:
        return template
    base = escape(gather_url)

    def url(match: re.Match[str]) -> str:
        return f"{base}?menu={quote(match[1])}" if match[1] else base

    return _PLACEHOLDER.sub(url, template)


def speech(text: str, voice: str = "", language: str = "") -> str:
    """TwiML that says `text`; an empty voice or language is left out."""
    response = VoiceResponse()
    response.say(text, **{name: value for name, value in (("voice", voice), ("language", language)) if value})
    return str(response)
