"""Usage records: the costs of the account. All messages and calls count as those of today."""

from __future__ import annotations

from flask import Blueprint, Response

from twilio_binding.sandbox.twilio import failures
from twilio_binding.sandbox.twilio.resources import Resource
from twilio_binding.sandbox.twilio.rest import pages
from twilio_binding.sandbox.twilio.world import World

_PERIODS = {"Today": True, "ThisMonth": True, "LastMonth": False, "Yesterday": False}
_SEGMENT, _CALL = 0.0083, 0.0140
"""US dollars; a call costs one minute."""


def add_routes(rest: Blueprint, account_path: str, world: World) -> None:
    """Add the route of the usage records."""

    @rest.get(f"{account_path}/Usage/Records/<period>.json")
    def list_usage_records(period: str) -> Response:
        if period not in _PERIODS:
            raise failures.NOT_FOUND
        messages, calls = (world.messages, world.calls) if _PERIODS[period] else ((), ())
        segments = sum(int(each["num_segments"]) for each in tuple(messages))
        records = [
            _record("sms", "SMS", segments, "messages", segments * _SEGMENT),
            _record("sms-inbound", "Inbound SMS", 0, "messages", 0.0),
            _record("calls", "Voice Minutes", len(calls), "minutes", len(calls) * _CALL),
            _record("totalprice", "Total Price", 0, "usd", segments * _SEGMENT + len(calls) * _CALL),
        ]
        return pages.page(world, "usage_records", pages.matching(records, {"Category": "category"}, {}))


def _record(category: str, description: str, count: int, unit: str, price: float) -> Resource:
    """A usage record. Its SID is only used for the token of the next page."""
    return {
        "sid": category,
        "category": category,
        "description": description,
        "count": str(count),
        "count_unit": unit,
        "usage": str(count),
        "usage_unit": unit,
        "price": f"{price:.4f}",
        "price_unit": "usd",
    }
