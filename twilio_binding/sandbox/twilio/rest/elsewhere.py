"""Twilio's APIs on other hosts: messaging services, and the regions of calls."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.rest.pages import found, shown
from twilio_binding.sandbox.twilio.world import World


def add_routes(rest: Blueprint, world: World) -> None:
    """Add the routes; their paths are those of messaging.twilio.com and routes.twilio.com."""

    @rest.get("/v1/Services")
    def list_services() -> Response:
        services = [shown(each) for each in world.services.values()]
        return jsonify(services=services, meta={"key": "services", "page": 0, "next_page_url": None})

    @rest.get("/v1/Services/<service>/PhoneNumbers/<sid>")
    def fetch_number_of_service(service: str, sid: str) -> Response:
        if sid not in found(world.services.values(), service)["files"]:
            raise failures.NOT_FOUND
        number = found(world.numbers.values(), sid)
        return jsonify(sid=sid, service_sid=service, phone_number=number["phone_number"])

    @rest.get("/v2/PhoneNumbers/<number>")
    def fetch_route(number: str) -> Response:
        if world.number(number) is None:
            raise failures.NOT_FOUND
        return jsonify(phone_number=number, voice_region=world.regions.get(number, "us1"))
