"""The part of the control API for the phone in the console: make and answer calls, press keys."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import incoming
from twilio_binding.sandbox.twilio.live_calls import LiveCall
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.world import World

_LONGEST_WAIT = 25.0


def add_routes(control: Blueprint, world: World) -> None:
    """Add the routes."""

    @control.post("/live")
    def start() -> Response:
        given = request.get_json()
        resource = world.new_call({"From": given["from"], "To": given["to"]}, "inbound")
        call = world.live.add(resource, world.background.calls)
        world.background.start("twilio-live-call", lambda: _run(world, resource, call))
        return jsonify(sid=resource["sid"])

    @control.get("/live")
    def ringing() -> Response:
        return jsonify(calls=world.live.ringing())

    @control.post("/live/phones")
    def ring_here() -> Response:
        world.live.numbers.add(str(request.get_json()["number"]))
        return jsonify(ok=True)

    @control.get("/live/<sid>")
    def state(sid: str) -> Response:
        since, seconds = int(request.args.get("since", -1)), float(request.args.get("wait", 0))
        return jsonify(world.live.calls[sid].state(since, min(seconds, _LONGEST_WAIT)))

    @control.post("/live/<sid>")
    def act(sid: str) -> Response:
        given = request.get_json()
        call = world.live.calls[sid]
        if given.get("answer"):
            call.pad.answer()
        if given.get("keys"):
            call.pad.press(str(given["keys"]))
        if given.get("words"):
            call.pad.say(str(given["words"]))
        if given.get("hang_up"):
            call.hang_up()
        return jsonify(ok=True)


def _run(world: World, resource: Resource, call: LiveCall) -> None:
    happened = incoming.ring(world, resource, call.pad)
    call.end(str(happened["reason"] or happened["ended"]))
