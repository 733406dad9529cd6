"""Wires alarms."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from twilio_binding.alarms.alarms import AlarmParts, Alarms
from twilio_binding.alarms.announcements import Announcements
from twilio_binding.alarms.course import Course, Hands
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.hang_ups import HangUps
from twilio_binding.alarms.keys import AlarmKeys
from twilio_binding.alarms.messages import AlarmMessages
from twilio_binding.alarms.other_steps import OtherSteps
from twilio_binding.alarms.pacing import Pacing
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.ports import AlarmItems, EventJournal, Notify, Publish, RunningCalls, Sends
from twilio_binding.alarms.replies import AlarmReplies
from twilio_binding.alarms.requests import AlarmRequests
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.statuses import AlarmStatuses
from twilio_binding.alarms.taker import AlarmTaker
from twilio_binding.alarms.telling import Telling, TellingParts
from twilio_binding.alarms.views import AlarmViews
from twilio_binding.alarms.watchdog import Watchdog, WatchdogParts
from twilio_binding.model.contacts import Contact
from twilio_binding.model.things import ThingsSource
from twilio_binding.model.watch_conditions import Dependency
from twilio_binding.people.contacts import Contacts
from twilio_binding.people.pin_guard import PinGuard


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSurroundings:
    """The parts that alarms use. `clock` is in seconds, and never jumps; `most_per_day` limits sends, 0 for no limit.

    `language` returns openHAB's language, if it is known, without waiting. `is_asked` returns whether a text of a
    contact, given its possible meanings, answers a question that has nothing to do with alarms.
    """

    things: ThingsSource
    contacts: Contacts
    pins: PinGuard
    journal: EventJournal
    sends: Sends
    calls: RunningCalls
    items: AlarmItems
    publish: Publish
    notify: Notify
    is_down: Mapping[Dependency, Callable[[], bool]]
    clock: Callable[[], float]
    most_per_day: int
    is_asked: Callable[[Contact, Sequence[str]], bool]
    language: Callable[[], str] = lambda: ""


class AlarmUseCases:
    """Alarms, not started yet. Restore `runs` before sends are started; start alarms afterwards."""

    def __init__(self, around: AlarmSurroundings, runs: Runs) -> None:
        people, clock = AlarmPeople(around.things, around.contacts, around.sends, around.language), around.clock
        self._stopping = threading.Event()
        self._runs, self._people = runs, people
        self._engine = Engine()
        telling = Telling(
            TellingParts(
                people=people, sends=around.sends, pacing=Pacing(around.most_per_day, clock), engine=self._engine
            ),
            clock,
        )
        hang_ups, messages = HangUps(people, around.calls), AlarmMessages(around.items)
        others = OtherSteps(around.items, around.publish, around.notify, self._engine, self._stopping.wait)
        announcements = Announcements(around.journal, people, clock)
        hands = Hands(telling=telling, hang_ups=hang_ups, others=others, announcements=announcements)
        self._course = Course(self._runs, people, hands, clock)
        self.watchdog = self._watchdog(around, people, messages)
        self._pools = (hang_ups, messages, others, announcements, self.watchdog)
        views = AlarmViews(self._runs, people, announcements.moment)
        self.alarms = Alarms(
            AlarmParts(
                runs=self._runs,
                course=self._course,
                people=people,
                messages=messages,
                views=views,
                engine=self._engine,
            )
        )
        self.requests = AlarmRequests(self.alarms)
        self.taker = AlarmTaker(
            AlarmKeys(self._runs, self._course, people, self._engine, around.pins),
            AlarmReplies(self._runs, self._course, people, self._engine, pins=around.pins, clock=clock),
            AlarmStatuses(self._course, self._engine),
            around.is_asked,
        )

    def _watchdog(self, around: AlarmSurroundings, people: AlarmPeople, messages: AlarmMessages) -> Watchdog:
        parts = WatchdogParts(
            runs=self._runs,
            course=self._course,
            people=people,
            engine=self._engine,
            items=around.items,
            messages=messages,
            is_down=around.is_down,
        )
        return Watchdog(parts, around.clock)

    def start(self) -> None:
        """Continue the runs of the previous process."""
        for pool in self._pools:
            pool.start()
        for job in (self._course.introduce, self._people.read_words):
            self._engine.tell(job)
        self._engine.start(self._course.take_up, self._course.work)

    def refresh(self) -> None:
        """Handle a possible change of the configuration."""
        self._engine.tell(self._course.introduce)
        self.watchdog.refresh()

    def stop(self, until: float) -> None:
        """Stop by a time of the monotonic clock; unfinished work continues after the next start."""
        self._stopping.set()
        self._engine.stop(until)
        for pool in self._pools:
            pool.stop(until)
