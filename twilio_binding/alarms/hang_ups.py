"""Ends running calls of alarms at Twilio."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import structlog

from twilio_binding.alarms.people import Addressee, AlarmPeople
from twilio_binding.alarms.ports import RunningCalls
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model import alarm_calls
from twilio_binding.model.alarm_run import Attempt, Run
from twilio_binding.model.things import Account
from twilio_binding.workers import Workers, aside

_log = structlog.get_logger(__name__)

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between two tries to end a call."""
_NOT_ANSWERED = ("", "queued", "initiated", "ringing")


class HangUps:
    """Asks Twilio, on its own threads."""

    def __init__(self, people: AlarmPeople, calls: RunningCalls) -> None:
        self._people = people
        self._calls = calls
        self._workers = Workers(8)
        self.start, self.stop = self._workers.start, self._workers.stop

    def hang_up(self, run: Run, attempt: Attempt, text: Callable[[Addressee], str]) -> None:
        """End the call of an attempt soon; somebody who has answered hears why."""
        addressee = self._people.addressee(run, attempt.tell.contact)
        is_heard = addressee is not None and attempt.status not in _NOT_ANSWERED
        saying = alarm_calls.closing(addressee.speaker, text(addressee)) if addressee and is_heard else ""
        if attempt.sid:
            self._workers.put(partial(self._hang_up, run, attempt, addressee, saying))

    def _hang_up(self, run: Run, attempt: Attempt, addressee: Addressee | None, saying: str) -> None:
        """Retry until Twilio has ended the call or reports that it is over."""
        for pause in _PAUSES:
            try:
                self._calls.hang_up(self._account(run, addressee), attempt.sid, saying=saying)
            except (TwilioError, OutcomeUnknownError) as error:
                if not error.retryable:
                    _log.debug("alarm.not_hung_up", thing=run.alarm, code=error.code)
                    return
                reason = str(error)
            except Exception:
                _log.exception("alarm.not_hung_up", thing=run.alarm)
                return
            else:
                return
            with aside():
                time.sleep(pause)
        _log.warning("alarm.not_hung_up", thing=run.alarm, reason=reason)

    def _account(self, run: Run, addressee: Addressee | None) -> Account:
        """The account that called; that of the alarm for somebody who is no longer a contact."""
        contacts = self._people.contacts
        return (
            contacts.phone_of(addressee.contact)[1]
            if addressee
            else contacts.account(self._people.alarm(run.alarm).bridge)
        )
