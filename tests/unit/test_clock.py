"""Pauses between attempts, and the units of time."""

from __future__ import annotations

import time
from math import inf

from twilio_binding.clock import Backoff, left, local_now, local_time, milliseconds


def test_pauses_grow_to_the_last_and_begin_anew_after_a_success() -> None:
    """A repeated failure is retried less and less often, and immediately again after a success."""
    backoff = Backoff(1.0, 2.0, 5.0)
    assert backoff.pause == 0.0
    assert [backoff.failed() for _ in range(4)] == [1.0, 2.0, 5.0, 5.0]
    backoff.succeeded()
    assert backoff.pause == 0.0
    assert backoff.failed() == 1.0


def test_an_unexpected_failure_waits_longest() -> None:
    """An unexpected error is not fixed by a quick retry."""
    backoff = Backoff(1.0, 2.0, 5.0)
    assert backoff.failed_unexpectedly() == 5.0
    assert backoff.failed() == 5.0
    backoff.succeeded()
    assert backoff.failed() == 1.0


def test_local_time_names_its_zone_and_milliseconds_are_whole() -> None:
    """Moments are shown with their time zone; the protocol counts whole milliseconds."""
    assert local_time(1_700_000_000.5).timestamp() == 1_700_000_000.5
    assert local_time(1_700_000_000.5).tzinfo is not None
    assert abs(local_now().timestamp() - time.time()) < 5
    assert milliseconds(1_700_000_000.0006) == 1_700_000_000_001


def test_time_left_is_never_negative_nor_more_than_anybody_waits() -> None:
    """Until a time; 0 when it has passed; without one, at most the maximum."""
    assert 4.9 < left(time.monotonic() + 5) <= 5
    assert left(time.monotonic() - 5) == 0.0
    assert left(time.monotonic() + 5, 2) == 2
    assert left(inf, 2) == 2
