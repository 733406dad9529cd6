"""The WhatsApp templates of an alarm, one a language."""

from __future__ import annotations

import pytest

from twilio_binding.model.alarm_templates import read_templates, template_for

ALL, GERMAN, SWISS = (f"HX{digit * 32}" for digit in "0de")


@pytest.mark.parametrize(
    ("text", "language", "sid"),
    [
        (ALL, "fr", ALL),
        ("", "fr", ""),
        (f"{ALL}, de={GERMAN}", "de", GERMAN),
        (f"de={GERMAN},{ALL}", "de-AT", GERMAN),
        (f"{ALL}, de = {GERMAN}, DE_ch={SWISS}", "de-CH", SWISS),
        (f"{ALL}, de={GERMAN}", "fr", ALL),
        (f"de={GERMAN}", "fr", ""),
        (f"en={ALL}, de={GERMAN}", "", ""),
    ],
)
def test_the_template_of_a_language(text: str, language: str, sid: str) -> None:
    """Its own, that of the language without its region, or that without a language; where none fits, plain text is sent."""
    assert template_for(read_templates(text), language) == sid


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("HX123", "HX123 is not a Content SID"),
        (f"de=HX123, {ALL}", "HX123 is not a Content SID"),
        (f"German!={GERMAN}", "German! is not a language"),
        (f"={GERMAN}", "is not a language"),
        (f"{ALL}, {GERMAN}", "two templates for all languages"),
        (f"de={GERMAN}, DE={SWISS}", "two templates for DE"),
        (f"de={GERMAN};{ALL}", "is not a Content SID"),
    ],
)
def test_templates_with_a_mistake(text: str, told: str) -> None:
    """The error says which part is wrong."""
    with pytest.raises(ValueError, match=told):
        read_templates(text)
