"""The `.things` files of the configuration, followed while they change."""

from __future__ import annotations

import glob
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from twilio_binding.dsl.parser import DslError, parse_things
from twilio_binding.model.configuration import ThingNode

_log = structlog.get_logger(__name__)

_LOOK = 1.0
"""Seconds between looks at the files."""

Stamp = tuple[int, int, int]


class ThingsFiles:
    """What all files that `globs` name say of things. `on_change` is called after a change was read.

    A file that cannot be read keeps what it last said; the others are read all the same.
    """

    def __init__(self, globs: Sequence[str], *, on_change: Callable[[], None] = lambda: None) -> None:
        self._globs = tuple(globs)
        self._on_change = on_change
        self._stamps: dict[Path, Stamp] = {}
        self._nodes: dict[Path, list[ThingNode]] = {}
        self._errors: dict[Path, str] = {}
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="things-files", daemon=True)

    @property
    def nodes(self) -> list[ThingNode]:
        """What the files say, each in its last good form."""
        return [node for path in sorted(self._nodes) for node in self._nodes[path]]

    @property
    def errors(self) -> list[str]:
        """Why files cannot be read, a line each; nothing when all can."""
        return list(self._errors.values())

    @property
    def files(self) -> list[Path]:
        """The files that were found."""
        return sorted(self._stamps)

    def load(self, *, anew: bool = False) -> None:
        """Read what changed since the last time; when `anew`, everything, and call it a change."""
        stamps = self._look()
        if stamps == self._stamps and not anew:
            return
        for path in self._nodes.keys() - stamps.keys():
            del self._nodes[path]
        for path in self._errors.keys() - stamps.keys():
            del self._errors[path]
        for path, stamp in stamps.items():
            if anew or self._stamps.get(path) != stamp:
                self._read(path)
        self._stamps = stamps
        self._on_change()

    def start(self) -> None:
        """Follow the files."""
        self._thread.start()

    def reload(self) -> None:
        """Have everything read anew, soon. It waits for nothing, as befits what a signal's handler calls."""
        self._wake.set()

    def stop(self) -> None:
        """Follow them no more."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(5)

    def _run(self) -> None:
        while True:
            woken = self._wake.wait(_LOOK)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                self.load(anew=woken)
            except Exception:
                _log.exception("things.failed")

    def _look(self) -> dict[Path, Stamp]:
        stamps: dict[Path, Stamp] = {}
        for pattern in self._globs:
            for name in glob.glob(pattern, recursive=True):  # noqa: PTH207 - patterns may be absolute
                path = Path(name)
                try:
                    status = path.stat()
                except OSError:
                    continue
                stamps[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
        return stamps

    def _read(self, path: Path) -> None:
        try:
            self._nodes[path] = parse_things(path.read_text(encoding="utf-8"), str(path))
            self._errors.pop(path, None)
        except DslError as error:
            self._errors[path] = str(error)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            self._errors[path] = f"{path}:{line}: this is not UTF-8; save the file in that encoding"
        except OSError as error:
            self._errors[path] = f"{path}: cannot be read ({error.strerror or type(error).__name__})"
        if path in self._errors:
            kept = len(self._nodes.get(path, ()))
            _log.warning("things.broken_file", error=self._errors[path], things_kept=kept)
