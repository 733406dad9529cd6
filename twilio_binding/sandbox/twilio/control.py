"""The application of the stand-in: REST with its faults, and the control API under `/sandbox/`."""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from twilio_binding.sandbox.openhab.faults import Fault
from twilio_binding.sandbox.twilio import forms, traffic
from twilio_binding.sandbox.twilio.rest import create_rest
from twilio_binding.sandbox.twilio.world import Contact, World

_never = threading.Event()


def create_app(world: World) -> Flask:
    """A new application."""
    app = Flask("twilio_binding.sandbox.twilio", static_folder=None)
    app.register_blueprint(create_rest(world))
    app.register_blueprint(_reads(world), url_prefix="/sandbox")
    app.register_blueprint(_control(world), url_prefix="/sandbox")
    app.register_blueprint(_sends(world), url_prefix="/sandbox")

    @app.before_request
    def misbehave() -> Response | None:
        if request.path.startswith("/sandbox/") or "sandbox.calm" in request.environ:
            return None
        for fault in world.faults.of_request(request.method, request.path):
            answer = _strike(app, fault)
            if answer is not None:
                return answer
        return None

    return app


def _strike(app: Flask, fault: Fault) -> Response | None:
    connection = request.environ["sandbox.connection"]
    if fault.kind == "slow":
        _never.wait(fault.seconds)
        return None
    if fault.effect:
        with app.test_client() as twin:
            # The request is carried out; only its answer is spoilt.
            headers = {"Authorization": request.headers.get("Authorization", "")}
            data = request.form.to_dict(flat=False)
            twin.open(request.full_path, method=request.method, data=data, headers=headers, environ_overrides=_CALM)
    if fault.kind == "hang":
        connection.wait()
    if fault.kind in ("hang", "cut"):
        if fault.kind == "cut":
            connection.send(b'HTTP/1.1 201 CREATED\r\nContent-Length: 900\r\n\r\n{"sid": "SM')
        connection.close()
        return Response(status=500)
    return Response(fault.body or "", fault.status, content_type=fault.content_type or "application/json")


class _Deaf:
    """The connection of a request that nobody listens to."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


_CALM = {"sandbox.connection": _Deaf(), "sandbox.calm": True}


def _reads(world: World) -> Blueprint:
    reads = Blueprint("reads", __name__)

    @reads.get("/messages")
    def messages() -> Response:
        return jsonify(list(world.messages))

    @reads.get("/calls")
    def calls() -> Response:
        return jsonify(list(world.calls))

    @reads.get("/webhooks")
    def webhooks() -> Response:
        return jsonify([exchange.shown() for exchange in world.webhooks.sent])

    @reads.get("/numbers")
    def numbers() -> Response:
        return jsonify(list(world.numbers.values()))

    return reads


def _control(world: World) -> Blueprint:
    control = Blueprint("control", __name__)

    @control.post("/reset")
    def reset() -> Response:
        world.reset()
        return jsonify(ok=True)

    @control.post("/configure")
    def configure() -> Response:
        given = request.get_json()
        world.account_status = given.get("account_status", world.account_status)
        world.webhooks.deliver_to = given.get("deliver_to", world.webhooks.deliver_to)
        world.webhooks.use_tokens = given.get("use_tokens", world.webhooks.use_tokens)
        world.callbacks["send"] = given.get("callbacks", world.callbacks["send"])
        return jsonify(ok=True)

    @control.route("/faults", methods=["POST", "DELETE"])
    def faults() -> Response:
        if request.method == "DELETE":
            world.faults.clear()
            return jsonify(ok=True)
        return jsonify(world.faults.add(request.get_json()).shown())

    @control.post("/contacts/<to>")
    def contact(to: str) -> Response:
        world.contacts[to] = Contact(**request.get_json())
        return jsonify(ok=True)

    @control.post("/failing/<to>")
    def failing(to: str) -> Response:
        given = request.get_json()
        world.failing[to] = (given["status"], given["code"])
        return jsonify(ok=True)

    @control.post("/numbers")
    def add_number() -> Response:
        return jsonify(world.add_number(**request.get_json()))

    return control


def _sends(world: World) -> Blueprint:
    sends = Blueprint("sends", __name__)

    @sends.post("/receive")
    def receive() -> Response:
        given: dict[str, Any] = request.get_json()
        media = [(str(url), str(kind)) for url, kind in given.get("media", ())]
        form = {"From": given["from"], "To": given["to"], "Body": given.get("body", "")}
        message = world.new_message(form, [url for url, _ in media], "inbound")
        number = world.number(given["to"])
        if number is None:
            return jsonify(error="no such number")
        url = number["sms_url"]
        if given["from"].startswith("whatsapp:"):
            url = url.removesuffix("/sms") + "/whatsapp"
        sent = forms.message(message, media, given.get("extra", {}))
        return jsonify(world.webhooks.post(url, sent, token=given.get("token")).shown())

    @sends.post("/call")
    def call() -> Response:
        given = request.get_json()
        resource = world.new_call({"From": given["from"], "To": given["to"]}, "inbound")
        started = time.monotonic()
        walked = traffic.ring(world, resource, given.get("script", []))
        return jsonify(walked | {"ms": (time.monotonic() - started) * 1000})

    @sends.post("/post")
    def post() -> Response:
        given = request.get_json()
        exchange = world.webhooks.post(
            given["url"], given["form"], token=given.get("token"), auth_token=given.get("auth_token")
        )
        return jsonify(exchange.shown())

    @sends.post("/redeliver/<int:n>")
    def redeliver(n: int) -> Response:
        exchange = next(each for each in world.webhooks.sent if each.n == n)
        return jsonify(world.webhooks.again(exchange).shown())

    return sends
