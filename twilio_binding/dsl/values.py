"""How openHAB writes texts, names and numbers."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_NOT_IN_NAMES = re.compile(r"[\s^]+")


def unquoted(literal: str) -> str:
    """The content of a text in quotes."""
    plain = _ESCAPE.sub(_escaped, literal[1:-1])
    # openHAB's texts are UTF-16: an emoji may be written as two escapes, but half of one is invalid.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def name(written: str | None) -> str:
    """A name or UID without the `^` that marks it as not a keyword, and without blanks around colons; "" if there is none."""
    return _NOT_IN_NAMES.sub("", written or "")


def number(written: str) -> int | float:
    """An int if it is written as one, otherwise a float."""
    return int(written) if written.removeprefix("-").isdigit() else float(written)


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)
