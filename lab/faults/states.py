"""Compares the states of openHAB's items with the journal: each state once, in order, and set when its trigger fires."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.faults.observer import Change

if TYPE_CHECKING:
    from lab.faults.checker import Case, Verdict

_MESSAGES = ("sms-received", "whatsapp-received")
_AROUND = 1.0
"""Seconds around a restart of openHAB in which states may be lost or set twice."""


def check_states(case: Case, verdict: Verdict) -> None:
    """Compare the item with the last message's SID, for each phone."""
    ids = {
        key.partition(" ")[2]: (row.thing, row.id, row.openhab)
        for key, row in case.records.events.items()
        if key.startswith(_MESSAGES)
    }
    for thing, changes in case.evidence.changes.items():
        _check_changes(case, verdict, {sid: number for sid, (of, number, _) in ids.items() if of == thing}, changes)
        given = {change.sid for change in changes}
        for sid, (of, number, is_delivered) in ids.items():
            if of == thing and is_delivered and sid not in given:
                verdict.breach("lost", f"the state of event {number}, {sid}")
    _check_looks(case, verdict)


def _check_changes(case: Case, verdict: Verdict, ids: dict[str, int], changes: Sequence[Change]) -> None:
    latest = 0
    given: dict[str, float] = {}
    for change in changes:
        number = ids.get(change.sid)
        if number is None:
            verdict.breach("from nowhere", f"state {change.sid}")
        elif change.sid in given:
            if _restarted(case, given[change.sid], change.at):
                verdict.counts["states given again to an openHAB that had restarted"] += 1
            else:
                verdict.breach("states twice", f"{change.sid} {change.at - given[change.sid]:.1f} s apart")
        elif number < latest:
            verdict.breach("states out of order", f"{change.sid}: {number} after {latest}")
        else:
            latest = number
        given[change.sid] = change.at


def _check_looks(case: Case, verdict: Verdict) -> None:
    for seen in case.evidence.triggers:
        channel, _, sid = seen.key.partition(" ")
        if channel not in _MESSAGES or not seen.sid or _restarted(case, seen.at, seen.at):
            continue
        verdict.counts["rules that looked at the items"] += 1
        if seen.sid != sid:
            verdict.breach("states of another message", f"{seen.key}: {seen.sid}")


def _restarted(case: Case, first: float, last: float) -> bool:
    return any(first - _AROUND <= restart <= last + _AROUND for restart in case.restarts)
