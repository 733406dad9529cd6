"""Where a text ends as a sentence already, and where it needs a full stop."""

from __future__ import annotations

import pytest

from twilio_binding.model.sentence_ends import as_sentence


@pytest.mark.parametrize(
    "text",
    [
        "Smoke.",
        "Smoke!",
        "Fumée !",
        "Smoke?!",
        "Smoke…",
        "Smoke...",
        'He says "Smoke!"',
        "Er sagt „Rauch.“",
        "Smoke! (kitchen.)",
        "Smoke! 🔥",
        "Smoke!👨‍👩‍👧",
        "煙。",
    ],
)
def test_what_is_a_sentence_stays(text: str) -> None:
    """Also inside quotation marks or brackets, and before an emoji."""
    assert as_sentence(text) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Smoke", "Smoke."),
        ("Smoke \n", "Smoke."),
        ("Smoke:", "Smoke."),
        ("Fumée :", "Fumée."),
        ("Smoke —", "Smoke."),
        ("Smoke 🔥", "Smoke 🔥."),
        ('The sensor "Attic"', 'The sensor "Attic".'),
        ("Sensor «Toit»", "Sensor «Toit»."),
        ("61 °", "61 °."),
        ("Smoke (kitchen)", "Smoke (kitchen)."),
        ("🔥", "🔥."),
        ("", ""),
    ],
)
def test_others_become_one(text: str, sentence: str) -> None:
    """What announces more, such as a colon, is replaced."""
    assert as_sentence(text) == sentence
