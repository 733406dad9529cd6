"""`/twilio/bridge`: the servlet of the script inside openHAB; 404 without the script."""

from __future__ import annotations

from collections.abc import Iterable

from twilio_binding.protocol.signing import HEADER
from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import HTML, JSON, NO_SERVICE, Answer
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("POST", "twilio/bridge/{id}", Role.NOBODY, call)


def call(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """Pass a request of the service to the script."""
    if not openhab.script.is_loaded:
        return Answer(status=404, body=NO_SERVICE, content_type=HTML)
    status, body, signature = openhab.script.call(name, request.body, request.header(HEADER))
    return Answer(status=status, body=body, content_type=JSON, headers=((HEADER, signature),))
