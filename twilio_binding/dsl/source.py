"""The `.things` files of the configuration, each in its last good version."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from twilio_binding.dsl.parser import DslError, parse_things
from twilio_binding.model.configuration import ThingNode
from twilio_binding.settings.places import matching

_log = structlog.get_logger(__name__)

_SETTLED = 3.0
"""Seconds for which a file must not change before things that are missing in it are removed."""
_KEPT = "its last good version stays in use"

Stamp = tuple[int, ...]


_T = TypeVar("_T")


class Calling(Protocol):
    """Calls a function that may hang."""

    def __call__(self, function: Callable[[], _T]) -> _T:
        """The result of the function; raises `TimeoutError` if it hangs."""


def call_here(function: Callable[[], _T]) -> _T:
    """Call the function directly."""
    return function()


@dataclass(slots=True)
class _File:
    """The state of a file: its last good content, and the content last seen and read."""

    nodes: list[ThingNode] = field(default_factory=list)
    error: str = ""
    may_pass: bool = False
    """Whether the error is not in the content, so that reading the file again may help."""
    seen: Stamp | None = None
    since: float = 0.0
    read: Stamp | None = None

    @property
    def is_due(self) -> bool:
        """Whether the file must be read, or forgotten."""
        return self.seen is None or self.read != self.seen or self.may_pass


class ThingsFiles:
    """The things in all files that match `globs`. `on_change` is called after a change was read.

    A file that cannot be read, or is empty, keeps its last good content; the others are read. A file that is being
    written is read when it is complete. To remove things, users delete their lines, or the file. All file access goes
    through `calling`, which can run it where hanging does no harm.
    """

    def __init__(
        self, globs: Sequence[str], *, on_change: Callable[[], None] = lambda: None, calling: Calling = call_here
    ) -> None:
        self._globs = tuple(globs)
        self._on_change = on_change
        self._calling = calling
        self._hanging = ""
        self._files: dict[Path, _File] = {}

    @property
    def nodes(self) -> list[ThingNode]:
        """The content of the files, each in its last good version; `outdated` are nodes that are no longer in the file."""
        return [
            replace(node, outdated=f"{file.error}; {_KEPT}") if file.error else node
            for _, file in sorted(self._files.items())
            for node in file.nodes
        ]

    @property
    def errors(self) -> list[str]:
        """Why files cannot be read, one error per line; empty if all can."""
        errors = (self._hanging, *(file.error for file in self._files.values()))
        return [error for error in dict.fromkeys(errors) if error]

    @property
    def files(self) -> list[Path]:
        """The found files."""
        return sorted(path for path, file in self._files.items() if file.seen is not None)

    def recall(self, nodes: Iterable[ThingNode]) -> None:
        """Start with the content from an earlier run, for files that cannot be read now."""
        for node in nodes:
            self._files.setdefault(Path(node.place.source), _File()).nodes.append(node)

    def load(self, *, anew: bool = False) -> None:
        """Read the files that changed; with `anew`, read all, and treat that as a change."""
        self._notice()
        self._take([path for path, file in sorted(self._files.items()) if anew or file.is_due], at_once=True, anew=anew)

    def look(self) -> None:
        """Read the files that have changed and are complete."""
        self._take([path for path in self._notice() if self._files[path].is_due], at_once=False)

    def _notice(self) -> list[Path]:
        """Check all files; returns those that have not changed since the last check."""
        stamps = self._stamps()
        now = time.monotonic()
        steady = []
        for path in sorted({*self._files, *stamps}):
            file = self._files.setdefault(path, _File())
            if file.since and file.seen == stamps.get(path):
                steady.append(path)
            else:
                file.seen, file.since = stamps.get(path), now
        return steady

    def _stamps(self) -> dict[Path, Stamp]:
        """What tells the files' versions apart; the previous values if they cannot be read."""
        try:
            stamps, told = self._calling(lambda: _stamps(self._globs)), ""
        except TimeoutError as error:
            stamps = {path: file.seen for path, file in self._files.items() if file.seen is not None}
            told = f"things = {', '.join(self._globs)}: cannot be read ({error.strerror})"
        if told and told != self._hanging:
            _log.warning("things.hanging", error=told)
        self._hanging = told
        return stamps

    def _take(self, paths: Sequence[Path], *, at_once: bool, anew: bool = False) -> None:
        """Take over the content of files."""
        before = {path: (file.nodes, file.error) for path, file in self._files.items()}
        left = [path for path in paths if not self._take_one(path, at_once=at_once)]
        for path in left:  # a thing that moves to another file is missing only until that file is read
            self._take_one(path, at_once=at_once)
        if anew or before != {path: (file.nodes, file.error) for path, file in self._files.items()}:
            self._on_change()

    def _take_one(self, path: Path, *, at_once: bool) -> bool:
        """Take over the content of a file; False if it changed too recently."""
        file = self._files[path]
        told, file.may_pass = "", False
        try:
            nodes = self._said(path, file)
        except OSError as error:
            nodes, file.may_pass = file.nodes, True
            told = f"{path}: cannot be read ({error.strerror or type(error).__name__})"
        except _UnreadableError as error:
            nodes, told = file.nodes, str(error)
        known = {node.uid for other, one in self._files.items() if other != path for node in one.nodes}
        gone = {node.uid for node in file.nodes} - {node.uid for node in nodes} - known
        if gone and not at_once and time.monotonic() - file.since < _SETTLED:
            return False
        if told and told not in (file.error, self._hanging):
            _log.warning("things.broken_file", error=told, things_kept=len(nodes))
        file.nodes, file.error, file.read = nodes, told, file.seen
        if file.seen is None and not told:
            del self._files[path]
        return True

    def _said(self, path: Path, file: _File) -> list[ThingNode]:
        """The content of a file. Raises `OSError` and `_UnreadableError`."""
        if file.seen is not None:
            return self._calling(lambda: _read(path, file))
        if self._hanging:  # unknown whether it is missing
            raise _UnreadableError(self._hanging)
        return self._calling(lambda: _missing(path))


class _UnreadableError(Exception):
    """The file does not contain a configuration; the text says where and why."""


def _stamps(globs: Iterable[str]) -> dict[Path, Stamp]:
    """What tells the versions of each file apart."""
    stamps: dict[Path, Stamp] = {}
    for pattern in globs:
        for name in matching(pattern):
            path = Path(name)
            try:
                found = path.stat()
                stamps[path] = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
            except OSError:
                if path.is_symlink() or path.exists():
                    stamps[path] = ()
    return stamps


def _missing(path: Path) -> list[ThingNode]:
    """The content of a file that does not exist: nothing. Raises `OSError` if its folder cannot be read."""
    try:
        os.scandir(path.parent).close()
    except FileNotFoundError as error:
        raise OSError(error.errno, f"the folder {path.parent} does not exist") from None
    return []


def _read(path: Path, file: _File) -> list[ThingNode]:
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR) if stat.S_ISDIR(mode) else "it is not a file")
    try:
        text = path.read_text(encoding="utf-8")
        if file.nodes and not text.removeprefix("\ufeff").strip():
            raise _UnreadableError(f"{path}: the file is empty; to remove its things, delete the file")
        return parse_things(text, str(path))
    except DslError as error:
        raise _UnreadableError(str(error)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _UnreadableError(f"{path}:{line}: the file is not UTF-8; save it as UTF-8") from None
