"""PINs of contacts: compared in constant time, and salted for storage."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Self

_PLAIN = re.compile(r"[0-9]{4,12}")
_SALTED = re.compile(r"pbkdf2:([0-9a-f]{32}):([0-9a-f]{64})")
_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN as entered or as stored; neither is shown."""

    _text: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The PIN in a text: 4 to 12 digits, or the output of `salted`; None for anything else."""
        return cls(text) if _PLAIN.fullmatch(text) or _SALTED.fullmatch(text) else None

    def matches(self, entered: str) -> bool:
        """Whether this PIN was entered."""
        stored = _SALTED.fullmatch(self._text)
        if stored is None:
            return hmac.compare_digest(entered.encode(), self._text.encode())
        return hmac.compare_digest(_digest(entered, bytes.fromhex(stored[1])), stored[2])

    def salted(self) -> str:
        """The PIN in the form in which it is stored."""
        if _SALTED.fullmatch(self._text):
            return self._text
        salt = token_bytes(16)
        return f"pbkdf2:{salt.hex()}:{_digest(self._text, salt)}"


def salted(text: str) -> str:
    """A PIN as it may be stored; what is not a PIN is not stored."""
    pin = Pin.read(text.strip())
    return pin.salted() if pin else ""


def _digest(text: str, salt: bytes) -> str:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt, _ROUNDS).hex()
