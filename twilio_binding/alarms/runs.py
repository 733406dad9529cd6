"""The current runs of all alarms, and their records on disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from secrets import token_hex

import structlog

from twilio_binding.alarms.ports import AlarmLog
from twilio_binding.model.alarm_run import Record, RecordKind, Run, followed, replayed
from twilio_binding.model.alarm_sends import attempt_of

_log = structlog.get_logger(__name__)

_REMEMBERED = 200
"""Number of past runs that are kept, to withdraw their sends and to show them."""


class Runs:
    """Methods that change a run are called on the engine's thread, others on any thread. `clock` is in seconds, and never jumps."""

    def __init__(self, log: AlarmLog, clock: Callable[[], float]) -> None:
        self._log = log
        self._clock = clock
        self._by_alarm: dict[str, Run] = {}
        self._by_id: OrderedDict[str, Run] = OrderedDict()

    def restore(self) -> float:
        """Load the records of earlier processes; returns the time of the newest one, 0.0 if there is none."""
        records = {record.number: record for record in (*self._log.latest(_REMEMBERED), *self._log.open_records())}
        by_run: dict[str, list[Record]] = {}
        for number in sorted(records):
            by_run.setdefault(records[number].run, []).append(records[number])
        for run_id, found in by_run.items():
            try:
                self._keep(replayed(found)[run_id])
            except Exception:  # an unreadable run must not affect the others
                _log.exception("alarm.not_restored", thing=found[0].alarm, run=run_id)
        return max((record.at for record in records.values()), default=0.0)

    def newest(self) -> Mapping[str, Run]:
        """The newest stored run of each alarm, by the alarm's UID."""
        return dict(self._by_alarm)

    def past(self) -> Sequence[Run]:
        """The stored runs, oldest first."""
        return tuple(self._by_id.values())

    def get(self, run_id: str) -> Run | None:
        """A run by its id."""
        return self._by_id.get(run_id)

    def open(self) -> Sequence[Run]:
        """The runs that can be acknowledged, by number."""
        return sorted((run for run in self.newest().values() if run.is_open), key=lambda run: run.number)

    def is_withdrawn(self, request_id: str) -> bool:
        """Whether a send belongs to an alarm that no longer needs it."""
        found = attempt_of(request_id)
        if found is None:
            return False
        run = self._by_id.get(found[0])
        attempt = run.attempts.get(found[1]) if run else None
        return run is None or attempt is None or not run.is_wanted(attempt)

    def begin(self, alarm: str, **body: object) -> Run:
        """Begin a run with its first step, and end the previous one; on disk when this returns."""
        run_id, now = token_hex(8), self._clock()
        before = self._by_alarm.get(alarm)
        taken = {run.number for run in self._by_alarm.values() if run.state != "idle" and run.alarm != alarm}
        number = next(number for number in range(1, len(taken) + 2) if number not in taken)
        records = [
            Record(run=run_id, alarm=alarm, kind="started", at=now, body={**body, "number": number}),
            Record(run=run_id, alarm=alarm, kind="step", at=now),
        ]
        if before is not None and before.state != "idle":
            records.append(Record(run=before.id, alarm=alarm, kind="ended", at=now, body={"by": "started again"}))
        stored = self._log.append(*records)
        for record in stored[2:]:
            self._keep(followed(self._by_id[record.run], record))
        run = replayed(stored[:2])[run_id]
        self._keep(run)
        return run

    def note(self, run: Run, kind: RecordKind, **body: object) -> Run:
        """Record what happened in a run; on disk when this returns. Nothing is recorded if nothing changes."""
        given = Record(run=run.id, alarm=run.alarm, kind=kind, at=self._clock(), body=body)
        if followed(run, given) == run:
            return run
        (record,) = self._log.append(given)
        return self._keep(followed(run, record))

    def note_soon(self, run: Run, kind: RecordKind, **body: object) -> tuple[Run, Future[object]]:
        """The same without waiting for the disk: the future is done when it is on disk."""
        record = Record(run=run.id, alarm=run.alarm, kind=kind, at=self._clock(), body=body)
        after = followed(run, record)
        if after == run:
            return run, nothing_to_write()
        return self._keep(after), self._log.append_soon(record)

    def note_all(self, kinds: Mapping[str, RecordKind]) -> Sequence[Run]:
        """Record something in several runs, by id, with one wait for the disk; returns the runs afterwards."""
        now = self._clock()
        given = [
            Record(run=run_id, alarm=self._by_id[run_id].alarm, kind=kind, at=now) for run_id, kind in kinds.items()
        ]
        return [self._keep(followed(self._by_id[record.run], record)) for record in self._log.append(*given)]

    def _keep(self, run: Run) -> Run:
        newest = self._by_alarm.get(run.alarm)
        if newest is None or newest.id == run.id or run.id not in self._by_id:  # in the order of their starts
            self._by_alarm[run.alarm] = run
        self._by_id[run.id] = run
        if len(self._by_id) > _REMEMBERED:
            oldest = next((one for one in self._by_id.values() if one.state == "idle" and one.id != run.id), None)
            if oldest is not None:  # open runs are never removed
                del self._by_id[oldest.id]
        return run


def started_by(runs: Sequence[Run], alarm: str, request: str) -> Run | None:
    """The run that a request has started; None if there is none, or the request has no id."""
    found = (run for run in reversed(runs) if run.alarm == alarm and run.request == request)
    return next(found, None) if request else None


def nothing_to_write() -> Future[object]:
    """The result if there is nothing to record."""
    done: Future[object] = Future()
    done.set_result(None)
    return done
