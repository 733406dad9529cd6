"""Splits texts into comparable words."""

from __future__ import annotations

import re
import unicodedata

_SPLIT = re.compile(
    r"\d{4}-\d{2}-\d{2}"  # a date
    r"|\d{1,2}:\d{2}(?!\d)"  # a time
    r"|(?<![\w.,])[-+]?\d+(?:[.,]\d+)*(?![.,]?\d)"  # a number
    r"|%|°[a-z]?"
    r"|\w+"
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "\u2019": "'"})
_PLUS = re.compile(r"(?<!\S)\+\s+(?=\d)")
"""A plus before a number, which is the same after a blank."""
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}([.,]\d{3})+")
_ASKING = "?\uff1f\u061f¿❓❔⁉"
_REFUSING = "👎❌🚫⛔🙅🤷🤔"
_LAST_ASKED = re.compile(rf"[{_ASKING}](?P<after>[^{_ASKING}]*)\Z")
_REFUSES = re.compile(rf"[{_REFUSING}]")
_DOUBTFUL = re.compile(rf"[{_ASKING}{_REFUSING}]")
LONGEST = 400
"""Maximum characters of a sentence that are read."""


def plain(text: str) -> str:
    """A text with single blanks."""
    return " ".join(text.split())


def folded(text: str) -> str:
    """A text without case, accents and umlauts."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_UMLAUTS)
    return "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))


def tokens(text: str) -> tuple[str, ...]:
    """The words, numbers and units of a text, folded."""
    written = _PLUS.sub("+", folded(plain(text)[:LONGEST]))
    return tuple(_SPLIT.findall(_APOSTROPHE.sub("", written)))


def asks(text: str) -> bool:
    """Whether a text ends with a question mark, perhaps with other signs after it."""
    return after_question(text) == ()


def after_question(text: str) -> tuple[str, ...] | None:
    """The tokens after the last question mark of a text; None if it has none."""
    found = _LAST_ASKED.search(text)
    return None if found is None else tokens(found["after"])


def refuses(text: str) -> bool:
    """Whether a sign in a text says no or is in doubt, such as a thumb down."""
    return bool(_REFUSES.search(text))


def is_clear(text: str) -> bool:
    """Whether a text contains no sign of a question or a refusal, with which nothing else counts as a clear yes."""
    return not _DOUBTFUL.search(text)


def number(token: str) -> float | None:
    """The number in a token; None if there is none, or if its point may be a thousands separator."""
    if not _NUMBER.fullmatch(token) or GROUPED.fullmatch(token):
        return None
    return float(token.replace(",", "."))


def plain_number(value: float) -> str:
    """A number in openHAB's form."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
