"""The REST API that Twilio's SDK calls."""

from __future__ import annotations

import base64
import secrets
import time
from email.utils import formatdate

from flask import Blueprint, Response, g, jsonify, request

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.failures import FailureError
from twilio_binding.sandbox.twilio.rest import account, calls, elsewhere, media, messages, numbers, recordings, usage
from twilio_binding.sandbox.twilio.world import World

__all__ = ["create_rest"]

_ACCOUNT = "/2010-04-01/Accounts/<account>"


def create_rest(world: World) -> Blueprint:
    """The routes of the REST API."""
    rest = Blueprint("rest", __name__)

    @rest.url_value_preprocessor
    def take_account(endpoint: str | None, values: dict[str, str] | None) -> None:
        del endpoint
        g.account = (values or {}).pop("account", world.conduct.account_sid)

    @rest.before_request
    def authenticate() -> None:
        _authenticate(world)

    @rest.after_request
    def identify(response: Response) -> Response:
        response.headers["Twilio-Request-Id"] = f"RQ{secrets.token_hex(16)}"
        if world.conduct.clock_ahead:
            response.headers["Date"] = formatdate(time.time() + world.conduct.clock_ahead, usegmt=True)
        return response

    @rest.errorhandler(FailureError)
    def refused(failure: FailureError) -> tuple[Response, int]:
        return jsonify(failure.body()), failure.status

    for kind in (account, messages, calls, numbers, media, usage):
        kind.add_routes(rest, _ACCOUNT, world)
    recordings.add_routes(rest, _ACCOUNT)
    elsewhere.add_routes(rest, world)
    return rest


def _authenticate(world: World) -> None:
    options = world.options
    allowed = {(world.conduct.account_sid, world.conduct.auth_token)}
    if options.api_key_sid:
        allowed.add((options.api_key_sid, options.api_key_secret))
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(credentials).decode().partition(":")
    except ValueError:
        raise failures.AUTHENTICATE from None
    if scheme.lower() != "basic" or (user, password) not in allowed:
        raise failures.AUTHENTICATE
    if g.account != world.conduct.account_sid:
        raise failures.NOT_FOUND
    if world.conduct.account_status != "active" and request.endpoint != "rest.fetch_account":
        raise failures.NOT_ACTIVE
