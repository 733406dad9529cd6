"""Groups in groups: what is reached from an item, downwards or upwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def reached_from(name: str, following: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """All that follows an item: with members all that a command to a group reaches, with groups all that an item is in."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = {*following.get(waiting.pop(), ())} - found
        found |= new
        waiting += new
    return frozenset(found)
