"""The part of the control API for incoming messages and calls, and for webhooks."""

from __future__ import annotations

import base64
import time
from typing import Any

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import incoming
from twilio_binding.sandbox.twilio.party import Scripted
from twilio_binding.sandbox.twilio.world import World


def add_routes(control: Blueprint, world: World) -> None:
    """Add the routes."""

    @control.post("/receive")
    def receive() -> Response:
        return _receive(world, request.get_json())

    @control.post("/call")
    def call() -> Response:
        given = request.get_json()
        resource = world.new_call({"From": given["from"], "To": given["to"]}, "inbound")
        started = time.monotonic()
        happened = incoming.ring(
            world, resource, Scripted(given.get("script", [])), hang_up_after=given.get("hang_up_after")
        )
        return jsonify(happened | {"ms": (time.monotonic() - started) * 1000})

    @control.post("/post")
    def post() -> Response:
        given = request.get_json()
        optional = {name: given[name] for name in ("method", "token", "auth_token") if given.get(name) is not None}
        return jsonify(world.webhooks.post(given["url"], given["form"], **optional).shown())

    @control.post("/redeliver/<int:n>")
    def redeliver(n: int) -> Response:
        given: dict[str, Any] = request.get_json()
        copies = world.webhooks.again(world.webhooks.find(n), int(given.get("copies", 1)))
        return jsonify(copies=[copy.shown() for copy in copies])


def _receive(world: World, given: dict[str, Any]) -> Response:
    media: list[tuple[str, str]] = [(str(url), str(kind)) for url, kind in given.get("media", ())]
    files = [(base64.b64decode(content), str(kind)) for content, kind in given.get("files", ())]
    form = {"From": given["from"], "To": given["to"], "Body": given.get("body", "")}
    # The URLs of files contain the SID of the message, and its kind depends on whether there are media.
    message = world.new_message(form, [url for url, _ in media] or [""] * len(files), "inbound")
    if files:
        media += incoming.store_media(world, message, files)
    exchange, became = incoming.receive(
        world,
        message,
        media,
        extra=given.get("extra", {}),
        token=given.get("token"),
        copies=int(given.get("copies", 1)),
    )
    return jsonify(exchange.shown() | became)
