"""Media: bytes with their type, and their form as a state of openHAB."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from twilio_binding.protocol.json_text import from_json

UNKNOWN_TYPE = "application/octet-stream"
_DATA_URI = re.compile(r"data:([^,]*);base64,", re.ASCII | re.IGNORECASE)
_TYPE = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+(\s*;\s*[\w.+-]+=(\"[\w .:;/+=-]*\"|[\w.+/:-]+))*", re.ASCII)
_LONGEST_TYPE = 200
_CERTAIN = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "image/tiff"),
    (re.compile(rb"%PDF-"), "application/pdf"),
)
_CONTAINERS = (
    (re.compile(rb"....ftyp(?:heic|heix|mif1)", re.DOTALL), "image/heic"),
    (re.compile(rb"....ftyp", re.DOTALL), "video/mp4"),
)
"""Beginnings that several types share, so they only count if no media type is given."""
_HTML = re.compile(
    rb"<(?:!doctype\s+html|!--|(?:html|head|body|script|title|meta|frameset|form|div|h1|p)\b)", re.IGNORECASE
)
_XML = re.compile(rb"<(?:\?xml|!doctype|[a-z][\w.:-]*[\s/>])", re.IGNORECASE)
_BLANKS = b"\xef\xbb\xbf \t\r\n"
_PAGES = re.compile(
    r"text/(?:html|xml|css|javascript)|application/(?:xml|json|javascript|[\w.-]+\+(?:json|xml))|multipart/.*"
)
_DRAWING = "image/svg+xml"


class NoMediaError(ValueError):
    """Content that is a page or an error message instead of media; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Content with a type: a picture, a sound, a document."""

    content_type: str
    content: bytes = field(repr=False)

    @property
    def essence(self) -> str:
        """The content type without its parameters, in small letters."""
        return _essence(self.content_type)


def _essence(given: str) -> str:
    return given.partition(";")[0].strip().lower()


def content_type(given: str | None) -> str:
    """`given` if it is valid in a header; otherwise the generic type."""
    stripped = (given or "").strip()
    return stripped if len(stripped) <= _LONGEST_TYPE and _TYPE.fullmatch(stripped) else UNKNOWN_TYPE


def read_media(given_type: str | None, content: bytes) -> Media:
    """Content as media, with its type; raises `NoMediaError`.

    If the bytes are certainly of another type than the given one, the bytes win, because Twilio refuses a wrong type.
    """
    given = content_type(given_type)
    essence = _essence(given)
    found = _kind(_CERTAIN, content)
    if not found and not essence.startswith(("image/", "audio/", "video/")):
        found = _kind(_CONTAINERS, content)
    if found:
        return Media(content_type=given if essence == found else found, content=content)
    page = _page(essence, content)
    if page:
        raise NoMediaError(f"{page} instead of a picture (Content-Type: {given if given_type else 'none'})")
    return Media(content_type=given, content=content)


def is_stream(given_type: str | None) -> bool:
    """Whether a content type is an endless stream of pictures, which cameras send to browsers."""
    return content_type(given_type).lower().startswith("multipart/")


def read_raw_state(state: str) -> Media:
    """The media in a raw state; raises ValueError for anything else, `NoMediaError` for a page."""
    head = _DATA_URI.match(state)
    if head is None:
        raise ValueError("not a raw state")
    try:
        content = base64.b64decode(state[head.end() :], validate=True)
    except binascii.Error:
        raise ValueError("not a raw state") from None
    return read_media(head[1], content)


def _kind(beginnings: Sequence[tuple[re.Pattern[bytes], str]], content: bytes) -> str:
    return next((kind for beginning, kind in beginnings if beginning.match(content)), "")


def _page(essence: str, content: bytes) -> str:
    """What content is if it is not media; "" for media."""
    if not content:
        return "nothing"
    text = content.lstrip(_BLANKS)
    if _HTML.match(text):
        return "an HTML page"
    if _XML.match(text) and essence != _DRAWING:
        return "an XML document"
    if text[:1] in (b"{", b"[") and _is_json(text):
        return "JSON"
    return "a text for programs or browsers" if _PAGES.fullmatch(essence) else ""


def _is_json(text: bytes) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True
