"""Notifies people: sends the texts and makes the calls of a run's steps, and tracks their outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from twilio_binding.alarms import wording
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.pacing import PacedSend, Pacing
from twilio_binding.alarms.people import Addressee, AlarmPeople
from twilio_binding.alarms.ports import Sends
from twilio_binding.model.actions import ALARM_CALL, ALARM_TEXT, ALARM_WHATSAPP, MAX_BODY
from twilio_binding.model.alarm_run import Attempt, Run
from twilio_binding.model.alarm_sends import NOTICE, PREFIX
from twilio_binding.model.alarm_templates import template_for
from twilio_binding.model.durations import written
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_AGAIN = 5.0
_LATE = 60.0
"""Seconds after which a message says that it is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingParts:
    """The parts of `Telling`."""

    people: AlarmPeople
    sends: Sends
    pacing: Pacing
    engine: Engine


class Telling:
    """Called on the engine's thread."""

    told: Subscribers[[str, str, str, str, str]]
    """Notified with run, attempt, status, SID and reason when the status of an attempt changes. On the engine's thread."""

    def __init__(self, parts: TellingParts, clock: Callable[[], float]) -> None:
        self.told = Subscribers()
        self._people = parts.people
        self._sends = parts.sends
        self._pacing = parts.pacing
        self._engine = parts.engine
        self._clock = clock

    def tell(self, run: Run, attempt: Attempt, open_runs: Sequence[Run]) -> None:
        """Notify somebody soon; the attempt is on disk already. Raises nothing, so that the others of a step are notified, too."""
        try:
            self._tell(run, attempt, open_runs)
        except Exception:
            self._again(run, attempt)

    def resume(self, run: Run, attempt: Attempt, open_runs: Sequence[Run]) -> None:
        """After a restart, continue a stored attempt, or begin it if its send was not stored. Raises nothing."""
        try:
            if not self.follow(run, attempt):
                self._tell(run, attempt, open_runs)
        except Exception:
            self._again(run, attempt)

    def _again(self, run: Run, attempt: Attempt) -> None:
        _log.exception("alarm.not_begun", thing=run.alarm, contact=attempt.tell.contact)
        self._engine.later(_AGAIN, partial(self.resume, run, attempt, ()))

    def _tell(self, run: Run, attempt: Attempt, open_runs: Sequence[Run]) -> None:
        addressee = self._people.addressee(run, attempt.tell.contact)
        if addressee is None:
            self._refused(run, attempt, f"the contact {attempt.tell.contact} does not exist or cannot be used")
            return
        send = _paced(attempt, addressee)
        if hindrance := self._pacing.hindrance(send, addressee.alarm.max_per_hour):
            _log.warning("alarm.paced", thing=run.alarm, contact=addressee.contact.uid, reason=hindrance)
            self.told.notify(run.id, attempt.id, "paced", "", hindrance)
            return
        self._pacing.note(send)
        try:
            request = _request(self._people, run, attempt, addressee, open_runs)
            self._sends.begin(request, partial(self._done, run, attempt), lambda: None)
        except Refusal as refusal:
            if refusal.code == "busy":
                self._engine.later(_AGAIN, partial(self.resume, run, attempt, ()))
            else:
                self._refused(run, attempt, str(refusal))

    def withdraw(self, run: Run, attempt: Attempt) -> None:
        """Cancel a send, unless Twilio has already been asked; it does not count as a call."""
        self._pacing.forget(attempt.id)
        self.told.notify(run.id, attempt.id, "withdrawn", "", "")

    def follow(self, run: Run, attempt: Attempt) -> bool:
        """After a restart, find the outcome of an attempt; False if its send was never stored."""
        return self._sends.resume(PREFIX + attempt.id, partial(self._done, run, attempt))

    def recall_pace(self, run: Run, attempt: Attempt) -> None:
        """After a restart, count an earlier attempt."""
        addressee = self._people.addressee(run, attempt.tell.contact)
        if addressee is not None and attempt.status != "paced" and (attempt.sid or attempt.status != "withdrawn"):
            self._pacing.note(_paced(attempt, addressee))

    def notice(self, run: Run, name: str, what: str, text: Callable[[Addressee], str]) -> None:
        """Send a contact a text about a run, once for each `what`."""
        addressee = self._people.addressee(run, name)
        if addressee is None:
            return
        request_id = f"{NOTICE}{run.id}.{what}.{addressee.contact.uid.id}"
        request = _message(request_id, addressee, text(addressee), is_whatsapp=addressee.contact.via == "whatsapp")
        try:
            if not self._sends.resume(request_id, partial(_noticed, run)):
                self._sends.begin(request, partial(_noticed, run), lambda: None)
        except Refusal as refusal:
            _log.warning("alarm.notice_failed", thing=run.alarm, what=what, reason=str(refusal))

    def _done(self, run: Run, attempt: Attempt, reply: Reply) -> None:
        """Handle the reply of Twilio, or that it could not be asked; on any thread."""
        self._engine.tell(partial(self._settled, run, attempt, reply))

    def _settled(self, run: Run, attempt: Attempt, reply: Reply) -> None:
        if reply.ok:
            sid, status = (str(reply.result.get(name, "")) for name in ("sid", "status"))
            self.told.notify(run.id, attempt.id, status or "queued", sid, "")
            took = self._clock() - attempt.at
            if took > _LATE:
                self.notice(run, attempt.tell.contact, "late", partial(wording.late, run, duration=written(took)))
        elif reply.code == "withdrawn":
            self.withdraw(run, attempt)
        elif reply.code in ("internal", "busy"):
            self._engine.later(_AGAIN, partial(self.resume, run, attempt, ()))
        else:
            self._refused(run, attempt, f"{reply.message} ({reply.code})")

    def _refused(self, run: Run, attempt: Attempt, reason: str) -> None:
        _log.warning(
            "alarm.refused", thing=run.alarm, way=attempt.tell.way, contact=attempt.tell.contact, reason=reason
        )
        self.told.notify(run.id, attempt.id, "refused", "", reason)


