"""Ends a text as a sentence, so that the next sentence does not run into it."""

from __future__ import annotations

from unicodedata import category

_ENDS = frozenset(".!?…。｡؟।‼⁇⁈⁉\uff01\uff1f\u06d4")
_OPEN = " :;,-\u2013—"
"""What announces more; nothing follows, so a full stop replaces it."""
_QUOTES = frozenset("\"'`")
_CLOSING = frozenset({"Pe", "Pf", "Pi", "So", "Sk", "Mn", "Me", "Cf", "Zs"})
"""Unicode categories of brackets, quotation marks, emoji and what belongs to them; they may follow a full stop."""


def as_sentence(text: str) -> str:
    """The text with a full stop, unless it ends a sentence already, perhaps inside quotation marks or before an emoji."""
    text = text.strip()
    last = next((one for one in reversed(text) if one not in _QUOTES and category(one) not in _CLOSING), "")
    return text if not text or last in _ENDS else f"{text.rstrip(_OPEN)}."
