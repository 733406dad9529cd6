"""`/rest/links`: links between items and channels. Only administrators may use it."""

from __future__ import annotations

from collections.abc import Iterable

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.links import StandInLink, is_channel_uid
from twilio_binding.sandbox.openhab.rest.answers import Answer, as_json, done, empty, error
from twilio_binding.sandbox.openhab.rest.request import RestRequest, decoded
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("GET", "links", Role.ADMIN, get_links)
    yield route("GET", "links/orphans", Role.ADMIN, get_orphans)
    yield route("GET", "links/{id}/{id}", Role.ADMIN, get_link)
    yield route("PUT", "links/{id}/{id}", Role.ADMIN, put_link)
    yield route("DELETE", "links/{id}/{id}", Role.ADMIN, delete_link)


def get_links(openhab: Instance, request: RestRequest) -> Answer:
    """All links, or those of an item or channel."""
    query = request.query
    found = openhab.links.find(item=query.get("itemName", ""), channel=query.get("channelUID", ""))
    return as_json([link.rest() for link in found])


def get_orphans(openhab: Instance, request: RestRequest) -> Answer:
    """The links whose item, channel or both do not exist."""
    if openhab.options.release < (5, 0) and not request.header("Accept").startswith("application/json"):
        return error(500, "No message body writer has been found for class java.util.ArrayList")
    found = [(link, _problem(openhab, link)) for link in openhab.links.find()]
    return as_json([{"itemChannelLink": link.rest(), "problem": problem} for link, problem in found if problem])


def get_link(openhab: Instance, request: RestRequest, item: str, channel: str) -> Answer:
    """One link."""
    del request
    uid = decoded(channel)
    link = openhab.links.get(item, uid)
    if link is None:
        return error(404, f"No link found for item '{item}' + and channelUID '{uid}'")
    return as_json(link.rest())


def put_link(openhab: Instance, request: RestRequest, item: str, channel: str) -> Answer:
    """Create a link. The channel must exist."""
    uid, body = decoded(channel), request.json()
    loose = openhab.options.release < (5, 2) and body == {}
    given = body if isinstance(body, dict) else {}
    if body is not None and not loose and (given.get("itemName"), given.get("channelUID")) != (item, uid):
        return empty(400)
    found = openhab.things.channel(uid)
    configuration = given.get("configuration") or {}
    if openhab.items.get(item) is None or not is_channel_uid(uid) or found is None:
        return empty(400)
    if found.get("kind") == "TRIGGER" and not configuration.get("profile"):
        return empty(400)
    known = openhab.links.get(item, uid)
    if known is not None and not known.editable:
        return empty(405)
    openhab.links.put(StandInLink(item=item, channel=uid, configuration=configuration, editable=True))
    return done()


def delete_link(openhab: Instance, request: RestRequest, item: str, channel: str) -> Answer:
    """Delete a link that was made over REST."""
    del request
    uid = decoded(channel)
    link = openhab.links.get(item, uid)
    if link is None:
        return error(404, f"Link {item} -> {uid} does not exist!")
    if not link.editable:
        return empty(405)
    openhab.links.remove(item, uid)
    return done()


def _problem(openhab: Instance, link: StandInLink) -> str:
    no_item = openhab.items.get(link.item) is None
    no_channel = openhab.things.channel(link.channel) is None
    if no_item and no_channel:
        return "ITEM_AND_THING_CHANNEL_MISSING"
    if no_item:
        return "ITEM_MISSING"
    return "THING_CHANNEL_MISSING" if no_channel else ""
