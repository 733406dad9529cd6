"""Texts that acknowledge an alarm or pass it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from twilio_binding.alarms import wording
from twilio_binding.alarms.course import Course
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.people import Addressee, AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.model.alarm_replies import AlarmReply, begins_like_one, read_reply
from twilio_binding.model.alarm_run import Run
from twilio_binding.model.contacts import Contact
from twilio_binding.people.pin_guard import PinGuard

_LATE = 6 * 3600.0
"""Seconds in which a late reply is answered with the name of who acknowledged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A text of a contact. `said` are its possible meanings, the most likely first; `sid` is its own SID.

    `replied_to` is the SID of our message that it replies to, "" if it names none.
    """

    contact: Contact
    said: Sequence[str]
    sid: str = ""
    replied_to: str = ""


class AlarmReplies:
    """Answers texts of contacts. Thread-safe. `clock` never jumps."""

    def __init__(
        self,
        runs: Runs,
        course: Course,
        people: AlarmPeople,
        engine: Engine,
        *,
        pins: PinGuard,
        clock: Callable[[], float],
    ) -> None:
        self._runs = runs
        self._course = course
        self._people = people
        self._engine = engine
        self._pins = pins
        self._clock = clock

    def answer(self, written: Written, *, is_asked: Callable[[], bool]) -> str | None:
        """The answer to a contact; None if the message has nothing to do with an alarm.

        If the contact can acknowledge no alarm now, but `is_asked` returns True, the message answers that other question.
        """
        contact = written.contact
        reply = next((read for text in written.said if (read := read_reply(text))), None)
        if reply is None:
            return self._unclear(written, is_asked)
        told = self._told(contact)
        found = [run for run in told if run.is_open]
        if not told or (not (found and contact.may("acknowledge")) and is_asked()):
            return None
        if not found:
            return self._late(contact, told) if reply.verb == "take" else None
        addressee = self._listener(found[0], contact)
        if not addressee.may_take:
            return addressee.texts.no_right
        chosen = _chosen(reply, found, written.replied_to)
        if not chosen:
            return self._which(addressee, found)
        return self._pass_on(chosen[0], contact) if reply.verb == "pass" else self._take_all(chosen, written, reply.pin)

    def _unclear(self, written: Written, is_asked: Callable[[], bool]) -> str | None:
        """The reply to a text that seems to acknowledge an alarm but is not clear, so that the contact does not believe that it did."""
        contact, language = written.contact, self._people.language_of(written.contact)
        if not contact.may("acknowledge"):
            return None
        found = [run for run in self._told(contact) if run.is_open]
        is_reaction = any(wording.is_quoted(run, self._listener(run, contact), written.said) for run in found)
        is_like_one = is_reaction or any(begins_like_one(text, language) for text in written.said)
        if not (found and is_like_one) or is_asked():
            return None
        addressee = self._listener(found[0], contact)
        if len(found) > 1:
            return self._which(addressee, found)
        said = f"{addressee.texts.not_understood} {wording.how_to_reply(found[0], addressee, self._runs.open())}"
        return wording.marked(found[0], addressee.texts, said)

    def _take_all(self, chosen: Sequence[Run], written: Written, pin: str) -> str:
        contact = written.contact
        guarded = [run for run in chosen if self._listener(run, contact).needs_pin]
        obstacle = self._obstacle(guarded[0], written, pin) if guarded else ""
        answers = (obstacle if obstacle and run in guarded else self._take(run, contact) for run in chosen)
        return " ".join(dict.fromkeys(answers))

    def _told(self, contact: Contact) -> list[Run]:
        """The newest runs about which a contact was notified, by number."""
        told = [run for run in self._runs.newest().values() if _was_told(self._people, run, contact)]
        return sorted(told, key=lambda run: run.number)

    def _which(self, addressee: Addressee, found: Sequence[Run]) -> str:
        named = ", ".join(wording.listed(run, self._people.alarm(run.alarm), addressee.texts) for run in found)
        return addressee.texts.which.format(list=named, example=f"1 {found[0].number}")

    def _late(self, contact: Contact, told: Sequence[Run]) -> str | None:
        recent = [run for run in told if run.state == "acknowledged" and run.taken_at > self._clock() - _LATE]
        if not recent:
            return None
        newest = max(recent, key=lambda run: run.taken_at)
        return self._outcome(newest, contact)

    def _take(self, run: Run, contact: Contact) -> str:
        by = str(contact.uid)
        return self._outcome(self._engine.ask(partial(self._course.acknowledge, run, by)), contact)

    def _obstacle(self, run: Run, written: Written, pin: str) -> str:
        """The reply if the PIN is missing, wrong or locked; "" if it is right. A text counts only once."""
        addressee = self._listener(run, written.contact)
        user = addressee.user("text")
        if pin and self._pins.check(user, run.alarm, pin, origin=written.sid) == "right":
            return ""
        if self._pins.is_locked(user):
            return addressee.locked
        return wording.marked(run, addressee.texts, addressee.texts.need_pin.format(reply=f"1 {run.number}"))

    def _outcome(self, run: Run, contact: Contact) -> str:
        listener = self._listener(run, contact)
        if run.state != "acknowledged":
            return wording.marked(run, listener.texts, listener.texts.is_over)
        if self._people.is_same(run, run.taken_by, str(contact.uid)):
            return wording.marked(run, listener.texts, listener.texts.you_took)
        return wording.taken(run, listener, name=self._people.name_of(run, run.taken_by))

    def _pass_on(self, run: Run, contact: Contact) -> str:
        for attempt in self._people.attempts_of(run, str(contact.uid)):
            self._engine.ask_stored(partial(self._course.told, run.id, attempt.id, "passed", "", ""))
        texts = self._listener(run, contact).texts
        return wording.marked(run, texts, texts.passed)

    def _listener(self, run: Run, contact: Contact) -> Addressee:
        return self._people.addressee_of(contact, self._people.alarm(run.alarm))


def _was_told(people: AlarmPeople, run: Run, contact: Contact) -> bool:
    """Whether a contact was notified, perhaps under a name that is no longer configured: then their number counts."""
    if any(people.is_same(run, one, str(contact.uid)) for one in run.told):
        return True
    if not contact.may("acknowledge") or people.alarm(run.alarm).bridge != contact.bridge:
        return False
    gone = {one for one in run.told if people.addressee(run, one) is None}
    attempts = (one for one in run.attempts.values() if one.tell.contact in gone)
    return any(people.number_of(one) == contact.phone_number for one in attempts)


def _chosen(reply: AlarmReply, found: Sequence[Run], replied_to: str) -> Sequence[Run]:
    """The runs that a reply means; none if that is unclear."""
    if reply.is_all:
        return found
    if reply.numbers:
        return [run for run in found if run.number in reply.numbers]
    meant = [run for run in found if any(one.sid == replied_to for one in run.attempts.values() if one.sid)]
    return meant or (found if len(found) == 1 else ())
