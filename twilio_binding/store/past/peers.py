"""Reads the numbers of conversations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from twilio_binding.history.ports import Peer
from twilio_binding.store.database import Database

_SELECT = "SELECT id, number, thing, last FROM peers"
_ONE = f"{_SELECT} WHERE id = ?"
_NEWEST = f"{_SELECT} WHERE (last, id) < (?, ?) ORDER BY last DESC, id DESC LIMIT ?"
_OF_NUMBERS = "SELECT id, number, thing, last FROM peers WHERE number IN (SELECT value FROM json_each(?))"
_MATCHING = f"{_SELECT} WHERE instr(number, ?) ORDER BY last DESC LIMIT ?"


class SqlitePeers:
    """The peers in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, before: tuple[float, float], limit: int) -> Sequence[Peer]:
        """The latest numbers before a time and an id, newest first."""
        return self._read(_NEWEST, *before, limit)

    def of(self, peer_id: int) -> Peer | None:
        """A number, by its id."""
        return next(iter(self._read(_ONE, peer_id)), None)

    def ids(self, numbers: Sequence[str]) -> Mapping[str, int]:
        """The ids of numbers."""
        return {peer.number: peer.id for peer in self._read(_OF_NUMBERS, json.dumps(numbers))}

    def matching(self, part: str, limit: int) -> Sequence[Peer]:
        """Numbers that contain this part, newest first."""
        return self._read(_MATCHING, part, limit)

    def _read(self, sql: str, *parameters: Any) -> list[Peer]:  # noqa: ANN401 - values of SQL
        rows = self._database.read(sql, parameters)
        return [Peer(id=peer_id, number=number, thing=thing, last=last) for peer_id, number, thing, last in rows]
