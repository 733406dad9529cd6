"""The arguments of actions of contacts."""

from __future__ import annotations

import pytest

from twilio_binding.model.contact_actions import read_contact_action
from twilio_binding.protocol.errors import Refusal


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("send", {"text": "half an emoji: \ud83d"}),
        ("call", {"text": "\udc00"}),
        ("ask", {"question": "\ud83d?", "answers": "yes,no", "minutes": 5}),
    ],
)
def test_half_a_character(action: str, args: dict[str, object]) -> None:
    """A lone surrogate is refused by name, as in actions of phones, before anything is stored."""
    with pytest.raises(Refusal, match="incomplete character") as caught:
        read_contact_action(action, args)
    assert caught.value.code == "bad_argument"
