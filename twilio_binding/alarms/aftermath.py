"""What happens when an alarm is acknowledged or ends: calls are ended, and everybody who was notified gets a message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from twilio_binding.alarms import wording
from twilio_binding.alarms.announcements import Announcements
from twilio_binding.alarms.hang_ups import HangUps
from twilio_binding.alarms.people import Addressee, AlarmPeople
from twilio_binding.alarms.telling import Telling
from twilio_binding.model.alarm_run import Attempt, Run


class Aftermath:
    """Used on the engine's thread. Everything may be repeated after a restart; each text is still sent only once."""

    def __init__(self, people: AlarmPeople, telling: Telling, hang_ups: HangUps, announcements: Announcements) -> None:
        self._people = people
        self._telling = telling
        self._hang_ups = hang_ups
        self._announcements = announcements

    def taken(self, run: Run) -> None:
        """Handle an acknowledgement: end the calls to others, and tell them who acknowledged."""
        name = self._people.name_of(run, run.taken_by)
        self._stop_calls(run, partial(wording.taken_before, run, name=name))
        for told in _told(run):
            if not self._people.is_same(run, told, run.taken_by):
                self._telling.notice(run, told, "taken", partial(wording.taken, run, name=name))
        self._announcements.announce(run)

    def ended(self, run: Run) -> None:
        """Handle the end: end the calls, and send the all-clear if the alarm has one."""
        self._stop_calls(run, partial(wording.over, run))
        recall = self._people.alarm(run.alarm).recall
        for told in _told(run) if recall else ():
            self._telling.notice(run, told, "recall", partial(wording.recalled, run, text=recall))
        self._announcements.announce(run)

    def stop(self, run: Run) -> None:
        """Handle a new start: end the calls of the old run."""
        self._stop_calls(run, partial(wording.over, run))

    def came_late(self, run: Run, attempt: Attempt) -> None:
        """End a call that was being made when the alarm was acknowledged or ended."""
        self._hang_ups.hang_up(run, attempt, partial(wording.over, run))

    def machine(self, run: Run, attempt: Attempt) -> None:
        """Handle an answering machine: it gets the message once."""
        self._hang_ups.hang_up(run, attempt, partial(wording.call, run))

    def _stop_calls(self, run: Run, text: Callable[[Addressee], str]) -> None:
        """End the running calls of a run, except the one in which somebody acknowledges."""
        for attempt in run.attempts.values():
            is_over = attempt.reached_nobody or attempt.status == "completed"
            if attempt.tell.way != "call" or not attempt.sid or is_over:
                continue
            if not (run.state == "acknowledged" and attempt.id == run.taken_in):
                self._hang_ups.hang_up(run, attempt, text)


def _told(run: Run) -> list[str]:
    """Everybody who was notified, once each."""
    return list(dict.fromkeys(one.tell.contact for one in run.attempts.values() if one.sid))
