"""Promises that can be broken on purpose, to prove that a run notices."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from lab.faults.points import Function, find, replace_function


def _answer_before_the_commit(record: Function) -> Function:
    """Webhooks are answered while they still wait for their commit."""
    recorded = find("incoming.ports", "Recorded")

    def record_later(journal: Any, event: Any, **how: Any) -> Any:  # noqa: ANN401
        late = threading.Timer(0.05, record, args=(journal, event), kwargs=how)
        late.daemon = True
        late.start()
        return recorded(id=0, new=True)

    return record_later


def _note_before_delivering(_: Function) -> Function:
    """Events count as delivered before they are."""

    def step(worker: Any, most: int) -> bool:  # noqa: ANN401
        deliveries = worker._journal.pending(worker._lane, urgent=worker._urgent, limit=most)  # noqa: SLF001
        if deliveries:
            worker._journal.delivered(worker._lane, deliveries).result()  # noqa: SLF001
            worker._deliver(deliveries)  # noqa: SLF001
        return bool(deliveries)

    return step


def _forget_the_ids_of_requests(enter: Function) -> Function:
    """A repeated request counts as a new one."""

    def enter_again(outbox: Any, request: Any, *more: Any, **how: Any) -> Any:  # noqa: ANN401
        found = enter(outbox, request, *more, **how)
        return found if found.result().new else enter(outbox, replace(request, id=uuid4().hex), *more, **how)

    return enter_again


def _no_pause(_: Function) -> Function:
    """Events of one thing follow each other without a pause in the relay rule."""
    make = find("openhab.delivery.relay_text", "run_text")
    return lambda secret, firings: re.sub(r"^\d+", "0", make(secret, firings), flags=re.MULTILINE)


BROKEN: dict[str, tuple[str, str, Callable[[Function], Function]]] = {
    "answer-before-commit": ("store.journal", "SqliteJournal.record", _answer_before_the_commit),
    "note-before-delivering": ("incoming.delivery", "_Worker._step", _note_before_delivering),
    "no-look-up": ("outgoing.sending", "Sender._look_up", lambda _: lambda *_: None),
    "no-event-ids": (
        "openhab.delivery.deliverer",
        "Firing",
        lambda make: lambda **how: make(**how | {"id": uuid4().hex}),
    ),
    "no-pause": ("openhab.delivery.relay_rule", "run_text", _no_pause),
    "no-request-ids": ("store.outbox", "SqliteOutbox.enter", _forget_the_ids_of_requests),
    "no-signatures": ("webhooks.views", "is_genuine", lambda _: lambda *_, **__: True),
}
"""The replaced function of the service, and its replacement."""


def break_promise(name: str) -> None:
    """Break a promise in this process."""
    replace_function(*BROKEN[name])
