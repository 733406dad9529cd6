"""Status callbacks of the texts and calls of alarms."""

from __future__ import annotations

from functools import partial

from twilio_binding.alarms.course import Course
from twilio_binding.alarms.engine import Engine
from twilio_binding.model.alarm_run import REACHED_NOBODY
from twilio_binding.model.alarm_sends import attempt_of
from twilio_binding.model.error_meanings import meaning
from twilio_binding.model.events import Webhook

_MACHINES = ("machine", "fax")


class AlarmStatuses:
    """Handles status callbacks. Thread-safe."""

    def __init__(self, course: Course, engine: Engine) -> None:
        self._course = course
        self._engine = engine

    def note(self, webhook: Webhook) -> bool:
        """Handle a callback; returns whether it only reports who answered a call of an alarm."""
        found = attempt_of(webhook.query.get("request", ""))
        if found is None:
            return False
        run, attempt = found
        fields = webhook.fields
        status = fields.get("CallStatus") or fields.get("MessageStatus", "")
        sid = fields.get("CallSid") or fields.get("MessageSid", "")
        code = fields.get("ErrorCode", "")
        is_machine = fields.get("AnsweredBy", "").startswith(_MACHINES)
        if is_machine:
            self._engine.ask_stored(partial(self._course.machine, run, attempt, sid))
        if status:
            told = partial(self._course.told, run, attempt, status, sid, f"{code} {meaning(code)}".strip())
            if status in REACHED_NOBODY:
                self._engine.ask_stored(told)  # Twilio sends it once
            else:
                self._engine.tell(told)
        return not status
