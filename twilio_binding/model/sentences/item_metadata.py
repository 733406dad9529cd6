"""The metadata `twilio` of one item; mistakes in it are noted and ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ItemMetadata:
    """The metadata of one item; collects mistakes."""

    def __init__(self, item: str, metadata: Mapping[str, Any], problems: list[str]) -> None:
        self._item = item
        self._problems = problems
        self.value = str(metadata.get("value") or "")
        config = metadata.get("config")
        self._config = config if isinstance(config, dict) else {}
        for name in self._config:
            if name not in _KNOWN:
                self.tell(f"unknown key {name!r:.40}; use {', '.join(_KNOWN)}")

    def flag(self, name: str) -> bool:
        """A boolean, also as text; other values count as true, because an extra PIN is safer."""
        value = self._config.get(name, False)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            self.tell(f"{name} must be true or false")
            return True
        return value

    def key(self) -> int:
        """The key in the phone menu, 0 for none."""
        value = self._config.get("key", 0)
        text = str(value).removesuffix(".0")
        if value and text not in _KEYS:
            self.tell("key must be a number from 1 to 8")
            return 0
        return int(text) if value else 0

    def choices(self, name: str, options: tuple[str, ...]) -> frozenset[str]:
        """Some of the options; all if none are given; unknown options are ignored."""
        if name not in self._config:
            return frozenset(options)
        written = [one.strip() for one in _texts(self._config[name])]
        if wrong := [one for one in written if one not in options]:
            self.tell(f"{name} must be {' or '.join(options)}, not {wrong[0]!r:.40}")
        return frozenset(one for one in written if one in options)

    def pairs(self, name: str) -> dict[str, tuple[str, ...]]:
        """Values with their words: "ON=open|up,OFF=closed"."""
        found = {}
        for part in _texts(self._config.get(name, "")):
            value, _, words = part.partition("=")
            if value.strip():
                found[value.strip()] = tuple(word.strip() for word in words.split("|") if word.strip())
        return found

    def tell(self, text: str) -> None:
        """Note a mistake."""
        self._problems.append(f"item {self._item}, metadata twilio: {text}")


_KEYS = tuple("12345678")
_KNOWN = ("can", "key", "pin", "confirm", "callback", "status", "states", "commands")


def _texts(value: object) -> list[str]:
    written = value if isinstance(value, list) else [value]
    return [part for one in written for part in str(one).split(",") if part.strip()]
