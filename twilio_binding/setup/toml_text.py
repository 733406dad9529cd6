"""Changes single settings in a TOML file, and leaves what people wrote around them as it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""The name of a setting, or those of its section and of itself."""
Value = str | list[str]
_SECTION = re.compile(r"\s*\[")


def names(text: str) -> dict[Path, Any]:
    """What a text sets, by names of one or two words."""
    said: dict[Path, Any] = {}
    for name, value in tomllib.loads(text).items():
        said |= {(name, inner): one for inner, one in value.items()} if isinstance(value, dict) else {(name,): value}
    return said


def changed(text: str, values: Mapping[Path, Value]) -> str:
    """The text with these settings. Where that cannot be done line by line, it is written anew, without comments."""
    said = tomllib.loads(text)
    wanted = _merged(said, values)
    lines = text.splitlines()
    for path, value in values.items():
        if _of(said, path) != value:
            _set(lines, path, value)
    edited = "".join(f"{line}\n" for line in lines)
    return edited if _says(edited) == wanted else "\n".join(_written(wanted)).strip() + "\n"


def _merged(said: Mapping[str, Any], values: Mapping[Path, Value]) -> dict[str, Any]:
    merged = dict(said)
    for path, value in values.items():
        if len(path) == 1:
            merged[path[0]] = value
        else:
            merged[path[0]] = {**merged.get(path[0], {}), path[1]: value}
    return merged


def _of(said: Mapping[str, Any], path: Path) -> object:
    inner = said.get(path[0]) if len(path) > 1 else said
    return inner.get(path[-1]) if isinstance(inner, Mapping) else None


def _set(lines: list[str], path: Path, value: Value) -> None:
    begin, end = _range(lines, path[0] if len(path) > 1 else "")
    line = f"{path[-1]} = {_literal(value)}"
    for number in range(begin, end):
        found = re.match(rf"(\s*){path[-1]}\s*=\s*(?:\"[^\"]*\"|'[^']*'|\[[^\]]*\]|[^#]*?)(\s*#.*)?$", lines[number])
        if found:
            lines[number] = f"{found[1]}{line}{found[2] or ''}"
            return
    while end > begin and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, line)


def _range(lines: list[str], section: str) -> tuple[int, int]:
    """The lines of a section, which is added at the end where there is none; "" is what stands before all sections."""
    begin = 0
    if section:
        heads = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\s*{section}\s*\]", line)]
        if not heads:
            lines += ([""] if lines and lines[-1].strip() else []) + [f"[{section}]"]
        begin = heads[0] + 1 if heads else len(lines)
    following = (number for number in range(begin, len(lines)) if _SECTION.match(lines[number]))
    return begin, next(following, len(lines))


def _says(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _written(values: Mapping[str, Any], section: str = "") -> Iterator[str]:
    for name, value in values.items():
        if not isinstance(value, Mapping):
            yield f"{_key(name)} = {_literal(value)}"
    for name, value in values.items():
        if isinstance(value, Mapping):
            inner = f"{section}.{_key(name)}" if section else _key(name)
            yield from ("", f"[{inner}]", *_written(value, inner))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _literal(name)


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
