"""The order of statuses."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

import pytest

from twilio_binding.model.progress import furthest_status


@pytest.mark.parametrize(
    ("field", "statuses", "furthest"),
    [
        ("messageStatus", ("queued", "sent", "delivered"), "delivered"),
        ("messageStatus", ("sent", "delivered", "read"), "read"),
        ("messageStatus", ("sent", "undelivered"), "undelivered"),
        ("callStatus", ("initiated", "ringing", "in-progress", "completed"), "completed"),
        ("callStatus", ("ringing", "no-answer"), "no-answer"),
        ("messageStatus", ("", "sent"), "sent"),
    ],
)
def test_any_order(field: str, statuses: tuple[str, ...], furthest: str) -> None:
    """In any order of arrival, the latest status is known."""
    sid = {"messageStatus": "messageSid", "callStatus": "callSid"}[field]
    for order in permutations(statuses):
        payloads = [{field: status, sid: "1"} for status in order]
        assert reduce(furthest_status, payloads, "queued") == furthest


def test_first_end_of_a_call() -> None:
    """Of two contradicting ends of a call, the first counts."""
    known = reduce(furthest_status, [{"callStatus": one, "callSid": "1"} for one in ("completed", "busy")], "")
    assert known == "completed"
