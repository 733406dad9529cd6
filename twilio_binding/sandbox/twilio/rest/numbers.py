"""IncomingPhoneNumbers.json and what is below it."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import failures, forms
from twilio_binding.sandbox.twilio.rest.pages import found, matching, page, shown
from twilio_binding.sandbox.twilio.world import World

_URLS = frozenset({"SmsUrl", "SmsFallbackUrl", "VoiceUrl", "VoiceFallbackUrl", "StatusCallback"})
_METHODS = frozenset({"SmsMethod", "SmsFallbackMethod", "VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod"})
_TEXTS = frozenset({"FriendlyName", "SmsApplicationSid", "VoiceApplicationSid", "TrunkSid", "VoiceCallerIdLookup"})
_RIVALS = {"VoiceApplicationSid": "trunk_sid", "TrunkSid": "voice_application_sid"}
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def add_routes(rest: Blueprint, account_path: str, world: World) -> None:
    """Add the routes of numbers."""

    @rest.get(f"{account_path}/IncomingPhoneNumbers.json")
    def list_numbers() -> Response:
        wanted = matching(tuple(world.numbers.values()), {"FriendlyName": "friendly_name"}, {})
        part = request.args.get("PhoneNumber", "").lstrip("+")
        return page(world, "incoming_phone_numbers", [each for each in wanted if part in each["phone_number"]])

    @rest.get(f"{account_path}/IncomingPhoneNumbers/<sid>.json")
    def fetch_number(sid: str) -> Response:
        return jsonify(shown(found(world.numbers.values(), sid)))

    @rest.post(f"{account_path}/IncomingPhoneNumbers/<sid>.json")
    def update_number(sid: str) -> Response:
        number = found(world.numbers.values(), sid)
        changed = number | _changes()
        if world.conduct.keeps_updates:
            number |= changed
        return jsonify(shown(changed))

    @rest.delete(f"{account_path}/IncomingPhoneNumbers/<sid>.json")
    def release_number(sid: str) -> tuple[str, int]:
        del world.numbers[found(world.numbers.values(), sid)["sid"]]
        return "", 204

    @rest.get(f"{account_path}/Applications/<sid>.json")
    def fetch_application(sid: str) -> Response:
        return jsonify(shown(found(world.applications.values(), sid)))


def _changes() -> dict[str, object]:
    changes: dict[str, object] = {}
    for name, value in request.form.items():
        if name in _URLS and value:
            failures.check_url(value, failures.BAD_NUMBER_URL)
        if name in _METHODS and value not in ("GET", "POST"):
            raise failures.BAD_METHOD
        if name in _URLS | _METHODS | _TEXTS:
            changes[_CAPITAL.sub("_", name).lower()] = value
        if name in _RIVALS and value:
            changes[_RIVALS[name]] = ""
    return changes | {"date_updated": forms.now()}
