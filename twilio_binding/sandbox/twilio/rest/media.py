"""The media of incoming messages."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.rest.pages import found, page
from twilio_binding.sandbox.twilio.world import World


def add_routes(rest: Blueprint, account_path: str, world: World) -> None:
    """Add the routes of media."""

    @rest.get(f"{account_path}/Messages/<message>/Media.json")
    def list_media(message: str) -> Response:
        parent = found(world.messages, message)
        return page(world, "media_list", [_described(parent, sid) for sid in parent["files"]])

    @rest.get(f"{account_path}/Messages/<message>/Media/<sid>.json")
    def describe_media(message: str, sid: str) -> Response:
        return jsonify(_described(found(world.messages, message), sid))

    @rest.get(f"{account_path}/Messages/<message>/Media/<sid>")
    def fetch_media(message: str, sid: str) -> Response:
        content, kind = _file(found(world.messages, message), sid)
        return Response(content, content_type=kind)

    @rest.delete(f"{account_path}/Messages/<message>/Media/<sid>.json")
    def delete_media(message: str, sid: str) -> tuple[str, int]:
        parent = found(world.messages, message)
        _file(parent, sid)
        del parent["files"][sid]
        return "", 204


def _file(message: Resource, sid: str) -> tuple[bytes, str]:
    file: tuple[bytes, str] | None = message["files"].get(sid)
    if file is None:
        raise failures.NOT_FOUND
    return file


def _described(message: Resource, sid: str) -> Resource:
    _, kind = _file(message, sid)
    uri = f"{message['subresource_uris']['media'].removesuffix('.json')}/{sid}.json"
    return {
        "sid": sid,
        "account_sid": message["account_sid"],
        "parent_sid": message["sid"],
        "content_type": kind,
        "date_created": message["date_created"],
        "date_updated": message["date_updated"],
        "uri": uri,
    }
