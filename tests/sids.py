"""SIDs in Twilio's form."""

from __future__ import annotations


def sid(kind: str, number: int = 1) -> str:
    """`SM`, `MM`, `CA` and so on, with 32 digits."""
    return f"{kind}{number:032x}"
