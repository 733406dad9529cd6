"""Calls in a real thread."""

from __future__ import annotations

import gevent

from twilio_binding.webhooks.server import RealThread


def test_each_gets_the_result_of_its_own_call() -> None:
    """Each of many waiting callers gets its own result."""
    calling = RealThread()
    asking = [gevent.spawn(calling, lambda number=number: number) for number in range(50)]
    gevent.joinall(asking, timeout=30, raise_error=True)
    assert [one.value for one in asking] == list(range(50))
