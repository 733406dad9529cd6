"""Times on the command line."""

from __future__ import annotations

import time
from datetime import datetime

import click
import pytest

from twilio_binding.cli.moment import Moment


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("30m", 1800), ("6h", 21600), ("2d", 172800), ("1w", 604800), (" 0s ", 0)]
)
def test_span(text: str, seconds: int) -> None:
    """A time span counts back from now."""
    assert abs(Moment().convert(text, None, None) - (time.time() - seconds)) < 5


@pytest.mark.parametrize("text", ["2026-11-28", "2026-11-28T14:30", "2026-11-28 14:30:05"])
def test_local_time(text: str) -> None:
    """A date is in this machine's time zone, and begins at midnight."""
    assert Moment().convert(text, None, None) == datetime.fromisoformat(text).astimezone().timestamp()


def test_time_with_a_zone() -> None:
    """A zone is kept."""
    assert Moment().convert("1970-01-02T02:00+02:00", None, None) == 86400.0


@pytest.mark.parametrize("text", ["yesterday", "5", "-1h", "2026-13-01", "99999999w", "", "1h30m", "\u0661h"])
def test_time_that_is_none(text: str) -> None:
    """Anything else is refused with examples."""
    with pytest.raises(
        click.BadParameter, match=r"is not a time\. Write 30m, 6h, 2d, 2026-11-28 or 2026-11-28T14:30\."
    ):
        Moment().convert(text, None, None)
