"""`/rest/voice/interpreters`: sentences with the labels of items, which openHAB carries out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.items import Item
from twilio_binding.sandbox.openhab.rest.answers import TEXT, Answer, as_json, as_text, empty, error
from twilio_binding.sandbox.openhab.rest.items import follow_command
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.rest.routes import Route, route
from twilio_binding.sandbox.openhab.roles import Role
from twilio_binding.sandbox.openhab.states import parse_command

_SYSTEM = {"id": "system", "label": "Built-in Interpreter", "locales": ["de", "en", "fr", "es"]}
_RULES = {"id": "rulehli", "label": "Rule-based Interpreter", "locales": []}
_NAMES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch"}
_SENTENCE = re.compile(r"(?:turn|switch) (on|off) (?:the )?(.+)", re.IGNORECASE)


def routes() -> Iterable[Route]:
    """The routes of this resource."""
    yield route("GET", "voice/interpreters", Role.USER, get_interpreters)
    yield route("POST", "voice/interpreters/{id}", Role.USER, interpret)


def get_interpreters(openhab: Instance, request: RestRequest) -> Answer:
    """The interpreters."""
    del openhab, request
    return as_json([_SYSTEM, _RULES])


def interpret(openhab: Instance, request: RestRequest, name: str) -> Answer:
    """Carry out a sentence. The rule-based interpreter gives an empty answer, because there is no rule for it."""
    if name == _RULES["id"]:
        return Answer(status=200, content_type=TEXT)
    if name != _SYSTEM["id"]:
        return empty(404)
    language = request.header("Accept-Language").partition("-")[0] or "en"
    if language not in _SYSTEM["locales"]:
        return error(400, f"{_NAMES.get(language, language)} is not supported at the moment.")
    found = _SENTENCE.fullmatch(request.text.strip())
    item = _labelled(openhab, found[2]) if found else None
    command = parse_command(item.definition.type, found[1].upper(), openhab.zone) if item and found else None
    if item is None or command is None:
        return error(400, "Sorry, I didn't get that.")
    openhab.bus.post(lambda: follow_command(openhab, item, item.definition.type, command, "org.openhab.core.voice"))
    return as_text("Ok.")


def _labelled(openhab: Instance, label: str) -> Item | None:
    return next((item for item in openhab.items if item.definition.label.lower() == label.lower()), None)
