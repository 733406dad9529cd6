"""Reads openHAB's textual configuration."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from textx import metamodel_from_file
from textx.exceptions import TextXSyntaxError

from twilio_binding.dsl.mistakes import NAME, THING_ID, VALUES, explain
from twilio_binding.dsl.nodes import ItemNode, MetadataNode
from twilio_binding.dsl.values import name, number, unquoted
from twilio_binding.model.configuration import ParameterNode, Place, Scalar, ThingNode
from twilio_binding.protocol.errors import TwilioBindingError

_WORDS = {
    "CHANNEL_ID": "a channel id",
    "CHANNEL_TYPE": "a channel type",
    "EOF": "the end of the file",
    "ICON": "an icon",
    "ITEM_NAME": "an item name (letters, digits and _)",
    "ITEM_TYPE": "an item type",
    "NAME": NAME,
    "THING_ID": THING_ID,
    "UID": "a thing UID (binding:type:id)",
    **dict(zip(("STR", "NUMBER_TEXT", "FLAG"), VALUES, strict=True)),
}
_KEYWORDS = {"things": ("Bridge", "Thing"), "items": ()}


class DslError(TwilioBindingError):
    """A file that cannot be read; the text says where, and what was expected."""

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
    """Turns positions in a file into lines and columns."""

    def __init__(self, model: Any, source: str) -> None:  # noqa: ANN401 - a textX model
        self._locate = model._tx_parser.pos_to_linecol  # noqa: SLF001 - textX's way to say where
        self._source = source

    def of(self, node: Any) -> Place:  # noqa: ANN401
        line, column = self._locate(node._tx_position)  # noqa: SLF001
        return Place(source=self._source, line=line, column=column)


@cache
def _grammar(kind: str) -> Any:  # noqa: ANN401
    return metamodel_from_file(Path(__file__).parent / f"{kind}.tx", autokwd=False, use_regexp_group=False)


def _parse(kind: str, text: str, source: str) -> Any:  # noqa: ANN401
    """The model of a file; None for an empty file, for which textX returns no model."""
    text = text.removeprefix("\ufeff")
    grammar = _grammar(kind)
    try:
        model = grammar.model_from_str(text)
    except TextXSyntaxError as error:
        lines = text.split("\n")
        before = sum(len(line) + 1 for line in itertools.islice(lines, error.line - 1))
        position, words = explain(text, before + error.col - 1, _expected(error), _KEYWORDS[kind])
        line = text.count("\n", 0, position) + 1
        place = Place(source=source, line=line, column=position - text.rfind("\n", 0, position))
        raise DslError(place, words) from None
    except RecursionError:
        raise DslError(Place(source=source, line=1, column=1), "the file is nested too deeply") from None
    return None if isinstance(model, str) else model


def _expected(error: TextXSyntaxError) -> Sequence[str]:
    return list(dict.fromkeys(word for rule in error.expected_rules or () if (word := _word(rule))))


def _word(rule: Any) -> str:  # noqa: ANN401
    """What a rule of the grammar means for the author of the file; "" if that would not help."""
    if rule.rule_name in _WORDS:
        return _WORDS[rule.rule_name]
    match = str(getattr(rule, "to_match", "")).partition("(?!")[0]
    if match.rstrip(":").isalpha():
        return match
    return f'"{match}"' if len(match) == 1 else ""


def _collect(thing: Any, parent: str | None, places: _Places, nodes: list[ThingNode]) -> None:  # noqa: ANN401
    head = thing.head
    # As in openHAB, the surrounding bridge wins over the one in parentheses.
    bridge = parent or name(head.bridge) or None
    uid = name(head.uid) or _uid(name(head.type), name(head.id), parent=parent, bridge=bridge)
    nodes.append(
        ThingNode(
            uid=uid,
            is_bridge=type(thing).__name__ == "Bridge",
            label=_text(head.label),
            location=_text(head.location),
            bridge=bridge,
            parameters=_parameters(head, places),
            place=places.of(thing),
        )
    )
    for child in getattr(thing, "things", ()):
        _collect(child, uid, places, nodes)


def _uid(type_id: str, thing_id: str, *, parent: str | None, bridge: str | None) -> str:
    """The UID of `Thing type id`: binding and path from the surrounding bridge, or the binding from the named one."""
    binding, *rest = (bridge or "").split(":")
    path = rest[1:] if parent else []
    return ":".join((*filter(None, (binding,)), type_id, *path, thing_id))


def _item(item: Any, places: _Places) -> ItemNode:  # noqa: ANN401
    return ItemNode(
        type=name(item.type),
        arguments=tuple(_word_text(word) for word in item.arguments),
        name=name(item.name),
        label=_text(item.label),
        icon=name(item.icon) or None,
        groups=tuple(name(group) for group in item.groups),
        tags=tuple(_word_text(tag) for tag in item.tags),
        metadata=tuple(
            MetadataNode(
                namespace=name(entry.namespace), value=unquoted(entry.value), parameters=_parameters(entry, places)
            )
            for entry in item.metadata
        ),
        place=places.of(item),
    )


def _text(literal: str) -> str | None:
    return unquoted(literal) if literal else None


def _word_text(word: Any) -> str:  # noqa: ANN401
    return unquoted(word.text) if word.text else name(word.name)


def _parameters(owner: Any, places: _Places) -> tuple[ParameterNode, ...]:  # noqa: ANN401
    found = owner.parameters.list if owner.parameters else ()
    return tuple(
        ParameterNode(name=name(each.name), values=tuple(map(_value, each.values)), place=places.of(each))
        for each in found
    )


def _value(value: Any) -> Scalar:  # noqa: ANN401
    if value.flag:
        return bool(value.flag == "true")
    return number(value.number) if value.number else unquoted(value.text)
