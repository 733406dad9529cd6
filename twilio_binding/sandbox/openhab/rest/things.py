"""`/rest/things`: things that a client stores. They have no handler. Only administrators may use it."""

from __future__ import annotations

from collections.abc import Iterable

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import Answer, Refused, as_json, crash, done, error
from twilio_binding.sandbox.openhab.rest.request import RestRequest, decoded
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role
from twilio_binding.sandbox.openhab.things import DISABLED, ENABLED_AGAIN, Dto, Thing

_NULL_POINTER = "java.lang.NullPointerException"


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("GET", "things", Role.ADMIN, get_things)
    yield route("POST", "things", Role.ADMIN, post_thing)
    yield route("GET", "things/{id}", Role.ADMIN, get_thing)
    yield route("PUT", "things/{id}", Role.ADMIN, put_thing)
    yield route("DELETE", "things/{id}", Role.ADMIN, delete_thing)
    yield route("GET", "things/{id}/status", Role.ADMIN, get_status)
    yield route("GET", "things/{id}/config/status", Role.ADMIN, get_config_status)
    yield route("PUT", "things/{id}/config", Role.ADMIN, put_config)
    yield route("PUT", "things/{id}/enable", Role.ADMIN, enable)


def get_things(openhab: Instance, request: RestRequest) -> Answer:
    """All things."""
    summary = request.query.get("summary") == "true"
    return as_json([thing.summary() if summary else thing.rest(openhab.links) for thing in openhab.things])


def post_thing(openhab: Instance, request: RestRequest) -> Answer:
    """Store a thing. It has no handler."""
    body = request.json()
    definition: Dto = body if isinstance(body, dict) else {}
    uid = definition.get("UID")
    if not uid:
        return error(400, "Thing must not be null.")
    if not definition.get("thingTypeUID"):
        return crash(500, 'Cannot invoke "String.split(String)" because "id" is null', _NULL_POINTER)
    thing = Thing(uid=str(uid), definition=definition)
    if thing.uid.count(":") < 2:
        return error(400, f"UID must have at least 3 segments: [{thing.uid}]")
    if any(channel.get("properties") is None for channel in thing.channels):
        return crash(500, 'Cannot invoke "java.util.Map.entrySet()" because "properties" is null', _NULL_POINTER)
    known = openhab.things.get(thing.uid)
    if known is not None:
        return error(409, f"Thing {thing.uid} already exists!", known.rest(openhab.links))
    openhab.things.add(thing)
    return as_json(thing.rest(openhab.links), 201)


def get_thing(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """One thing."""
    del request
    return as_json(_existing(openhab, uid).rest(openhab.links))


def put_thing(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Replace a thing."""
    thing, body = _existing(openhab, uid), request.json()
    openhab.things.update(thing, body if isinstance(body, dict) else {})
    return as_json(thing.rest(openhab.links))


def delete_thing(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Delete a thing; without `force` one that has no handler stays in REMOVING for ever."""
    thing = _existing(openhab, uid)
    if request.query.get("force") == "true":
        openhab.things.remove(thing)
        return done()
    openhab.things.set_status(thing, {"status": "REMOVING", "statusDetail": "NONE"})
    return as_json(thing.rest(openhab.links), 202)


def get_status(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """The status of a thing."""
    del request
    return as_json(_existing(openhab, uid).status)


def get_config_status(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """The errors in the configuration: always none."""
    del request
    _existing(openhab, uid)
    return as_json([])


def put_config(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Change the configuration of a thing that has a handler."""
    thing, body = _existing(openhab, uid), request.json()
    if not thing.handled:
        message = f"Cannot update Thing {thing.uid} as it is not initialized."
        return error(409, message, thing.rest(openhab.links))
    openhab.things.update(thing, {**thing.definition, "configuration": body})
    return as_json(thing.rest(openhab.links))


def enable(openhab: Instance, request: RestRequest, uid: str) -> Answer:
    """Enable or disable a thing."""
    thing = _existing(openhab, uid)
    openhab.things.set_status(thing, dict(DISABLED if request.text.strip() == "false" else ENABLED_AGAIN))
    return as_json(thing.rest(openhab.links))


def _existing(openhab: Instance, uid: str) -> Thing:
    thing = openhab.things.get(decoded(uid))
    if thing is None:
        raise Refused(error(404, f"Thing {decoded(uid)} does not exist!"))
    return thing
