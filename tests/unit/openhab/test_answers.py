"""The meaning of openHAB's answers."""

from __future__ import annotations

import pytest

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import judge


@pytest.mark.parametrize(("status", "may_start"), [(404, True), (500, True), (503, True), (413, False), (414, False)])
def test_answers_while_openhab_starts(status: int, *, may_start: bool) -> None:
    """Only an answer that a starting openHAB gives is explained by its start, not one about the size of a request."""
    with pytest.raises(DependencyDownError, match=f"answers {status} to GET /items") as told:
        judge(status, b"", "GET /items", has_token=True)
    assert ("may be starting" in str(told.value)) is may_start
