"""An item as REST shows it."""

from __future__ import annotations

import re

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.items import Item
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.states import UNITS

_PATTERNS = {"String": "%s", "Number": "%.0f", "DateTime": "%1$tY-%1$tm-%1$td %1$tH:%1$tM:%1$tS"}
_SEMANTIC = frozenset({"Point", "Equipment", "Location"})


def item_json(openhab: Instance, request: RestRequest, item: Item, *, static: bool = False) -> dict[str, object]:
    """The JSON of one item, with the `fields` and `metadata` that the query selects."""
    query = request.query
    metadata = {space: value for space, value in _metadata(item).items() if _wanted(query, space)}
    shown: dict[str, object] = {"members": []} if item.definition.type == "Group" and not static else {}
    shown["link"] = f"{request.base}/rest/items/{item.definition.name}"
    shown |= {} if static else {"state": item.state.value}
    shown |= _description(item, static=static)
    shown |= {"metadata": metadata} if metadata else {}
    shown |= {} if static else _times(openhab, item)
    shown |= {"editable": item.definition.editable} | item.definition.dto()
    shown |= {"groupType": item.definition.group_type} if item.definition.group_type else {}
    fields = {name for name in query.get("fields", "").split(",") if name}
    return {name: value for name, value in shown.items() if name in fields} if fields else shown


def _description(item: Item, *, static: bool) -> dict[str, object]:
    """The state pattern: from the metadata `stateDescription`, from the label, or the default of the type."""
    base, _, dimension = item.definition.type.partition(":")
    given = item.metadata.get("stateDescription", {}).get("config")
    config = given if isinstance(given, dict) else {}
    pattern = str(config.get("pattern") or item.definition.pattern)
    if base not in _PATTERNS and not (pattern or config):
        return {}
    pattern = pattern or (f"{_PATTERNS[base]} %unit%" if dimension else _PATTERNS.get(base, ""))
    options = [
        {"value": value.strip(), "label": label.strip()}
        for value, _, label in (part.partition("=") for part in str(config.get("options") or "").split(",") if part)
    ]
    described: dict[str, object] = {"pattern": pattern} if pattern else {}
    described |= {there: config[name] for name, there in (("min", "minimum"), ("max", "maximum")) if name in config}
    shown: dict[str, object] = {"stateDescription": described | {"readOnly": False, "options": options}}
    return shown | ({"unitSymbol": UNITS[dimension]} if dimension in UNITS and not static else {})


def _metadata(item: Item) -> dict[str, dict[str, object]]:
    semantic = next((tag for tag in item.definition.tags if tag in _SEMANTIC), None)
    return ({"semantics": {"value": semantic, "editable": False}} if semantic else {}) | item.metadata


def _wanted(query: dict[str, str], namespace: str) -> bool:
    wanted = query.get("metadata", ".*")
    try:
        return any(re.fullmatch(part.strip(), namespace) for part in wanted.split(","))
    except re.error:
        return False


def _times(openhab: Instance, item: Item) -> dict[str, object]:
    if not item.updated or openhab.options.release < (5, 0):
        return {}
    last = {"lastState": item.last.value} if item.last else {}
    return last | {"lastStateUpdate": item.updated // 1_000_000, "lastStateChange": item.changed // 1_000_000}
