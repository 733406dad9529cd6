"""`/rest/events`: server-sent events, by topic or by item."""

from __future__ import annotations

from collections.abc import Iterable

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import Answer, Reply, empty
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role
from twilio_binding.sandbox.openhab.streams import StateStream, Stream, topic_filter

_EVENT_STREAM = "text/event-stream"
_TOO_LONG = 8000


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("GET", "events", Role.USER, get_events)
    yield route("GET", "events/states", Role.USER, get_states)
    yield route("POST", "events/states/{id}", Role.USER, post_states)


def get_events(openhab: Instance, request: RestRequest) -> Reply:
    """Open a stream of the requested topics. A filter with forbidden characters is never answered."""
    del openhab
    topics = request.query.get("topics", "")
    if not request.accepts(_EVENT_STREAM):
        return empty(406)
    if len(topics) >= _TOO_LONG:
        return empty(500)
    wanted = topic_filter(topics)
    return Stream(wanted) if wanted else None


def get_states(openhab: Instance, request: RestRequest) -> Reply:
    """Open a stream of state changes. It begins with an id, with which the client then names items."""
    del openhab
    return StateStream() if request.accepts(_EVENT_STREAM) else empty(406)


def post_states(openhab: Instance, request: RestRequest, identity: str) -> Answer:
    """Choose the items of a state stream. Unknown names are ignored."""
    stream, body = openhab.hub.state_stream(identity), request.json()
    if stream is None:
        return empty(404)
    stream.items = frozenset(str(name) for name in body) if isinstance(body, list) else frozenset()
    found = [item for item in openhab.items if item.definition.name in stream.items]
    if found:
        stream.show({i.definition.name: {"state": i.state.value, "type": i.state.type} for i in found})
    return empty(200)
