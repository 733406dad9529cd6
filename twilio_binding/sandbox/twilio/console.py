"""The part of the control API for the Twilio Console: numbers, applications, messaging services."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.world import World


def add_routes(control: Blueprint, world: World) -> None:
    """Add the routes."""

    @control.post("/numbers")
    def add_number() -> Response:
        return jsonify(world.add_number(**request.get_json()))

    @control.delete("/numbers/<number>")
    def remove_number(number: str) -> Response:
        del world.numbers[_number(world, number)["sid"]]
        return jsonify(ok=True)

    @control.post("/numbers/<number>")
    def change_number(number: str) -> Response:
        resource = _number(world, number)
        resource |= request.get_json()
        return jsonify(resource)

    @control.post("/applications")
    def add_application() -> Response:
        return jsonify(world.add_application(**request.get_json()))

    @control.post("/services")
    def add_service() -> Response:
        return jsonify(world.add_service(**request.get_json()))


def _number(world: World, phone_number: str) -> Resource:
    number = world.number(phone_number)
    if number is None:
        raise ValueError(f"the account has no number {phone_number}")
    return number
