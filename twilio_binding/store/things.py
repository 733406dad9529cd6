"""Stores the last good content of `.things` files, for a start at which they are not good."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import structlog

from twilio_binding.model.configuration import Good, ParameterNode, Place, ThingNode, storable_node
from twilio_binding.private_file import write_private

_log = structlog.get_logger(__name__)


class KeptThings:
    """A file with the things of files that match `globs`; things of other globs are ignored.

    `carry_out` carries out what waits for the disk.
    """

    def __init__(
        self,
        file: Path,
        globs: Sequence[str],
        *,
        carry_out: Callable[[Callable[[], object]], object] = lambda work: work(),
    ) -> None:
        self._file = file
        self._carry_out = carry_out
        self._globs = [str(Path(pattern).absolute()) for pattern in globs]

    def recall(self) -> dict[str, ThingNode]:
        """The stored things, by UID; empty if there are none, or they cannot be read."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            nodes = [_node(node) for node in kept["things"]] if kept["globs"] == self._globs else []
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            _log.warning("things.kept_copy_unreadable", file=self._file.name)
            return {}
        return {node.uid: node for node in nodes}

    def keep(self, good: Good) -> None:
        """Store the things of files; those of openHAB are stored elsewhere."""
        try:
            self._carry_out(lambda: self._write(good))
        except (OSError, ValueError) as error:
            _log.warning("things.not_kept", reason=getattr(error, "strerror", None) or type(error).__name__)

    def _write(self, good: Good) -> None:
        things = [asdict(storable_node(node)) for node in good.values() if node.place.line]
        write_private(self._file, json.dumps({"globs": self._globs, "things": things}, ensure_ascii=False))


def _node(kept: dict[str, Any]) -> ThingNode:
    parameters = tuple(
        ParameterNode(name=str(one["name"]), values=tuple(map(_scalar, one["values"])), place=_place(one["place"]))
        for one in kept["parameters"]
    )
    return ThingNode(
        uid=str(kept["uid"]),
        is_bridge=bool(kept["is_bridge"]),
        label=_text(kept["label"]),
        location=_text(kept["location"]),
        bridge=_text(kept["bridge"]),
        parameters=parameters,
        place=_place(kept["place"]),
    )


def _place(kept: dict[str, Any]) -> Place:
    return Place(source=str(kept["source"]), line=int(kept["line"]), column=int(kept["column"]))


def _text(kept: object) -> str | None:
    return None if kept is None else str(kept)


def _scalar(kept: object) -> str | bool | int | float:
    if not isinstance(kept, str | bool | int | float):
        raise TypeError("a list or None is not a value of a parameter")
    return kept
