"""Rules in a Python beside openHAB: the service's client gets the events, and a thread carries out the rules."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import structlog

from twilio_binding.actions import shared

_log = structlog.get_logger(__name__)


def listen(uid: str, channel: str, heard: Callable[[dict[str, object]], None]) -> None:
    """Call `heard` with the payload of each event of a trigger channel."""

    def event(fields: dict[str, object]) -> None:
        # The connection's thread must be free for the replies to the rule's requests.
        _threads().submit(heard, fields).add_done_callback(_tell)

    shared().on(uid, channel, event)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="twilio-rule")


def _tell(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        _log.error("rule.failed", error=type(error).__name__)
