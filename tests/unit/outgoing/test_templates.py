"""How the message of a WhatsApp template is found again if Twilio's answer was lost."""

from __future__ import annotations

import json

import pytest

from twilio_binding.twilio_api.gateway import _is_filled


@pytest.mark.parametrize(
    ("body", "is_it"),
    [
        ("Alarm: Smoke in the hall. Reply 1.", True),
        ("Fire: Smoke in the hall (1)", True),
        ("Fire at home, please look", True),
        ("Your code is 1", False),
        ("", False),
    ],
)
def test_a_template_may_have_some_of_its_variables_only(body: str, *, is_it: bool) -> None:
    """One significant variable is enough; a number of one digit is not."""
    assert _is_filled(body, json.dumps({"1": "Fire", "2": "Smoke in the hall", "3": "1"})) == is_it
