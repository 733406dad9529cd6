"""Monitoring: `/live` for everybody; `/ready` and `/metrics` with the token, if there is one, otherwise under our names."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from twilio_binding.console.host_names import HostNames
from twilio_binding.metrics import Metrics

Dependencies = dict[str, dict[str, object]]


def create_app(metrics: Metrics, dependencies: Callable[[], Dependencies], *, token: str, names: HostNames) -> Flask:
    """A new application. `dependencies` returns for each dependency whether it is `up`, otherwise the `reason`."""
    app = Flask("twilio_binding.console.monitoring", static_folder=None)

    @app.get("/live")
    def live() -> Response:
        return Response("alive\n", content_type="text/plain; charset=utf-8")

    @app.before_request
    def check_access() -> Response | None:
        if request.path == "/live":
            return None
        if not token:
            problem = names.problem(request.headers.get("Host", ""))
            return Response(f"{problem}\n", 421, content_type="text/plain; charset=utf-8") if problem else None
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if hmac.compare_digest(given.encode(), token.encode()):
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
