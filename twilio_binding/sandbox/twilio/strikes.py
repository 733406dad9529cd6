"""Faults of the REST API, by name, and how they strike a request."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, request

from twilio_binding.sandbox.openhab.faults import Fault
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
"""Beside the kinds `status`, `slow`, `hang` and `cut`, which take their settings themselves.

`reset` takes the request and closes the connection before the answer; `cut` closes it in the middle of the answer.
"""


def strike_requests(app: Flask, world: World) -> None:
    """Let the faults of the world strike the application's REST API."""

    @app.before_request
    def misbehave() -> Response | None:
        if request.path.startswith("/sandbox/") or "sandbox.calm" in request.environ:
            return None
        for fault in world.faults.of_request(request.method, request.path):
            if fault.kind == "slow":
                world.lives.rest(fault.seconds)
                continue
            return _strike(app, fault)
        return None


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
    """Do what the request asks for; only its answer is spoilt."""
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
