"""The account, its balance, and its verified numbers."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.world import World


def add_routes(rest: Blueprint, account_path: str, world: World) -> None:
    """Add the routes of the account."""

    @rest.get(f"{account_path}.json")
    def fetch_account() -> Response:
        if request.authorization is None or request.authorization.username != world.conduct.account_sid:
            # A standard API key has no access to the account itself.
            raise failures.AUTHENTICATE
        return jsonify(
            sid=world.conduct.account_sid,
            status=world.conduct.account_status,
            type=world.conduct.account_type,
            auth_token=world.conduct.auth_token,
            friendly_name="Sandbox",
        )

    @rest.get(f"{account_path}/Balance.json")
    def fetch_balance() -> Response:
        return jsonify(account_sid=world.conduct.account_sid, balance=world.conduct.balance, currency="USD")

    @rest.get(f"{account_path}/OutgoingCallerIds.json")
    def list_verified() -> Response:
        return jsonify(outgoing_caller_ids=[{"phone_number": one} for one in world.conduct.verified.split()])
