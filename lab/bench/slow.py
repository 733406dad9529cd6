"""The lines on a disk that takes 10 ms for each flush, like SD cards of small boards."""

from __future__ import annotations

from collections.abc import Iterator

from lab.bench.lines import Figure, answered_calls, send_p50, text_rate
from lab.standins.stack import Stack

FLUSH = 0.010
"""Seconds of a flush."""


def slow(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """Calls, texts and sends while each flush takes 10 ms."""
    stack.slow_disk(FLUSH)
    calls = answered_calls(stack, quick)
    yield Figure.at_most("slow disk: answered call p50", calls.p50, 25)
    yield Figure(what="slow disk: answered call p99", figure=f"{calls.p99:.1f} ms")
    figure = (
        f"{calls.flood_p50:.0f} / {calls.flood_p99:.0f} ms, {calls.wrong} of {calls.number} without the rule's answer"
    )
    is_good = calls.flood_p99 <= 80 and not calls.wrong
    yield Figure(
        what="slow disk: answered call p50 / p99 in a flood", figure=figure, target="p99 80 ms, 0", good=is_good
    )
    rate, _ = text_rate(stack, 64, 2 if quick else 8)
    stack.service.wait_delivered(600)
    yield Figure(
        what="slow disk: signed texts accepted, 64 connections",
        figure=f"{rate:.0f}/s",
        target="2000/s",
        good=rate >= 2000,
    )
    yield Figure.at_most("slow disk: sendSMS p50", send_p50(stack, 30 if quick else 150), 60)
