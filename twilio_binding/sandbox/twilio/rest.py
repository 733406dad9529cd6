"""The REST API, as the SDK calls it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import failures, traffic
from twilio_binding.sandbox.twilio.failures import FailureError
from twilio_binding.sandbox.twilio.world import World

_ACCOUNT = "/2010-04-01/Accounts/<account>"
_SNAKE = re.compile(r"(?<!^)(?=[A-Z])")
_PRIVATE = ("media", "status_callback", "twiml", "walk")


def create_rest(world: World) -> Blueprint:
    """The routes of the REST API."""
    rest = Blueprint("rest", __name__)

    @rest.errorhandler(FailureError)
    def refused(failure: FailureError) -> tuple[Response, int]:
        return jsonify(failure.body()), failure.status

    @rest.before_request
    def authenticate() -> None:
        _authenticate(world)

    @rest.get(f"{_ACCOUNT}.json")
    def fetch_account(account: str) -> Response:
        options = world.options
        return jsonify(
            sid=account, status=world.account_status, type="Full", auth_token=options.auth_token, friendly_name="Lab"
        )

    @rest.post(f"{_ACCOUNT}/Messages.json")
    def create_message(account: str) -> tuple[Response, int]:  # noqa: ARG001
        return _create_message(world)

    @rest.post(f"{_ACCOUNT}/Calls.json")
    def create_call(account: str) -> tuple[Response, int]:  # noqa: ARG001
        return _create_call(world)

    @rest.get(f"{_ACCOUNT}/Messages.json")
    def list_messages(account: str) -> Response:  # noqa: ARG001
        return _page(world, "messages", _matching(reversed(world.messages)))

    @rest.get(f"{_ACCOUNT}/Calls.json")
    def list_calls(account: str) -> Response:  # noqa: ARG001
        return _page(world, "calls", _matching(reversed(world.calls)))

    @rest.get(f"{_ACCOUNT}/IncomingPhoneNumbers.json")
    def list_numbers(account: str) -> Response:  # noqa: ARG001
        return _page(world, "incoming_phone_numbers", _matching(world.numbers.values()))

    @rest.route(f"{_ACCOUNT}/<kind>/<sid>.json", methods=["GET", "POST"])
    def one(account: str, kind: str, sid: str) -> Response:  # noqa: ARG001
        return _one(world, kind, sid)

    return rest


def _authenticate(world: World) -> None:
    options = world.options
    allowed = {(options.account_sid, options.auth_token)}
    if options.api_key_sid:
        allowed.add((options.api_key_sid, options.api_key_secret))
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(credentials).decode().partition(":")
    except ValueError:
        raise failures.AUTHENTICATE from None
    if scheme.lower() != "basic" or (user, password) not in allowed:
        raise failures.AUTHENTICATE
    if request.view_args and request.view_args.get("account") != options.account_sid:
        raise failures.NOT_FOUND


def _create_message(world: World) -> tuple[Response, int]:
    form = request.form.to_dict()
    media = request.form.getlist("MediaUrl")
    if not form.get("To"):
        raise failures.NO_TO
    if not form.get("From"):
        raise failures.NO_FROM
    if not form.get("Body") and not media:
        raise failures.NO_BODY
    if len(form.get("Body", "")) > 1600:
        raise failures.TOO_LONG
    failures.check_to(form["To"], failures.MESSAGE_TO)
    if world.number(form["From"]) is None:
        raise failures.NOT_OURS
    message = world.new_message(form, media, "outbound-api")
    shown = _shown(message)
    traffic.deliver(world, message)
    return jsonify(shown), 201


def _create_call(world: World) -> tuple[Response, int]:
    form = request.form.to_dict()
    if not form.get("To"):
        raise failures.CALL_TO
    if world.number(form.get("From", "")) is None:
        raise failures.CALL_FROM
    if not form.get("Twiml") and not form.get("Url"):
        raise failures.NO_INSTRUCTIONS
    if len(form.get("Twiml", "")) > 4000:
        raise failures.TWIML_TOO_LONG
    failures.check_to(form["To"], failures.CALL_TO_NUMBERS)
    call = world.new_call(form, "outbound-api")
    shown = _shown(call)
    traffic.dial(world, call, request.form.getlist("StatusCallbackEvent") or ["completed"])
    return jsonify(shown), 201


def _one(world: World, kind: str, sid: str) -> Response:
    found: dict[str, Any] | None
    if kind == "IncomingPhoneNumbers":
        found = world.numbers.get(sid)
    else:
        known = {"Messages": world.messages, "Calls": world.calls}.get(kind, ())
        found = next((each for each in known if each["sid"] == sid), None)
    if found is None:
        raise failures.NOT_FOUND
    if request.method == "POST":
        for name, value in request.form.items():
            found[_SNAKE.sub("_", name).lower()] = value
    return jsonify(_shown(found))


def _matching(resources: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {name: request.args.get(name.title().replace("_", "")) for name in ("to", "from", "phone_number")}
    return [
        each for each in resources if all(value is None or each.get(name) == value for name, value in wanted.items())
    ]


def _page(world: World, name: str, resources: list[dict[str, Any]]) -> Response:
    size = min(int(request.args.get("PageSize", 50)), 1000)
    page = int(request.args.get("Page", 0))
    shown = [_shown(each) for each in resources[page * size : (page + 1) * size]]
    more = len(resources) > (page + 1) * size
    query = f"PageSize={size}&Page={page + 1}&PageToken=PA{world.options.account_sid[2:]}"
    next_uri = f"{request.path}?{query}" if more else None
    return jsonify({name: shown, "page": page, "page_size": size, "next_page_uri": next_uri, "uri": request.path})


def _shown(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in _PRIVATE}
