"""Nested groups: everything below or above an item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def reached_from(name: str, following: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Everything reachable from an item: given members, all that a command to a group reaches; given groups, all that contain the item."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = {*following.get(waiting.pop(), ())} - found
        found |= new
        waiting += new
    return frozenset(found)
