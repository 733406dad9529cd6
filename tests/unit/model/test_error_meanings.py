"""Twilio's codes in plain words."""

from __future__ import annotations

import pytest

from twilio_binding.model import payloads
from twilio_binding.model.error_meanings import meaning


def test_known_code() -> None:
    """A known code has a meaning, whether it comes as a number or as text."""
    assert (
        meaning(21610)
        == meaning("21610")
        == "the recipient has answered STOP; only a START from the recipient undoes it"
    )


@pytest.mark.parametrize("code", ["", "0", "x", "-21610", "21610x", "²", "9" * 5000, 99999])
def test_unknown_code(code: str | int) -> None:
    """An unknown code has no meaning, and is not an error."""
    assert meaning(code) == ""


def test_status_of_a_message_that_failed() -> None:
    """The payload has Twilio's code, followed by its meaning; an unknown code has none."""
    fields = {"MessageSid": "SM1", "MessageStatus": "undelivered", "To": "+1555", "ErrorCode": "30003"}
    assert payloads.message_status(fields) == (
        '{"messageSid":"SM1","messageStatus":"undelivered","to":"+1555","errorCode":"30003",'
        '"errorMeaning":"the phone is off or cannot be reached"}'
    )
    assert "errorMeaning" not in payloads.message_status({**fields, "ErrorCode": "1"})
