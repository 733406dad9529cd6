"""Monitoring: `/live` for everybody, `/ready` and `/metrics` for requests with the token, if there is one."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from twilio_binding.metrics import Metrics

Dependencies = dict[str, dict[str, object]]


def create_app(metrics: Metrics, dependencies: Callable[[], Dependencies], *, token: str = "") -> Flask:
    """A new application. `dependencies` returns for each dependency whether it is `up`, otherwise the `reason`."""
    app = Flask("twilio_binding.console.monitoring", static_folder=None)

    @app.get("/live")
    def live() -> Response:
        return Response("alive\n", content_type="text/plain; charset=utf-8")

    @app.before_request
    def ask_for_token() -> Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or request.path == "/live" or hmac.compare_digest(given.encode(), token.encode()):
            return None
        headers = {"WWW-Authenticate": "Bearer"}
        return Response("the Bearer token of admin.token is needed\n", 401, headers, content_type="text/plain")

    @app.get("/ready")
    def ready() -> tuple[Response, int]:
        entries = dependencies()
        is_ready = all(entry["up"] for entry in entries.values())
        return jsonify(ready=is_ready, neighbours=entries), 200 if is_ready else 503

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(metrics.text(), content_type=CONTENT_TYPE_LATEST)

    return app
