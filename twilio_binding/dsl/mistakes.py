"""Explains a syntax error in terms of the file, not of the grammar."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence

Finding = tuple[int, str]

NAME = "a name"
THING_ID = "a thing id"
VALUES = ("a text in quotes", "a number", "true or false")

_ESCAPE = re.compile(r"""\\([btnfr"'\\]|u[0-9a-fA-F]{4})""")
_TOKEN = re.compile(r"""//[^\r\n]*|/\*[\s\S]*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[][{}()]""", re.DOTALL)
_FIRST_WORD = re.compile(r"(?:^|[{}\]])[ \t]*([A-Za-z]+)[ \t]*\Z", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z]+")
_LAST_NAME = re.compile(r"[\w^-]*\Z", re.ASCII)
_CLOSING = {"}": "{", "]": "[", ")": "("}


def explain(text: str, position: int, expected: Sequence[str], keywords: Sequence[str]) -> Finding:
    """The position and the description of the error; never quotes the file, which may contain secrets."""
    found = (
        _in_quotes(text, position)
        or _odd_character(text, position)
        or _misspelt(text, position, keywords)
        or _half_uid(text, position, expected)
        or (position, f"expected {_listed(expected)}" if expected else "syntax error")
    )
    return found[0], found[1] + _earlier(text, found[0])


def _in_quotes(text: str, position: int) -> Finding | None:
    """Check for an unclosed text or an unknown escape sequence."""
    quote = text[position : position + 1]
    if not quote or quote not in "\"'":
        return None
    at = position + 1
    while at < len(text) and text[at] != quote:
        if text[at] != "\\" or at + 1 == len(text):
            at += 1
        elif escape := _ESCAPE.match(text, at):
            at = escape.end()
        elif text[at + 1] == "u":
            return at, "\\u must be followed by four hex digits"
        else:
            return at, "unknown escape sequence; write a backslash as \\\\"
    return None if at < len(text) else (position, "missing closing quotation mark")


def _odd_character(text: str, position: int) -> Finding | None:
    if text.startswith("/*", position):
        return position, "this comment is not closed with */"
    character = text[position : position + 1]
    kind = unicodedata.category(character) if character else ""
    if kind in ("Pi", "Pf") or character == "\N{DOUBLE LOW-9 QUOTATION MARK}":
        return position, 'wrong kind of quotation mark; use "'
    if kind in ("Zs", "Zl", "Zp", "Cf", "Cc"):
        return position, f"unexpected invisible character U+{ord(character):04X}"
    if character == "#":
        return position, "a comment must begin with //"
    return None


def _misspelt(text: str, position: int, keywords: Sequence[str]) -> Finding | None:
    """A misspelt keyword at the beginning of a statement."""
    line = text.rfind("\n", 0, position) + 1
    word = _WORD.match(text, position)
    for end in (position, word.end() if word else position):
        match = _FIRST_WORD.search(text, line, end)
        close = difflib.get_close_matches(match[1].capitalize(), keywords, n=1, cutoff=0.75) if match else []
        if match and close and match[1] not in keywords:
            return match.start(1), f"did you mean {close[0]}?"
    return None


def _half_uid(text: str, position: int, expected: Sequence[str]) -> Finding | None:
    """A UID with fewer than three parts, which reads like a thing type without an id."""
    if THING_ID not in expected or text[position : position + 1] != ":":
        return None
    name = _LAST_NAME.search(text, 0, position)
    start = name.start() if name else position
    return start, "incomplete UID; use the form binding:type:id"


def _earlier(text: str, position: int) -> str:
    """An earlier part of the file that may be the cause."""
    opened: list[tuple[str, int]] = []
    last = None
    for token in _TOKEN.finditer(text, 0, position):
        last = token if token[0][0] in "\"'" else last
        if token[0] in _CLOSING.values():
            opened.append((token[0], token.start()))
        elif token[0] in _CLOSING and opened:
            opened.pop()
    if last and "\n" in last[0]:
        return f"; the text that begins in line {_line(text, last.start())} may lack its closing quotation mark"
    if opened and not text[position:].strip():
        return f'; the "{opened[-1][0]}" in line {_line(text, opened[-1][1])} is not closed'
    return ""


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _listed(words: Sequence[str]) -> str:
    if NAME in words and set(VALUES) <= set(words):
        words = ["a value", *(word for word in words if word not in VALUES)]
    return ", ".join(words)
