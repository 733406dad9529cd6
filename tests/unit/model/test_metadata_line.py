"""Metadata in the form of `.items` files."""

from __future__ import annotations

import pytest

from twilio_binding.model.sentences.metadata_line import metadata_line


@pytest.mark.parametrize(
    ("metadata", "line"),
    [
        ({"value": "kitchen light, lamp"}, '{ twilio="kitchen light, lamp" }'),
        ({"value": None, "config": {}}, '{ twilio="" }'),
        (
            {"value": "x", "config": {"key": 1.0, "pin": True, "confirm": False, "can": "read,command"}},
            '{ twilio="x" [ key=1, pin=true, confirm=false, can="read,command" ] }',
        ),
        ({"value": "x", "config": {"can": ["read", "command"]}}, '{ twilio="x" [ can="read,command" ] }'),
        ({"value": 'a "b" \\ c\nd'}, '{ twilio="a \\"b\\" \\\\ c d" }'),
        ({"value": "x", "config": "none"}, '{ twilio="x" }'),
    ],
)
def test_lines(metadata: dict[str, object], line: str) -> None:
    """OpenHAB reads the same metadata from the line."""
    assert metadata_line(metadata) == line
