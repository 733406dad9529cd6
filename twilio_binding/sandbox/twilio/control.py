"""The control API under `/sandbox/`, with which tests and people read and change the stand-in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import console, live, sends
from twilio_binding.sandbox.twilio.options import SECRETS
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.world import Callee, World


def create_control(world: World, control_url: str) -> Blueprint:
    """The routes of the control API. Invalid requests get 400 with an `error`."""
    control = Blueprint("control", __name__)
    for mistake in (ValueError, KeyError, TypeError):
        control.register_error_handler(mistake, _mistaken)
    _add_reads(control, world, control_url)
    _add_settings(control, world)
    console.add_routes(control, world)
    sends.add_routes(control, world)
    live.add_routes(control, world)
    return control


def _mistaken(mistake: Exception) -> tuple[Response, int]:
    return jsonify(error=f"{type(mistake).__name__}: {mistake}"), 400


def _add_reads(control: Blueprint, world: World, control_url: str) -> None:
    @control.get("/options")
    def options() -> Response:
        told = {name: value for name, value in asdict(world.options).items() if name not in SECRETS}
        return jsonify(options=told, control=control_url)

    @control.get("/messages")
    def messages() -> Response:
        return _listed(_latest(world.messages))

    @control.get("/calls")
    def calls() -> Response:
        return _listed(_latest(world.calls))

    @control.get("/numbers")
    def numbers() -> Response:
        return _listed(tuple(world.numbers.values()))

    @control.get("/webhooks")
    def webhooks() -> Response:
        since = int(request.args.get("since", 0))
        return jsonify([exchange.shown() for exchange in tuple(world.webhooks.sent) if exchange.n > since])


def _latest(resources: Iterable[Resource]) -> Iterable[Resource]:
    found = tuple(resources)
    return found[-int(request.args.get("latest", len(found) or 1)) :]


def _listed(resources: Iterable[Resource]) -> Response:
    return jsonify(
        [{name: value for name, value in each.items() if name != "files"} for each in tuple(resources)],
    )


def _add_settings(control: Blueprint, world: World) -> None:
    @control.post("/reset")
    def reset() -> Response:
        world.reset()
        return jsonify(ok=True)

    @control.post("/configure")
    def configure() -> Response:
        world.conduct.change(request.get_json())
        for number in tuple(world.numbers.values()):
            number["account_sid"] = world.conduct.account_sid
        return jsonify(ok=True)

    @control.post("/contacts/<to>")
    def contact(to: str) -> Response:
        world.contacts[to] = Callee(**request.get_json())
        return jsonify(ok=True)

    @control.post("/failing/<to>")
    def failing(to: str) -> Response:
        given = request.get_json()
        world.failing[to] = (str(given["status"]), int(given["code"]))
        return jsonify(ok=True)
