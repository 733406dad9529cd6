"""The part of the control API with which somebody makes a call key by key, and a phone that shows it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import incoming
from twilio_binding.sandbox.twilio.pad import LivePad
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.world import World

_MOST = 20
_LONGEST_WAIT = 25.0


class _LiveCall:
    def __init__(self, world: World, resource: Resource) -> None:
        self.pad = LivePad()
        self._world = world
        self._resource = resource
        self._happened: dict[str, Any] = {}

    def run(self) -> None:
        self._happened = incoming.ring(self._world, self._resource, self.pad)
        self.pad.hear("over", str(self._happened["reason"] or self._happened["ended"]))

    def hang_up(self) -> None:
        self.pad.hang_up()
        going_on = self._world.background.calls.get(self._resource["sid"])
        if going_on is not None:
            going_on.hang_up()

    def state(self, since: int, seconds: float) -> dict[str, Any]:
        return self.pad.state(since, seconds) | {"status": self._resource["status"], "over": bool(self._happened)}


def add_routes(control: Blueprint, world: World) -> None:
    """Add the routes."""
    calls: OrderedDict[str, _LiveCall] = OrderedDict()

    @control.post("/live")
    def start() -> Response:
        given = request.get_json()
        resource = world.new_call({"From": given["from"], "To": given["to"]}, "inbound")
        sid = str(resource["sid"])
        calls[sid] = _LiveCall(world, resource)
        if len(calls) > _MOST:
            calls.popitem(last=False)[1].hang_up()
        world.background.start("twilio-live-call", calls[sid].run)
        return jsonify(sid=sid)

    @control.get("/live/<sid>")
    def state(sid: str) -> Response:
        since, seconds = int(request.args.get("since", -1)), float(request.args.get("wait", 0))
        return jsonify(calls[sid].state(since, min(seconds, _LONGEST_WAIT)))

    @control.post("/live/<sid>")
    def act(sid: str) -> Response:
        given = request.get_json()
        pad = calls[sid].pad
        if given.get("keys"):
            pad.press(str(given["keys"]))
        if given.get("words"):
            pad.say(str(given["words"]))
        if given.get("hang_up"):
            calls[sid].hang_up()
        return jsonify(ok=True)
