"""Faults of the REST API, by name, and their effects on a request."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from lab.standins.faults import Fault, Faults
from twilio_binding.sandbox.openhab.server import Listener
from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.failures import FailureError
from twilio_binding.sandbox.twilio.world import World


def _refusal(failure: FailureError) -> dict[str, object]:
    return {"kind": "status", "status": failure.status, "body": json.dumps(failure.body())}


NAMED: dict[str, dict[str, object]] = {
    "401": _refusal(failures.AUTHENTICATE),
    "429": _refusal(failures.TOO_MANY),
    "forbidden": {
        "kind": "status",
        "status": 403,
        "body": json.dumps({"code": 70051, "message": "Authorization Failed", "status": 403}),
    },
    "500": _refusal(failures.BROKEN),
    "html": {"kind": "status", "status": 502, "body": "<html><h1>Bad Gateway</h1></html>", "content_type": "text/html"},
    "empty": {"kind": "status", "status": 200, "body": ""},
    "nonsense": {"kind": "status", "status": 200, "body": '{"sid": ["queued"'},
    "reset": {"kind": "cut", "body": "", "effect": True},
}
"""Besides the kinds `status`, `slow`, `hang` and `cut`, which have their own settings.

`reset` accepts the request and closes the connection before the answer; `cut` closes it in the middle of the answer.
"""


def add_faults(app: Flask, world: World, port: Listener) -> None:
    """Apply faults to the REST API of a stand-in, and add the routes of the control API that set them."""
    faults = Faults()

    @app.before_request
    def misbehave() -> Response | None:
        if request.path == "/sandbox/reset":
            faults.clear()
        if request.path.startswith("/sandbox/") or "sandbox.calm" in request.environ:
            return None
        for fault in faults.of_request(request.method, request.path):
            if fault.kind == "slow":
                world.background.rest(fault.seconds)
                continue
            return _strike(app, fault)
        return None

    app.register_blueprint(_control(faults, port), url_prefix="/sandbox")


def _control(faults: Faults, port: Listener) -> Blueprint:
    control = Blueprint("faults", __name__)

    @control.errorhandler(ValueError)
    @control.errorhandler(KeyError)
    def mistaken(mistake: Exception) -> tuple[Response, int]:
        return jsonify(error=f"{type(mistake).__name__}: {mistake}"), 400

    @control.post("/faults")
    def add() -> Response:
        given: dict[str, Any] = request.get_json()
        named = NAMED.get(given["kind"], {})
        return jsonify(faults.add({**named, **given, "kind": named.get("kind", given["kind"])}).shown())

    @control.delete("/faults")
    def clear() -> Response:
        faults.clear()
        return jsonify(ok=True)

    @control.post("/down")
    def down() -> Response:
        port.close()
        return jsonify(ok=True)

    @control.post("/up")
    def up() -> Response:
        port.open()
        return jsonify(ok=True)

    return control


def _strike(app: Flask, fault: Fault) -> Response:
    connection = request.environ["sandbox.connection"]
    answer = _carry_out(app) if fault.effect else b'{"sid": "SM00000000000000000000000000000000"}'
    if fault.kind == "status":
        kind = fault.content_type or "application/json"
        return Response(fault.body or "", fault.status, fault.headers, content_type=kind)
    if fault.kind == "hang":
        connection.wait()
    elif fault.body is None:
        head = f"HTTP/1.1 201 CREATED\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
        connection.send(head.encode() + answer[: len(answer) // 2])
    connection.close()
    return Response(status=500)


def _carry_out(app: Flask) -> bytes:
    """Carry out the request, and spoil its answer."""
    headers = {"Authorization": request.headers.get("Authorization", "")}
    data: dict[str, Any] = request.form.to_dict(flat=False)
    with app.test_client() as twin:
        answer = twin.open(
            request.full_path,
            method=request.method,
            data=data if request.method == "POST" else None,
            headers=headers,
            environ_overrides={"sandbox.calm": True},
        )
        return bytes(answer.data)
