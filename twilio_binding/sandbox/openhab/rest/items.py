"""`/rest/items`: items, their states and commands, and metadata."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from email.utils import formatdate

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.items import Definition, Item
from twilio_binding.sandbox.openhab.rest.answers import (
    JSON,
    TEXT,
    Answer,
    Refused,
    as_json,
    as_text,
    done,
    empty,
    error,
    no_media_type,
)
from twilio_binding.sandbox.openhab.rest.item_json import item_json
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role
from twilio_binding.sandbox.openhab.states import ITEM_TYPES, State, after_command, parse_command

_CACHE = "private,no-cache,no-transform,must-revalidate"
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("PUT", "items/{item}/state", Role.USER, put_state)
    yield route("GET", "items/{item}/state", Role.USER, get_state)
    yield route("GET", "items/{item}", Role.USER, get_item)
    yield route("POST", "items/{item}", Role.USER, post_command)
    yield route("PUT", "items/{item}", Role.ADMIN, put_item)
    yield route("DELETE", "items/{item}", Role.ADMIN, delete_item)
    yield route("GET", "items/{item}/metadata/namespaces", Role.USER, get_namespaces)
    yield route("PUT", "items/{item}/metadata/{id}", Role.ADMIN, put_metadata)
    yield route("DELETE", "items/{item}/metadata/{id}", Role.ADMIN, delete_metadata)
    yield route("GET", "items", Role.USER, get_items)
    yield route("PUT", "items", Role.ADMIN, put_items)


def put_state(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """Set a state: the answer is 202, and the state is set a moment later."""
    value = _value(openhab, request)
    item = _existing(openhab, name)
    state = openhab.items.parse(item, value)
    if state is None:
        return error(400, f"State could not be parsed: {value}")
    if openhab.rules.ready and not openhab.hooks.loses("lose-state", request.path):
        source = _source(openhab, request)
        openhab.bus.post(lambda: openhab.item_states.set_state(name, state, source))
    return Answer(status=202, content_type=JSON)


def get_state(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """The state as text."""
    item = _existing(openhab, name)
    return as_text(item.state.value) if request.accepts(TEXT) else empty(400)


def get_item(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """One item; a group with its members."""
    item = _existing(openhab, name)
    shown = item_json(openhab, request, item)
    if item.definition.type == "Group":
        shown["members"] = [item_json(openhab, request, member) for member in openhab.items.members(item)]
    return as_json(shown)


def get_items(openhab: Instance, request: RestRequest) -> Answer:
    """All items, or those of a type or with tags."""
    query = request.query
    static = query.get("staticDataOnly") == "true"
    wanted = query.get("type", "")
    tags = {tag for tag in query.get("tags", "").split(",") if tag}
    found = [i for i in openhab.items if wanted in {"", i.definition.type} and tags <= set(i.definition.tags)]
    if not static:
        return as_json([item_json(openhab, request, item) for item in found])
    changed = formatdate(openhab.items.changed, usegmt=True)
    headers = (("Last-Modified", changed), ("Cache-Control", _CACHE))
    if request.header("If-Modified-Since") == changed:
        return empty(304)
    body = as_json([item_json(openhab, request, item, static=True) for item in found])
    return Answer(status=200, body=body.body, content_type=JSON, headers=headers)


def post_command(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """Send a command. Only an item without links takes it as its state."""
    value = _value(openhab, request)
    item = _existing(openhab, name)
    kind = item.definition.group_type or item.definition.type
    command = _command(openhab, item, kind, value)
    if command is None:
        return empty(400)
    source = _source(openhab, request)
    openhab.bus.post(lambda: follow_command(openhab, item, kind, command, source))
    return done()


def put_item(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """Create or replace a managed item."""
    known = openhab.items.get(name)
    status = _put(openhab, request.json(), name)
    if status == 405:
        return error(405, f"Cannot update non-managed Item {name}")
    if status not in {200, 201}:
        return empty(status)
    shown = item_json(openhab, request, _existing(openhab, name))
    fresh = {name: value for name, value in shown.items() if name not in {"editable", "metadata"}}
    return as_json(fresh, 200 if known else 201)


def put_items(openhab: Instance, request: RestRequest) -> Answer:
    """Create several managed items. The answer has a result for each."""
    body = request.json()
    outcomes = {200: "updated", 201: "created"}
    entries = [entry for entry in body if isinstance(entry, dict)] if isinstance(body, list) else []
    names = [(entry, str(entry.get("name", ""))) for entry in entries]
    return as_json([{"name": name, "status": outcomes.get(_put(openhab, e, name), "error")} for e, name in names])


def delete_item(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """Delete a managed item. An item from a file gets 404."""
    del request
    item = openhab.items.get(name)
    if item is None or not item.definition.editable:
        return empty(404)
    openhab.items.remove(name)
    return done()


def get_namespaces(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """The namespaces of an item's metadata."""
    del request
    return as_json(list(_existing(openhab, name).metadata))


