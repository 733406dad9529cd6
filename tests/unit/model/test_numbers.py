"""Numbers: what Twilio can reach, and why something is none; a number that is wrong is shown masked."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.masking import mask_number, mask_text
from twilio_binding.model.numbers import BadNumberError, parse_e164, parse_recipient


@pytest.mark.parametrize(
    "number", ["+15551234567", "+4915123456789", "+447700900104", "+33755123456", "+6281234567890"]
)
def test_numbers(number: str) -> None:
    """Numbers in E.164 form are taken as they are, alone and with the prefix of WhatsApp."""
    assert parse_e164(number) == number
    assert parse_recipient(number) == number
    assert parse_recipient(f"whatsapp:{number}") == f"whatsapp:{number}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the phone number is empty"),
        ("15551234567", "155***67 does not begin with + and the country code (E.164, such as +15551234567)"),
        ("00491512345678", "004***78 does not begin with + and the country code (E.164, such as +15551234567)"),
        ("+1 555 123 4567", "+1 ***67 has other characters than + and digits (E.164, such as +15551234567)"),
        ("+1555-123-4567", "+15***67 has other characters than + and digits (E.164, such as +15551234567)"),
        (
            "+155512345\N{ARABIC-INDIC DIGIT THREE}\N{ARABIC-INDIC DIGIT SEVEN}",
            "+15***\N{ARABIC-INDIC DIGIT THREE}\N{ARABIC-INDIC DIGIT SEVEN} has other characters than + and digits (E.164, such as +15551234567)",
        ),
        ("+1555123456²", "+15***6² has other characters than + and digits (E.164, such as +15551234567)"),
        ("+", "*** has other characters than + and digits (E.164, such as +15551234567)"),
        ("+0123456789", "+01***89 is no phone number: no country has this code"),
        ("+999123456789", "+99***89 is no phone number: no country has this code"),
        ("+1555123", "+15***23 is no phone number: it is too short"),
        ("+15551234", "+15***34 is no phone number: it lacks the area code"),
        ("+155512345678", "+15***78 is no phone number: it is too long"),
        ("+1" + "5" * 30, "+15***55 is no phone number: it is too long"),
        ("+1", "*** is no phone number: it is too short"),
    ],
)
def test_texts_that_are_no_number(text: str, reason: str) -> None:
    """Each is refused with its reason, and the number cannot be read in it."""
    with pytest.raises(BadNumberError) as caught:
        parse_e164(text)
    assert str(caught.value) == reason
    assert (caught.value.code, caught.value.retryable) == ("bad_number", False)


@pytest.mark.parametrize(
    "text",
    [
        "12345",
        "123",
        "12345678",
        "sip:alice@example.com",
        "sips:alice@example.com:5061",
        "client:Anonymous",
        "client:a.b@c",
    ],
)
def test_other_recipients(text: str) -> None:
    """Short codes, SIP addresses and clients are recipients, but no phone numbers."""
    assert parse_recipient(text) == text
    with pytest.raises(BadNumberError):
        parse_e164(text)


@pytest.mark.parametrize(
    "text",
    [
        "12",
        "123456789",
        "sip:example.com",
        "sip:a b@example.com",
        "client:",
        "client:a b",
        "whatsapp:",
        "whatsapp:12345",
        "whatsapp:whatsapp:+15551234567",
        "WhatsApp:+15551234567",
        "tel:+15551234567",
        "12345\n",
        "+15551234567\n",
        "sip:a@b\n",
        "",
    ],
)
def test_what_is_no_recipient(text: str) -> None:
    """Anything else is refused before Twilio is asked."""
    with pytest.raises(BadNumberError):
        parse_recipient(text)


@given(st.text(max_size=40))
@settings(max_examples=150)
def test_any_text(text: str) -> None:
    """Any text is taken unchanged or refused with our own error; never anything else."""
    with contextlib.suppress(BadNumberError):
        assert parse_recipient(text) == text


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+15551234567", "+15***67"),
        ("whatsapp:+15551234567", "whatsapp:+15***67"),
        ("12345", "***"),
        ("", "***"),
        ("sip:alice@example.com", "sip:ali***om"),
        ("+15551234567:", "+15***7:"),
        ("+15551234567:+15551234567", "+15***67"),
    ],
)
def test_masked_number(number: str, shown: str) -> None:
    """A masked number can be told from others, but not called; what is short disappears."""
    assert mask_number(number) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("from +15551234567 to whatsapp:+4915123456789.", "from +15***67 to whatsapp:+49***89."),
        ("To=%2B15551234567&x", "To=%2B***67&x"),
        ("the number 15551234567", "the number 155***67"),
        ("error 21211 at 12:30", "error 21211 at 12:30"),
        ("SM0123456789abcdef0123456789abcdef", "SM0123456789abcdef0123456789abcdef"),
        ("", ""),
    ],
)
def test_masked_text(text: str, shown: str) -> None:
    """Everything in a text that looks like a number is masked; SIDs and codes stay."""
    assert mask_text(text) == shown


@given(st.integers(10**6, 10**14), st.text(" .,;:()'\"", max_size=3))
@settings(max_examples=100)
def test_no_number_survives(number: int, around: str) -> None:
    """No number of seven digits and more can be read in a masked text."""
    assert str(number) not in mask_text(f"call{around} +{number}{around} now")
