"""What the log and the reply say of a request that is not JSON."""

from __future__ import annotations

import pytest

from twilio_binding.mqtt.malformed import explain


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (
            b'{"to":"+1","message":"he said "hi" to me"}',
            'in "message", at character 32 of 42: write a quote in a string',
        ),
        (b'{"to":"+1","message":"one\ntwo"}', 'in "message", at character 26 of 31: write a line break or tab'),
        (b'{"to":"+1","message":"C:\\dir"}', 'in "message", at character 25 of 30: write a backslash in a string'),
        (b'{"to":"+1","message":"cut', 'in "message", at character 22 of 25: unterminated string'),
        (b'{"to":,"message":"x"}', 'in "to", at character 7 of 21: expecting value'),
        (b'{"message":"a \xff b"}', "byte 15 is not UTF-8"),
        (b"hello secret", "it does not begin with {"),
        (b"  ", "it is empty"),
        (b"[" * 60000, "it is nested too deeply"),
        (b'{"to":"+1"}', ""),
    ],
)
def test_explained(payload: bytes, told: str) -> None:
    """Argument, place and reason, and nothing of the text."""
    assert explain(payload).startswith(told)
    assert bool(told) == bool(explain(payload))
    assert "secret" not in explain(payload)
