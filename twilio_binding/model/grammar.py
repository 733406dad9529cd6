"""What the two small grammars of alarms share: tokens with columns, and errors that name a column."""

from __future__ import annotations

import re
from typing import ClassVar, NamedTuple

from twilio_binding.model.durations import read_duration
from twilio_binding.protocol.errors import Refusal

ITEM = re.compile(r"[A-Za-z_]\w*", re.ASCII)
"""The name of an item."""
_LONGEST_DURATION = 4
"""Words of the longest duration: `1 h 30 min`."""


class GrammarError(Refusal):
    """A text that cannot be parsed; `column` counts from 1."""

    refusal: ClassVar[str]
    """The code of the refusal."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(self.refusal, f"{message} (column {column})")
        self.column = column


class Token(NamedTuple):
    """A word, a quoted text or a punctuation mark: its kind is the group of the pattern. `column` counts from 1, `end` from 0."""

    kind: str
    text: str
    column: int
    end: int


class TokenReader:
    """Reads tokens from left to right. What `pattern` does not match is an unclosed quotation: an `error`."""

    def __init__(self, text: str, pattern: re.Pattern[str], error: type[GrammarError]) -> None:
        self._tokens: list[Token] = []
        at = 0
        while left := text[at:].lstrip():
            column = len(text) - len(left) + 1
            match = pattern.match(text, at)
            if match is None:
                raise error("missing closing quotation mark", column)
            kind = match.lastgroup or ""
            self._tokens.append(Token(kind, match[kind], column, match.end()))
            at = match.end()
        self._next = 0
        self._length = len(text)

    @property
    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self._next >= len(self._tokens)

    @property
    def column(self) -> int:
        """The column of the next token, or of the end."""
        return self._length + 1 if self.is_at_end else self._tokens[self._next].column

    def take_duration(self) -> float | None:
        """Read a duration of one or more words, such as `90s` or `1 h 30 min`; None if none follows."""
        coming = self._tokens[self._next : self._next + _LONGEST_DURATION]
        for number in range(len(coming), 0, -1):
            seconds = read_duration(" ".join(token.text for token in coming[:number]))
            if seconds is not None:
                self._next += number
                return seconds
        return None
