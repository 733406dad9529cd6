"""Compares the sent webhooks and requests with what openHAB, Twilio and the journal know about them."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lab.faults.ledger import Asked, Ledger, Told, key_of_trigger
from lab.faults.observer import Evidence, Seen
from lab.faults.states import check_states
from twilio_binding.protocol.replies import Reply
from twilio_binding.store.outcomes import SET_ASIDE

_AROUND = 6.0
"""Seconds after a fault of the store in which its effects may appear."""


@dataclass(slots=True)
class Verdict:
    """The findings: broken promises, each with examples; and counts for the report."""

    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)

    def breach(self, promise: str, example: str) -> None:
        """Note an example of a broken promise."""
        self.broken[promise].append(example)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event in the journal."""

    id: int
    urgent: bool
    thing: str
    openhab: bool
    mqtt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The content of the service's database."""

    events: dict[str, Row]
    doubled: tuple[str, ...]
    open_requests: tuple[str, ...]
    damage: str


def read_records(path: Path) -> Records:
    """Read the database of a stopped service."""
    connection = sqlite3.connect(path)
    try:
        damage = connection.execute("PRAGMA integrity_check").fetchone()[0]
        rows = connection.execute("SELECT id, urgent, thing, channel, payload, openhab, mqtt FROM events ORDER BY id")
        events: dict[str, Row] = {}
        doubled = []
        for number, urgent, thing, channel, payload, openhab, mqtt in rows:
            key = key_of_trigger(channel, payload)
            if key in events:
                doubled.append(key)
            events[key] = Row(id=number, urgent=bool(urgent), thing=thing, openhab=bool(openhab), mqtt=mqtt)
        left = [row[0] for row in connection.execute("SELECT id FROM requests WHERE reply IS NULL")]
    finally:
        connection.close()
    return Records(
        events=events,
        doubled=tuple(doubled),
        open_requests=tuple(left),
        damage="" if damage == "ok" else str(damage),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything to compare."""

    ledger: Ledger
    evidence: Evidence
    records: Records
    restarts: list[float]
    store_faults: list[tuple[float, float]]
    has_refusals: bool = False


def check(case: Case) -> Verdict:
    """Compare everything."""
    verdict = Verdict()
    seen = defaultdict(list)
    for trigger in case.evidence.triggers:
        seen[trigger.key].append(trigger)
    for told in case.ledger.told.values():
        _check_told(case, verdict, told, seen.get(told.key, []))
    for key in seen.keys() - case.ledger.told.keys():
        if not _is_unanswered_callback(case, key):
            verdict.breach("from nowhere", key)
    _check_order(case, verdict)
    check_states(case, verdict)
    _check_records(case, verdict)
    for asked in case.ledger.asked.values():
        _check_asked(verdict, asked, list(case.evidence.sent.get(asked.mark, {})))
    for mark in case.ledger.short_forms:
        verdict.counts[f"short forms sent {len(case.evidence.sent.get(mark, {}))} times"] += 1
    for text in case.ledger.broken:
        verdict.breach("seen by callers", text)
    return verdict


def _is_unanswered_callback(case: Case, key: str) -> bool:
    """A status callback that took effect although its answer was lost: it was delivered, and that is fine."""
    sid = key.split(" ")[1]
    return any(sid in sids for sids in case.evidence.sent.values())


def _check_told(case: Case, verdict: Verdict, told: Told, seen: list[Seen]) -> None:
    if told.forged:
        if seen or told.key in case.records.events:
            verdict.breach("forged", told.key)
        verdict.counts["forged webhooks"] += 1
        return
    verdict.counts["webhooks accepted"] += bool(told.accepted)
    if told.accepted and not seen:
        _check_unseen(case, verdict, told)
    for first, second in pairwise(seen):
        if any(first.at - 1 <= restart <= second.at for restart in case.restarts):
            verdict.counts["fired again by an openHAB that had restarted"] += 1
        else:
            verdict.breach("doubled", f"{told.key} {second.at - first.at:.1f} s apart")


def _check_unseen(case: Case, verdict: Verdict, told: Told) -> None:
    row = case.records.events.get(told.key)
    if told.urgent and row is not None and row.openhab:
        verdict.counts["call triggers that expired with their call"] += 1
    elif told.urgent and row is None and _store_failed(case, told):
        verdict.counts["calls answered by default while the store could not write"] += 1
    else:
        verdict.breach("lost", f"{told.key} of {told.line}, {'' if row else 'not '}in the journal")


def _store_failed(case: Case, told: Told) -> bool:
    return any(at - 1 < told.accepted and told.began < at + seconds + _AROUND for at, seconds in case.store_faults)


def _check_order(case: Case, verdict: Verdict) -> None:
    """Check that events of a line, and of a thing by the journal, arrive in order; calls go before messages."""
    latest: dict[tuple[str, bool], int] = {}
    known: set[str] = set()
    for trigger in case.evidence.triggers:
        if trigger.key in known:
            continue
        known.add(trigger.key)
        told, row = case.ledger.told.get(trigger.key), case.records.events.get(trigger.key)
        marks = [((told.line, told.urgent), told.number)] if told else []
        marks += [((row.thing, row.urgent), row.id)] if row else []
        for line, number in marks:
            if number < latest.get(line, 0):
                verdict.breach("out of order", f"{trigger.key} of {line[0]}: {number} after {latest[line]}")
            latest[line] = number


def _check_records(case: Case, verdict: Verdict) -> None:
    records = case.records
    if records.damage:
        verdict.breach("damaged", records.damage)
    for key in records.doubled:
        verdict.breach("doubled", f"{key} in the journal")
    for key, row in records.events.items():
        if not (row.openhab and row.mqtt):
            verdict.breach("stuck", f"event {row.id}, {key}")
        told = case.ledger.told.get(key)
        if row.mqtt == SET_ASIDE:
            verdict.counts["events set aside because the broker never takes them"] += 1
        if told is not None and told.is_long and row.mqtt == 1:
            verdict.breach("refused by the broker, noted as delivered", key)
        if row.mqtt == SET_ASIDE and not (told and told.is_long) and not case.has_refusals:
            verdict.breach("set aside without need", key)
    for request in records.open_requests:
        verdict.breach("stuck", f"request {request}")


def _check_asked(verdict: Verdict, asked: Asked, sids: list[str]) -> None:
    answer = asked.answer
    if len(sids) > 1:
        verdict.breach("sent twice", f"{asked.action} {asked.id}: {', '.join(sids)}")
    if answer is None:
        verdict.breach("stuck", f"{asked.action} {asked.id} has no answer after {asked.tries} tries")
        return
    verdict.counts[f"actions answered {'ok' if answer.ok else answer.code}"] += 1
    if answer.ok and sids != [answer.result.get("sid")] and len(sids) < 2:
        verdict.breach("reported sent, but was not", f"{asked.action} {asked.id}: {answer.result} {sids}")
    if answer.code == "unknown" and answer.retryable and sids:
        verdict.breach("reported not sent, but was", f"{asked.action} {asked.id}: Twilio has a trace of it")
    elif answer.code == "unknown":
        verdict.counts[f"sends of unknown outcome that Twilio took {len(sids)} times"] += 1
    elif not answer.ok and sids:
        verdict.breach("reported not sent, but was", f"{asked.action} {asked.id}: {answer.code}")
    final = {_final(reply) for reply in asked.replies if reply.code != "internal"}
    if len(final) > 1:
        verdict.breach("answered differently", f"{asked.action} {asked.id}: {sorted(final)}")


def _final(reply: Reply) -> str:
    return json.dumps([reply.ok, reply.code, reply.result.get("sid")])
