"""Starts alarms by itself while their conditions hold: `startsWhen`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from twilio_binding.alarms.course import Course, Start
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.messages import AlarmMessages
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.ports import AlarmItems
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.watched_items import WatchedItems
from twilio_binding.model.alarm_run import Run
from twilio_binding.model.alarm_texts import texts_of
from twilio_binding.model.watch_conditions import Condition, Dependency, ItemIs, read_conditions
from twilio_binding.model.watch_reasons import reason_in
from twilio_binding.model.watches import ReadState, WatchedConditions
from twilio_binding.protocol.errors import Refusal
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_LOOK = 1.0
"""Seconds between two checks of the dependencies."""
WATCHDOG = "watchdog: "
"""Prefix of the name of what started an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogParts:
    """The parts of the watchdog. `is_down` returns for each dependency whether it is down."""

    runs: Runs
    course: Course
    people: AlarmPeople
    engine: Engine
    items: AlarmItems
    messages: AlarmMessages
    is_down: Mapping[Dependency, Callable[[], bool]]


class Watchdog:
    """Checks the dependencies once a second, and follows items. `refreshed` is notified when other items may be needed."""

    refreshed: Subscribers[[]]

    def __init__(self, parts: WatchdogParts, clock: Callable[[], float]) -> None:
        self._parts = parts
        self._clock = clock
        self._watched: dict[str, tuple[str, WatchedConditions]] = {}
        self.refreshed = Subscribers()
        self.items = WatchedItems(parts.items, parts.engine, self._items)
        self.items.updated.subscribe(self._updated)
        self.items.known.subscribe(self._known)
        self.stop = self.items.stop

    def start(self) -> None:
        """Start checking."""
        self.items.start()
        self.refresh()
        self._parts.engine.tell(self._look)

    def refresh(self) -> None:
        """Handle a possible change of the configuration."""
        self._parts.engine.tell(self._refresh)

    def _items(self) -> set[str]:
        # Thread-safe: `_refresh` replaces the dict, and never changes one.
        return {item for _, conditions in self._watched.values() for item in conditions.items}

    # ---- on the engine's thread

    def _refresh(self) -> None:
        alarms = {str(uid): alarm.starts_when for uid, alarm in self._parts.people.all_alarms().items()}
        kept = {uid: one for uid, one in self._watched.items() if alarms.get(uid) == one[0]}
        new = {uid: text for uid, text in alarms.items() if text and uid not in kept}
        for uid, text in new.items():
            # Conditions that held before a restart of the service do not start the alarm again.
            conditions = read_conditions(text)
            began, ended = _held(self._parts.runs, uid, conditions)
            kept[uid] = (text, WatchedConditions(conditions, self._clock(), began=began, ended=ended))
        self._watched = kept
        if new:
            self.items.look()
        self.refreshed.notify()

    def _look(self) -> None:
        """Check the dependencies and what is due, and again in a second."""
        try:
            for what, is_down in self._parts.is_down.items():
                is_down_now = is_down()
                if what == "openhab":
                    self.items.openhab(is_down=is_down_now)
                for _, conditions in self._watched.values():
                    conditions.dependency(what, is_down=is_down_now, now=self._clock())
            self._check()
            for uid, (_, conditions) in self._watched.items():
                if not (conditions.is_on or conditions.ends_itself):
                    _note(self._parts.runs, uid, holds=False)  # mostly stored already, unless the disk was full
        finally:
            self._parts.engine.later(_LOOK, self._look)

    def _updated(self, item: str, state: str) -> None:
        for _, conditions in self._watched.values():
            conditions.item(item, state, self._clock())
        self._check()

    def _known(self, item: str, state: ReadState) -> None:
        now = self._clock()
        changed = None if state.changed is None else now - (time.time() - state.changed)
        for _, conditions in self._watched.values():
            conditions.known(item, state.value, now, changed=changed)
        self._check()

    def _check(self) -> None:
        for uid, (_, conditions) in tuple(self._watched.items()):
            news = conditions.check(self._clock())
            if news is None:
                continue
            if news[0] == "began":
                self._began(uid, news[1])
            elif conditions.ends_itself and _reason(self._parts.runs, uid):
                self._over(uid)
            else:
                _note(self._parts.runs, uid, holds=False)

    def _began(self, uid: str, reason: str) -> None:
        """Start an alarm, with the states of the items that its message names."""
        watched, people = self._watched.get(uid), self._parts.people
        condition = watched[1].condition(reason) if watched else None
        if condition is None:
            return
        alarm = people.alarm(uid)
        language = people.language(alarm)
        message = alarm.message or reason_in(texts_of(language), condition)

        def filled(text: str) -> None:
            self._parts.engine.tell(partial(self._start, uid, reason, text))

        self._parts.messages.fill_aside(message, language, filled)

    def _start(self, uid: str, reason: str, message: str) -> None:
        """Start an alarm; retried until it is on disk. What ends by itself may be over before that; a state that an item had is not."""
        watched = self._watched.get(uid)
        if watched is None or (watched[1].ends_itself and not watched[1].is_on):
            return
        try:
            self._parts.course.start(uid, Start(message=message, by=WATCHDOG + reason))
            _note(self._parts.runs, uid, holds=True)
        except Refusal as refusal:
            _log.error("alarm.not_started", thing=uid, reason=str(refusal))
        except Exception:
            _log.exception("alarm.not_started", thing=uid)
            self._parts.engine.later(_LOOK, partial(self._start, uid, reason, message))

    def _over(self, uid: str) -> None:
        """End an alarm; retried until that is on disk, unless there is a new reason."""
        watched = self._watched.get(uid)
        if watched is None or watched[1].is_on:
            return
        try:
            self._parts.course.end(uid, f"{WATCHDOG}it is over")
            _note(self._parts.runs, uid, holds=False)
        except Exception:
            _log.exception("alarm.not_ended", thing=uid)
            self._parts.engine.later(_LOOK, partial(self._over, uid))


def _note(runs: Runs, uid: str, *, holds: bool) -> None:
    """Remember over restarts whether a condition still holds, so that an alarm that was ended does not start again."""
    run = _last_started(runs, uid)
    if run is None or run.condition_ended != holds:
        return
    try:
        runs.note(run, "condition", holds=holds)
    except Exception:
        _log.exception("alarm.condition_not_stored", thing=uid)


def _held(runs: Runs, uid: str, conditions: Sequence[Condition]) -> tuple[str, float | None]:
    """The reason that held at the end of the previous process, as far as is known, and when that alarm ended; "" for none."""
    run = _last_started(runs, uid)
    if run is None or run.condition_ended:
        return "", None
    reason = run.by.removeprefix(WATCHDOG)
    if run.state != "idle":
        return reason, None
    # After the end of the alarm, only the state of an item can tell that the reason is still the old one.
    is_state = any(str(one) == reason and isinstance(one, ItemIs) for one in conditions)
    return (reason, run.ended_at) if is_state else ("", None)


def _last_started(runs: Runs, uid: str) -> Run | None:
    """The newest run of an alarm that the watchdog started; people may have started it or a test since."""
    return next((run for run in reversed(runs.past()) if run.alarm == uid and run.by.startswith(WATCHDOG)), None)


def _reason(runs: Runs, uid: str) -> str:
    """The reason for which the watchdog started the current run; "" if it did not."""
    run = runs.newest().get(uid)
    is_ours = run is not None and run.state != "idle" and run.by.startswith(WATCHDOG)
    return run.by.removeprefix(WATCHDOG) if run is not None and is_ours else ""
