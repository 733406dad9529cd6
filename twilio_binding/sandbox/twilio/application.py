"""The WSGI application of the stand-in: the REST API, and the control API under `/sandbox/`."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.control import create_control
from twilio_binding.sandbox.twilio.rest import create_rest
from twilio_binding.sandbox.twilio.world import World

_FAILURES = {404: failures.NOT_FOUND, 405: failures.NO_SUCH_METHOD}


def create_app(world: World, control_url: str) -> Flask:
    """A new application. The control API has the address `control_url` too, which works while the port of Twilio is closed."""
    app = Flask("twilio_binding.sandbox.twilio", static_folder=None)
    app.register_blueprint(create_rest(world))
    app.register_blueprint(create_control(world, control_url), url_prefix="/sandbox")

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[Response, int]:
        failure = _FAILURES.get(error.code or 500, failures.BROKEN)
        return jsonify(failure.body()), failure.status

    return app