def _request(
    people: AlarmPeople, run: Run, attempt: Attempt, addressee: Addressee, open_runs: Sequence[Run]
) -> Request:
    request_id = PREFIX + attempt.id
    if attempt.tell.way != "call":
        is_whatsapp = attempt.tell.way == "whatsapp" or addressee.contact.via == "whatsapp"
        made = _message(request_id, addressee, wording.text(run, addressee, open_runs), is_whatsapp=is_whatsapp)
        template = template_for(addressee.alarm.whatsapp_templates, addressee.language) if is_whatsapp else ""
        if not template:
            return made
        return replace(made, args=made.args | {"template": template, "variables": wording.variables(run, addressee)})
    phone, account = people.contacts.phone_of(addressee.contact)
    twiml = wording.document(run, addressee, phone.callback_url(account.entry_url, "gather"), attempt.id)
    args: dict[str, object] = {"to": addressee.contact.phone_number, "twiml": twiml}
    return Request(thing=str(phone.uid), action=ALARM_CALL, args=args, id=request_id)


def _message(request_id: str, addressee: Addressee, body: str, *, is_whatsapp: bool) -> Request:
    args: dict[str, object] = {"to": addressee.contact.phone_number, "message": body[: MAX_BODY // 2]}
    action = ALARM_WHATSAPP if is_whatsapp else ALARM_TEXT
    return Request(thing=addressee.contact.phone, action=action, args=args, id=request_id)


def _paced(attempt: Attempt, addressee: Addressee) -> PacedSend:
    number, is_call = addressee.contact.phone_number, attempt.tell.way == "call"
    return PacedSend(id=attempt.id, number=number, at=attempt.at, is_call=is_call)


def _noticed(run: Run, reply: Reply) -> None:
    if not reply.ok:
        _log.warning("alarm.notice_failed", thing=run.alarm, reason=f"{reply.message} ({reply.code})")
