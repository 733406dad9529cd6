"""Changes single settings in a TOML file, without changing the text around them."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""The name of a setting, with its section if it has one."""
Value = str | list[str]
_SECTION = re.compile(r"\s*\[")


def names(text: str) -> dict[Path, Any]:
    """The settings in a text, by names of one or two words."""
    said: dict[Path, Any] = {}
    for name, value in tomllib.loads(text).items():
        said |= {(name, inner): one for inner, one in value.items()} if isinstance(value, dict) else {(name,): value}
    return said


def changed(text: str, values: Mapping[Path, Value]) -> str:
    """The text with these settings. If it cannot be changed line by line, it is written again without comments."""
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
    section, name = path if len(path) > 1 else ("", path[0])
    begin, end = _range(lines, section) or (0, 0)
    dotted = rf"{_named(section)}\s*\.\s*" if section else ""
    for prefix, first, last in (("", begin, end), (dotted, *_top(lines))):
        found = _assigned(lines, rf"{prefix}{_named(name)}", first, last)
        if found:
            _replace(lines, *found, value)
            return
    if section and (inline := _assigned(lines, _named(section), *_top(lines))):
        inner = tomllib.loads("\n".join(lines[slice(*inline)]))[section]
        _replace(lines, *inline, {**inner, name: value})
        return
    if section and end == 0:
        if beside := _assigned(lines, rf"{dotted}[\w-]+", *_top(lines)):
            lines.insert(beside[1], f"{section}.{name} = {_literal(value)}")
            return
        lines += ([""] if lines and lines[-1].strip() else []) + [f"[{section}]"]
        begin = end = len(lines)
    while end > begin and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, f"{name} = {_literal(value)}")


def _named(name: str) -> str:
    """A pattern for a name, which may be in quotes."""
    return rf"[\"']?{name}[\"']?"


def _assigned(lines: list[str], name: str, begin: int, end: int) -> tuple[int, int] | None:
    """The lines of the assignment to a name, which may be several."""
    for number in range(begin, end):
        if re.match(rf"\s*{name}\s*=", lines[number]):
            ends = (last for last in range(number + 1, end + 1) if _says("\n".join(lines[number:last])) is not None)
            return number, next(ends, number + 1)
    return None


def _replace(lines: list[str], begin: int, end: int, value: Value | dict[str, Any]) -> None:
    """Replace these lines with the value; a list that only gets longer keeps its lines."""
    text = "\n".join(lines[begin:end])
    before = next(iter(names(text).values())) if end > begin + 1 else None
    if isinstance(before, list) and isinstance(value, list) and value[:-1] == before and lines[end - 1].strip() == "]":
        last = next(n for n in reversed(range(begin, end - 1)) if not lines[n].strip().startswith("#"))
        added = [*lines[begin : end - 1], f"  {_literal(value[-1])},", "]"]
        if _says("\n".join(added)) is None:
            added[last - begin] = re.sub(r"([\"'])(\s*(?:#[^\"']*)?)$", r"\1,\2", added[last - begin])
        lines[begin:end] = added
        return
    key = lines[begin].partition("=")[0]
    lines[begin:end] = [f"{key.rstrip()} = {_literal(value)}{_comment(text)}"]


def _comment(assignment: str) -> str:
    """The comment after an assignment: the part without which the line means the same."""
    said = _says(assignment)
    marks = (mark.start() for mark in re.finditer(r"[ \t]*#", assignment))
    return next((assignment[mark:] for mark in marks if _says(assignment[:mark]) == said), "")


def _top(lines: list[str]) -> tuple[int, int]:
    """The lines before all sections."""
    return 0, next((number for number, line in enumerate(lines) if _SECTION.match(line)), len(lines))


def _range(lines: list[str], section: str) -> tuple[int, int] | None:
    """The lines of a section, None if it has no header; "" is the part before all sections."""
    if not section:
        return _top(lines)
    head = rf"\s*\[\s*{_named(section)}\s*\]"
    begin = next((number + 1 for number, line in enumerate(lines) if re.match(head, line)), None)
    if begin is None:
        return None
    return begin, next((number for number in range(begin, len(lines)) if _SECTION.match(lines[number])), len(lines))


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
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_literal(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
