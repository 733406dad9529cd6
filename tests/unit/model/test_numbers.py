"""Numbers: what Twilio can reach, and why something is invalid; an invalid number is masked."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twilio_binding.masking import mask_number, mask_text
from twilio_binding.model.numbers import BadNumberError, doubt, parse_e164, parse_recipient


@pytest.mark.parametrize(
    "number", ["+15551234567", "+4915123456789", "+447700900104", "+33755123456", "+6281234567890"]
)
def test_numbers(number: str) -> None:
    """Numbers in E.164 form are accepted unchanged, alone and with the WhatsApp prefix."""
    assert parse_e164(number) == number
    assert parse_recipient(number) == number
    assert parse_recipient(f"whatsapp:{number}") == f"whatsapp:{number}"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" +15557654321\n", "+15557654321"),
        ("+1 (555) 765-4321", "+15557654321"),
        ("+1.555.765.4321", "+15557654321"),
        ("(+1) 555 / 765 4321", "+15557654321"),
        ("tel:+1-555-765-4321", "+15557654321"),
        ("TEL: +15557654321", "+15557654321"),
        ("+49 170 1234567", "+491701234567"),
        ("+49\N{NO-BREAK SPACE}170\N{NARROW NO-BREAK SPACE}1234567", "+491701234567"),
        ("+49\N{NON-BREAKING HYPHEN}170\N{EN DASH}123\N{MINUS SIGN}4567", "+491701234567"),
        ("\N{LEFT-TO-RIGHT EMBEDDING}+491701234567\N{POP DIRECTIONAL FORMATTING}", "+491701234567"),
        ("\N{LEFT-TO-RIGHT MARK}+49170\N{ZERO WIDTH SPACE}1234567\N{ZERO WIDTH NO-BREAK SPACE}", "+491701234567"),
        ("+49 (0)170 1234567", "+491701234567"),
        ("+44 (0) 20 7946 0958", "+442079460958"),
        ("+39 (0)6 12345678", "+390612345678"),
    ],
)
def test_formatted_numbers(text: str, number: str) -> None:
    """A number in any form is the one number that Twilio knows, alone and with the WhatsApp prefix."""
    assert parse_e164(text) == number
    assert parse_recipient(text) == number
    assert parse_recipient(text, whatsapp=True) == f"whatsapp:{number}"
    assert parse_recipient(f"\N{LEFT-TO-RIGHT MARK}whatsapp:{text}", whatsapp=True) == f"whatsapp:{number}"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("whatsapp:+5215512345678", "+52***78 may not be a phone number: it is too long"),
        ("+5491112345678", ""),
        *((f"+{code}{'1' * (15 - len(code))}", "it is too long") for code in ("47", "45", "33", "32", "61")),
        ("+467191234567890", "+46***90 may not be a phone number: it is too long"),
        ("+345901234567890", "+34***90 may not be a phone number: it is too long"),
        ("+999123456789", "+99***89 may not be a phone number: no country has this code"),
        ("+155512345678", "+15***78 may not be a phone number: it is too long"),
        ("+15551234", "***34 may not be a phone number: the area code is missing"),
        ("+1555123", "***23 may not be a phone number: it is too short"),
        ("+123456", "***56 may not be a phone number: it is too short"),
        ("+15557654321", ""),
        ("12345", ""),
        ("123456", ""),
        ("5551234", "***34 is taken for a short code; a phone number begins with + and the country code"),
        ("sip:a@b.c", ""),
        ("", ""),
    ],
)
def test_doubtful_numbers(number: str, reason: str) -> None:
    """A number that only a numbering plan rejects is a doubt: SIM cards of machines, and numbers that wrote to us, exist."""
    assert reason in doubt(number) if reason else doubt(number) == ""
    assert parse_recipient(number) == number if number else True


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the phone number is empty"),
        ("15551234567", "155***67 does not begin with + and the country code (E.164, such as +15551234567)"),
        ("00491512345678", "004***78 does not begin with + and the country code (E.164, such as +15551234567)"),
        ("+1 555 123 4567 ext. 8", "+15***t8 has characters other than + and digits (E.164, such as +15551234567)"),
        ("+1555CALLNOW", "+15***OW has characters other than + and digits (E.164, such as +15551234567)"),
        ("+15551234567,+15557654321", "+15***21 has characters other than + and digits (E.164, such as +15551234567)"),
        ("++15551234567", "++1***67 has characters other than + and digits (E.164, such as +15551234567)"),
        (
            "\N{FULLWIDTH PLUS SIGN}15551234567",
            "\N{FULLWIDTH PLUS SIGN}15***67 does not begin with + and the country code",
        ),
        ("(0)", "*** does not begin with + and the country code (E.164, such as +15551234567)"),
        (
            "+155512345\N{ARABIC-INDIC DIGIT THREE}\N{ARABIC-INDIC DIGIT SEVEN}",
            "+15***\N{ARABIC-INDIC DIGIT THREE}\N{ARABIC-INDIC DIGIT SEVEN} has characters other than + and digits (E.164, such as +15551234567)",
        ),
        ("+1555123456²", "+15***6² has characters other than + and digits (E.164, such as +15551234567)"),
        ("+", "*** has characters other than + and digits (E.164, such as +15551234567)"),
        ("+0123456789", "+01***89 is not a phone number: no country code begins with 0 (E.164, such as +15551234567)"),
        ("+1234567890123456", "+12***56 is not a phone number: it is too long (at most 15 digits)"),
        ("+1" + "5" * 30, "+15***55 is not a phone number: it is too long (at most 15 digits)"),
        ("+1", "*** is not a phone number: it is too short"),
        ("+999 (0)123456", "+99***56 is not a phone number: leave out (0) (E.164, such as +15551234567)"),
    ],
)
def test_texts_that_are_no_number(text: str, reason: str) -> None:
    """Each is refused with its reason, and the number cannot be read in it."""
    with pytest.raises(BadNumberError) as caught:
        parse_e164(text)
    assert str(caught.value).startswith(reason)
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
    """Short codes, SIP addresses and clients are recipients, but not phone numbers."""
    assert parse_recipient(text) == text
    with pytest.raises(BadNumberError):
        parse_e164(text)


@pytest.mark.parametrize(
    "text",
    [
        "12",
        "123456789",
        "0664123",
        "01234567",
        "012",
        "000",
        "sip:example.com",
        "sip:a b@example.com",
        "client:",
        "client:a b",
        "whatsapp:",
        "whatsapp:12345",
        "whatsapp:whatsapp:+15551234567",
        "WhatsApp:+15551234567",
        "fax:+15551234567",
        "123 45",
        "\N{ARABIC-INDIC DIGIT ONE}2345",
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
    """Any text is accepted in Twilio's form, or refused with our own error; never anything else."""
    with contextlib.suppress(BadNumberError):
        recipient = parse_recipient(text)
        assert parse_recipient(recipient) == recipient


@given(st.integers(100_000, 999_999_999_999_999))
@settings(max_examples=150)
def test_any_digits(digits: int) -> None:
    """Up to 15 digits are a number, whatever a numbering plan says; a doubt never shows the number."""
    assert parse_recipient(f"whatsapp:+{digits}") == f"whatsapp:+{digits}"
    assert str(digits) not in doubt(f"+{digits}")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+15551234567", "+15***67"),
        ("whatsapp:+15551234567", "whatsapp:+15***67"),
        ("12345", "***"),
        ("123456", "***"),
        ("0664123", "***23"),
        ("+15551234", "***34"),
        ("0664123456", "066***56"),
        ("", "***"),
        ("sip:alice@example.com", "sip:ali***om"),
        ("+15551234567:", "+15***7:"),
        ("+15551234567:+15551234567", "+15***67"),
    ],
)
def test_masked_number(number: str, shown: str) -> None:
    """A masked number can be distinguished from others, but not called; a short one disappears."""
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
