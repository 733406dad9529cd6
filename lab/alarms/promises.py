"""Promises of alarms that can be broken on purpose, to prove that a run notices."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from lab.faults.points import Function, replace_function


def _twice(send: Function) -> Function:
    """Twilio is asked twice for each send."""

    def send_twice(*args: Any, **how: Any) -> Any:  # noqa: ANN401
        send(*args, **how)
        return send(*args, **how)

    return send_twice


def _late(due: Function) -> Function:
    """Steps come two seconds late."""

    def later(run: Any) -> float | None:  # noqa: ANN401
        found = due(run)
        return None if found is None else found + 2.0

    return later


def _unheard(_: Function) -> Function:
    """An acknowledgement is confirmed, but has no effect."""
    from dataclasses import replace  # noqa: PLC0415

    return lambda _course, run, by, **_: replace(run, state="acknowledged", taken_by=by, taken_at=time.time())


def _machine_takes(_: Function) -> Function:
    """A mailbox counts as an acknowledgement."""

    def machine(course: Any, run_id: str, attempt_id: str, sid: str) -> Any:  # noqa: ANN401
        from twilio_binding.alarms.runs import nothing_to_write  # noqa: PLC0415

        del sid
        run = course._runs.get(run_id)  # noqa: SLF001
        course.acknowledge(run, run.attempts[attempt_id].tell.contact)
        return nothing_to_write()

    return machine


def _only_opens(_: Function) -> Function:
    """After a restart, no alarm continues."""
    return lambda _runs: 0.0


BROKEN: dict[str, tuple[str, str, Callable[[Function], Function]]] = {
    "told-twice": ("twilio_api.gateway", "TwilioGateway.send", _twice),
    "no-look-up": ("outgoing.sending", "Sender._look_up", lambda _: lambda *_, **__: None),
    "late-steps": ("model.alarm_run", "Run.due", _late),
    "acknowledgement-unheard": ("alarms.course", "Course.acknowledge", _unheard),
    "mailbox-acknowledges": ("alarms.course", "Course.machine", _machine_takes),
    "forgets-at-restart": ("alarms.runs", "Runs.restore", _only_opens),
    "never-withdrawn": ("alarms.runs", "Runs.is_withdrawn", lambda _: lambda *_: False),
    "calls-go-on": ("alarms.hang_ups", "HangUps.hang_up", lambda _: lambda *_: None),
}
"""The replaced function of the service, and its replacement."""


def break_promise(name: str) -> None:
    """Break a promise in this process."""
    replace_function(*BROKEN[name])
