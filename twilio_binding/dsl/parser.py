"""Reads openHAB's textual configuration."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from textx import metamodel_from_file
from textx.exceptions import TextXSyntaxError

from twilio_binding.dsl.nodes import ItemNode, MetadataNode, ParameterNode, Place, Scalar, ThingNode
from twilio_binding.errors import TwilioBindingError

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS = {
    "EOF": "the end of the file",
    "FLAG": "true or false",
    "NAME": "a name",
    "NUMBER_TEXT": "a number",
    "STR": "a quoted text",
    "UID_TEXT": "a thing UID",
}


class DslError(TwilioBindingError):
    """A file that cannot be read; the text says where and what was expected."""

    code = "bad_things_file"

    def __init__(self, place: Place, text: str) -> None:
        super().__init__(f"{place}: {text}")
        self.place = place
        self.text = text


def parse_things(text: str, source: str) -> list[ThingNode]:
    """All Bridges and Things of a file, of every binding, in order; raises `DslError`."""
    model = _parse("things", text, source)
    if model is None:
        return []
    nodes: list[ThingNode] = []
    for thing in model.things:
        _collect(thing, None, _Places(model, source), nodes)
    return nodes


def parse_items(text: str, source: str) -> list[ItemNode]:
    """All items of a file, in order; raises `DslError`."""
    model = _parse("items", text, source)
    if model is None:
        return []
    places = _Places(model, source)
    return [_item(item, places) for item in model.items]


class _Places:
    """Turns positions of one file into lines and columns."""

    def __init__(self, model: Any, source: str) -> None:  # noqa: ANN401 - a textX model
        self._locate = model._tx_parser.pos_to_linecol  # noqa: SLF001 - textX's way to say where
        self._source = source

    def of(self, node: Any) -> Place:  # noqa: ANN401
        line, column = self._locate(node._tx_position)  # noqa: SLF001
        return Place(source=self._source, line=line, column=column)


@cache
def _grammar(name: str) -> Any:  # noqa: ANN401
    return metamodel_from_file(Path(__file__).parent / f"{name}.tx", autokwd=False, use_regexp_group=False)


def _parse(name: str, text: str, source: str) -> Any:  # noqa: ANN401
    """The model of a file; None for one that says nothing, of which textX makes no model."""
    try:
        model = _grammar(name).model_from_str(text.removeprefix("\ufeff"))
    except TextXSyntaxError as error:
        place = Place(source=source, line=error.line, column=error.col)
        raise DslError(place, _expectation(error)) from None
    except RecursionError:
        raise DslError(Place(source=source, line=1, column=1), "the file is nested too deeply") from None
    return None if isinstance(model, str) else model


def _expectation(error: TextXSyntaxError) -> str:
    words = dict.fromkeys(word for rule in error.expected_rules or () if (word := _word(rule)))
    return f"expected {', '.join(words)}" if words else "this is not understood"


def _word(rule: Any) -> str:  # noqa: ANN401
    """What a rule of the grammar stands for, in words of the file's author; "" for what would not help."""
    if rule.rule_name in _WORDS:
        return _WORDS[rule.rule_name]
    match = str(getattr(rule, "to_match", ""))
    if match.startswith(('"(', "'(")):
        return _WORDS["STR"]
    match = match.removesuffix(r"\b")
    if match.isalpha():
        return match
    return f'"{match}"' if len(match) == 1 else ""


def _collect(thing: Any, parent: str | None, places: _Places, nodes: list[ThingNode]) -> None:  # noqa: ANN401
    head = thing.head
    is_bridge = type(thing).__name__ == "Bridge"
    uid = _unquoted(head.uid)
    if head.thing_id is not None:
        uid = _joined(uid, _unquoted(head.thing_id.text), parent)
    nodes.append(
        ThingNode(
            uid=uid,
            is_bridge=is_bridge,
            label=_unquoted(head.label) if head.label else None,
            location=_unquoted(head.location) if head.location else None,
            bridge=_unquoted(head.bridge) if head.bridge else parent,
            parameters=tuple(_parameter(parameter, places) for parameter in head.parameters),
            place=places.of(thing),
        )
    )
    for child in getattr(thing, "things", ()):
        _collect(child, uid, places, nodes)


def _joined(thing_type: str, thing_id: str, parent: str | None) -> str:
    """The UID of `Thing type id`: inside a bridge its binding and path come first."""
    if parent is None:
        return f"{thing_type}:{thing_id}"
    segments = parent.split(":")
    type_id = thing_type.rpartition(":")[2]
    return ":".join((segments[0], type_id, *segments[2:], thing_id))


def _item(item: Any, places: _Places) -> ItemNode:  # noqa: ANN401
    return ItemNode(
        type=item.type,
        name=item.name,
        label=_unquoted(item.label) if item.label else None,
        icon=item.icon or None,
        groups=tuple(item.groups),
        tags=tuple(_unquoted(tag) for tag in item.tags),
        metadata=tuple(
            MetadataNode(
                namespace=entry.namespace,
                value=_unquoted(entry.value),
                parameters=tuple(_parameter(parameter, places) for parameter in entry.parameters),
            )
            for entry in item.metadata
        ),
        place=places.of(item),
    )


def _parameter(parameter: Any, places: _Places) -> ParameterNode:  # noqa: ANN401
    values = tuple(_value(value) for value in parameter.values)
    return ParameterNode(name=parameter.name, values=values, place=places.of(parameter))


def _value(value: Any) -> Scalar:  # noqa: ANN401
    if value.flag:
        return bool(value.flag == "true")
    if value.number:
        return float(value.number) if "." in value.number else int(value.number)
    return _unquoted(value.text)


def _unquoted(text: str) -> str:
    if text[:1] not in ('"', "'"):
        return text
    plain = _ESCAPE.sub(_escaped, text[1:-1])
    # openHAB's texts are UTF-16: an emoji may be written as two escapes, and half of one is nothing.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)
