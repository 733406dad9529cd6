"""The items and links of the `.items` files in a folder, which is watched for changes."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from twilio_binding.sandbox.openhab.items import Items
from twilio_binding.sandbox.openhab.links import StandInLink, StandInLinks
from twilio_binding.sandbox.openhab.model_files import FileItem, read_items

_LOG = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _File:
    """The items of one file when it was last read; none if it could not be parsed."""

    stamp: tuple[int, int]
    items: dict[str, FileItem] = field(default_factory=dict)


class ItemFiles:
    """Watches a folder. If a file cannot be parsed, its items and links are removed, as openHAB does."""

    def __init__(self, folder: Path | None, items: Items, links: StandInLinks, interval: float) -> None:
        self._folder = folder
        self._items = items
        self._links = links
        self._interval = interval
        self._files: dict[Path, _File] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.errors: dict[str, str] = {}

    def start(self) -> None:
        """Read all files, and start to watch them."""
        if self._folder is None:
            return
        self._stop.clear()
        self._files = {}
        self._look()
        self._thread = threading.Thread(target=self._watch, name="openhab-items", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self._look()
            except OSError:
                _LOG.warning("sandbox.items_unreadable")

    def _look(self) -> None:
        paths = sorted(self._folder.glob("*.items")) if self._folder else []
        for path in [known for known in self._files if known not in paths]:
            self._carry_over(self._files.pop(path).items, {})
            self.errors.pop(path.name, None)
        for path in paths:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            before = self._files.get(path)
            if before is None or before.stamp != stamp:
                after = self._read(path)
                self._carry_over(before.items if before else {}, after)
                self._files[path] = _File(stamp=stamp, items=after)

    def _read(self, path: Path) -> dict[str, FileItem]:
        try:
            found = read_items(path.read_text(encoding="utf-8"), str(path))
        except Exception as mistake:
            self.errors[path.name] = str(mistake)
            _LOG.warning("sandbox.items_broken file=%s reason=%s", path.name, mistake)
            return {}
        self.errors.pop(path.name, None)
        return {item.definition.name: item for item in found}

    def _carry_over(self, before: dict[str, FileItem], after: dict[str, FileItem]) -> None:
        """Apply a change in openHAB's order: add links after their items, remove links before their items."""
        for name, item in after.items():
            old = before.get(name)
            if old is None or (old.definition, old.metadata) != (item.definition, item.metadata):
                self._items.put(item.definition, item.metadata)
            self._link(old, item)
        for name, item in before.items():
            if name not in after:
                self._unlink(item, set())
                if self._items.get(name) is not None:
                    self._items.remove(name)

    def _link(self, old: FileItem | None, item: FileItem) -> None:
        for channel, configuration in item.channels.items():
            self._links.put(StandInLink(item=item.definition.name, channel=channel, configuration=configuration))
        if old is not None:
            self._unlink(old, set(item.channels))

    def _unlink(self, item: FileItem, keep: set[str]) -> None:
        for channel in item.channels:
            if channel not in keep and self._links.get(item.definition.name, channel) is not None:
                self._links.remove(item.definition.name, channel)