def put_metadata(openhab: Instance, request: RestRequest, name: str, namespace: str) -> Answer:
    """Set metadata. Metadata from a file stays as it is."""
    item, body = openhab.items.get(name), request.json()
    if item is None:
        return empty(404)
    before = item.metadata.get(namespace)
    if before is not None and before.get("editable") is False:
        return empty(405) if openhab.options.release >= (5, 2) else done()
    openhab.items.changed = time.time()
    item.metadata[namespace] = {**(body if isinstance(body, dict) else {}), "editable": True}
    return Answer(status=200 if before else 201, content_type=TEXT)


def delete_metadata(openhab: Instance, request: RestRequest, name: str, namespace: str) -> Answer:
    """Delete metadata."""
    del request
    item = openhab.items.get(name)
    if item is None or item.metadata.pop(namespace, None) is None:
        return empty(404)
    openhab.items.changed = time.time()
    return done()


def _existing(openhab: Instance, name: str) -> Item:
    item = openhab.items.get(name)
    if item is None:
        raise Refused(error(404, f"Item {name} does not exist!"))
    return item


def _value(openhab: Instance, request: RestRequest) -> str:
    """The state or command in the body, as text or, since 5.0, as JSON."""
    if request.content_type == TEXT:
        return request.text
    if not request.content_type:
        raise Refused(no_media_type())
    if request.content_type != JSON or openhab.options.release < (5, 0):
        raise Refused(empty(415))
    body = request.json()
    value = body.get("value", "") if isinstance(body, dict) else ""
    return str(value)


def _source(openhab: Instance, request: RestRequest) -> str:
    if openhab.options.release < (5, 1):
        return ""
    own = "org.openhab.core.io.rest" + (f"${request.caller.name}" if request.caller.name else "")
    given = request.header("X-OpenHAB-Source") or request.query.get("source", "")
    return f"{given}=>{own}" if given else own


def _command(openhab: Instance, item: Item, kind: str, value: str) -> State | None:
    """The command that an item accepts, or None. A group without a base type accepts what one of its members accepts."""
    kinds = [member.definition.type for member in openhab.items.members(item)] if kind == "Group" else [kind]
    return next((found for one in kinds if (found := parse_command(one, value, openhab.zone)) is not None), None)


def follow_command(openhab: Instance, item: Item, kind: str, command: State, source: str) -> None:
    """Carry out a command: send its events, set the state of an item without links, and do the same for members of a group."""
    name = item.definition.name
    linked = bool(openhab.links.find(item=name))
    openhab.item_states.tell_command(name, command, predicted=item.state if linked else None)
    state = None if linked else after_command(kind, command, openhab.zone)
    if state is not None and item.definition.type != "Group":
        openhab.item_states.set_state(name, state, f"{source}=>org.openhab.core.autoupdate")
    for member in openhab.items.members(item):
        own = member.definition.group_type or member.definition.type
        if parse_command(own, command.value, openhab.zone) is not None:
            follow_command(openhab, member, own, command, source)


def _put(openhab: Instance, body: object, name: str) -> int:
    """Create or replace an item. Returns the HTTP status."""
    definition = _definition(body, name)
    if definition is None:
        return 400
    known = openhab.items.get(name)
    if known is not None and not known.definition.editable:
        return 405
    openhab.items.put(definition)
    return 200 if known else 201


def _definition(body: object, name: str) -> Definition | None:
    if not isinstance(body, dict) or body.get("name", name) != name or not _NAME.fullmatch(name):
        return None
    kind = str(body.get("type", ""))
    if kind.partition(":")[0] not in ITEM_TYPES:
        return None
    return Definition(
        name=name,
        type=kind,
        label=str(body.get("label") or ""),
        category=str(body.get("category") or ""),
        tags=tuple(body.get("tags") or ()),
        groups=tuple(body.get("groupNames") or ()),
        group_type=str(body.get("groupType") or ""),
        editable=True,
    )
