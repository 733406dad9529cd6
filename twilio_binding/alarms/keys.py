"""Keys in calls about alarms: calls that an alarm makes, and calls of contacts while an alarm is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog

from twilio_binding.alarms import wording
from twilio_binding.alarms.call_menus import CallMenus, Pressed, ask_pin, close, is_menu, menu
from twilio_binding.alarms.course import Course
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.people import AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.model.alarm_run import ANSWERED, Run
from twilio_binding.model.contacts import Contact
from twilio_binding.model.events import Webhook
from twilio_binding.people.item_ports import CALL_OF_ALARM
from twilio_binding.people.pin_guard import PinGuard

_log = structlog.get_logger(__name__)


class AlarmKeys:
    """Answers the webhooks of such calls. Thread-safe."""

    def __init__(self, runs: Runs, course: Course, people: AlarmPeople, engine: Engine, pins: PinGuard) -> None:
        self._runs = runs
        self._course = course
        self._people = people
        self._engine = engine
        self._pins = pins
        self._menus = CallMenus(runs, people)

    def called(self, contact: Contact, gather_url: str) -> Callable[[], str] | None:
        """A function that returns the TwiML for a calling contact; None if the contact can acknowledge no open alarm."""
        pressed = self._menus.open_to(contact, gather_url)
        return partial(self._greet, pressed) if pressed else None

    def answer(self, webhook: Webhook, gather_url: str | None) -> str | None:
        """The TwiML after a key; None if the call does not belong to an alarm."""
        if not is_menu(webhook):
            return None
        pressed = self._menus.read(webhook, gather_url)
        if pressed is None:
            return "<Response><Hangup/></Response>"
        if pressed.digits and pressed.attempt:
            sid = webhook.fields.get("CallSid", "")
            told = partial(self._course.told, pressed.run.id, pressed.attempt.id, ANSWERED, sid, "")
            self._engine.tell(told)
        try:
            return self._over(pressed) or self._answer(pressed)
        except Exception:  # mostly, the disk is full: nobody may believe that the key had an effect
            _log.exception("alarm.key_failed", thing=pressed.run.alarm)
            return menu(pressed)

    def _greet(self, pressed: Pressed) -> str:
        """The first menu of a call; while the contact waited for a rule, somebody may have acknowledged."""
        pressed = replace(pressed, run=self._runs.get(pressed.run.id) or pressed.run)
        return self._over(pressed) or menu(pressed)

    def _over(self, pressed: Pressed) -> str:
        """What somebody hears who can no longer do anything; "" for others."""
        if pressed.attempt and pressed.attempt.status == "machine":
            return close(pressed)
        return "" if pressed.run.is_open else close(pressed, self._outcome(pressed.run, pressed))

    def _answer(self, pressed: Pressed) -> str:
        addressee, texts = pressed.addressee, pressed.addressee.texts
        if pressed.is_pin:
            return self._check_pin(pressed)
        match pressed.digits:
            case "1" if not addressee.may_take:
                return menu(pressed, texts.no_right)
            case "1" if addressee.needs_pin:
                return ask_pin(pressed)
            case "1":
                return self._take(pressed)
            case "2":
                return self._pass_on(pressed, wording.marked(pressed.run, texts, texts.passed))
            case "3":
                return menu(pressed)
            case _:
                return menu(pressed, texts.not_understood)

    def _take(self, pressed: Pressed) -> str:
        """Acknowledge the alarm; a contact who called then hears the next open one."""
        outcome = self._outcome(self._engine.ask(partial(self._acknowledge, pressed)), pressed)
        another = None if pressed.attempt else self._menus.open_to(pressed.addressee.contact, pressed.gather_url)
        return menu(another, outcome) if another else close(pressed, outcome)

    def _acknowledge(self, pressed: Pressed) -> Run:
        by, attempt = str(pressed.addressee.contact.uid), pressed.attempt
        # Whoever presses a key is in the call, so this call is not ended.
        return self._course.acknowledge(pressed.run, by, call=attempt.id if attempt else "")

    def _outcome(self, run: Run, pressed: Pressed) -> str:
        """What a caller hears after acknowledging a run."""
        texts = pressed.addressee.texts
        if run.state != "acknowledged":
            said = texts.is_over
        elif self._people.is_same(run, run.taken_by, str(pressed.addressee.contact.uid)):
            said = texts.you_took
        else:
            said = texts.taken_before.format(name=self._people.name_of(run, run.taken_by))
        return wording.marked(run, texts, said)

    def _check_pin(self, pressed: Pressed) -> str:
        addressee, texts = pressed.addressee, pressed.addressee.texts
        if not addressee.may_take:
            return menu(pressed, texts.no_right)
        user = addressee.user(CALL_OF_ALARM if pressed.attempt else "call")
        given, origin = pressed.digits, pressed.origin
        if not addressee.needs_pin or self._pins.check(user, pressed.run.alarm, given, origin=origin) == "right":
            return self._take(pressed)
        if self._pins.is_locked(user):  # nobody needs to wait for these calls any more
            return self._pass_on(pressed, addressee.locked)
        return ask_pin(pressed, texts.wrong_pin)

    def _pass_on(self, pressed: Pressed, sentence: str) -> str:
        run, contact = pressed.run, str(pressed.addressee.contact.uid)
        for attempt in [pressed.attempt] if pressed.attempt else self._people.attempts_of(run, contact):
            self._engine.ask_stored(partial(self._course.told, run.id, attempt.id, "passed", "", ""))
        return close(pressed, sentence)
