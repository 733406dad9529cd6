"""Keys that are pressed in a call of an alarm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from twilio_binding.alarms.course import Course
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.people import Addressee, AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.wording import document
from twilio_binding.model import alarm_calls
from twilio_binding.model.alarm_run import ANSWERED, Attempt, Run
from twilio_binding.model.alarm_sends import PREFIX
from twilio_binding.model.events import Webhook

_MOST_PINS = 3
_PIN = "pin"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pressed:
    """Who pressed what, in which call; `pins` counts how often they were asked for their PIN before."""

    run: Run
    attempt: Attempt
    addressee: Addressee
    digits: str
    pins: int
    gather_url: str | None


class AlarmKeys:
    """Answers the webhooks of calls that an alarm has made; called on any thread."""

    def __init__(self, runs: Runs, course: Course, people: AlarmPeople, engine: Engine) -> None:
        self._runs = runs
        self._course = course
        self._people = people
        self._engine = engine

    def answer(self, webhook: Webhook, gather_url: str | None) -> str | None:
        """The TwiML for who pressed a key; None for a call that is none of an alarm."""
        menu = webhook.query.get("menu", "")
        if not menu.startswith(PREFIX):
            return None
        attempt_id, _, asked = menu.removeprefix(PREFIX).partition(f".{_PIN}")
        run = self._runs.get(attempt_id.partition(".")[0])
        attempt = run.attempts.get(attempt_id) if run else None
        addressee = self._people.addressee(run, attempt.tell.contact) if run and attempt else None
        if run is None or attempt is None or addressee is None:
            return "<Response><Hangup/></Response>"  # so long ago that nothing is known of it
        digits, call_sid = webhook.fields.get("Digits", ""), webhook.fields.get("CallSid", "")
        if digits:
            self._engine.tell(partial(self._course.told, run.id, attempt.id, ANSWERED, call_sid, ""))
        return self._answer(
            _Pressed(
                run=run,
                attempt=attempt,
                addressee=addressee,
                digits=digits,
                pins=int(asked) if asked.isdigit() else 0,
                gather_url=gather_url,
            )
        )

    def _answer(self, pressed: _Pressed) -> str:
        run, addressee, texts = pressed.run, pressed.addressee, pressed.addressee.texts
        if pressed.attempt.status == "machine":
            return self._close(pressed, texts.goodbye)
        if run.state == "acknowledged":
            return self._close(pressed, self._outcome(run, addressee))
        if not run.is_open:
            return self._close(pressed, texts.is_over, texts.goodbye)
        if pressed.pins:
            return self._check_pin(pressed)
        match pressed.digits:
            case "1" if not addressee.may_take:
                return self._menu(pressed, texts.no_right)
            case "1" if addressee.needs_pin:
                return self._ask_pin(pressed, 1)
            case "1":
                return self._take(pressed)
            case "2":
                told = partial(self._course.told, run.id, pressed.attempt.id, "passed", "", "")
                self._engine.ask_stored(told)
                return self._close(pressed, texts.passed, texts.goodbye)
            case "3":
                return self._menu(pressed)
            case _:
                return self._menu(pressed, texts.not_understood)

    def _take(self, pressed: _Pressed) -> str:
        run = self._engine.ask(partial(self._acknowledge, pressed))
        return self._close(pressed, self._outcome(run, pressed.addressee))

    def _acknowledge(self, pressed: _Pressed) -> Run:
        # Who presses a key is in the call: it is not ended like the others.
        return self._course.acknowledge(pressed.run, pressed.attempt.tell.contact, call=pressed.attempt.id)

    def _outcome(self, run: Run, addressee: Addressee) -> str:
        """What somebody hears who wants to take a run that is taken now."""
        if run.state != "acknowledged":
            return addressee.texts.is_over
        if self._people.is_same(run, run.taken_by, str(addressee.contact.uid)):
            return f"{addressee.texts.you_took} {addressee.texts.goodbye}"
        name = self._people.name_of(run, run.taken_by)
        return f"{addressee.texts.taken_before.format(name=name)} {addressee.texts.goodbye}"

    def _check_pin(self, pressed: _Pressed) -> str:
        texts = pressed.addressee.texts
        if pressed.addressee.may_take and pressed.addressee.has_pin(pressed.digits):
            return self._take(pressed)
        if pressed.pins >= _MOST_PINS:
            return self._close(pressed, texts.wrong_pin, texts.goodbye)
        return self._ask_pin(pressed, pressed.pins + 1, texts.wrong_pin)

    def _ask_pin(self, pressed: _Pressed, number: int, *first: str) -> str:
        texts = pressed.addressee.texts
        return alarm_calls.ask_pin(
            pressed.addressee.speaker,
            question=" ".join((*first, texts.ask_pin)),
            no_key=f"{texts.no_key} {texts.goodbye}",
            action=f"{pressed.gather_url}?menu={PREFIX}{pressed.attempt.id}.{_PIN}{number}",
        )

    def _menu(self, pressed: _Pressed, *first: str) -> str:
        return document(pressed.run, pressed.addressee, pressed.gather_url, pressed.attempt.id, *first)

    def _close(self, pressed: _Pressed, *sentences: str) -> str:
        return alarm_calls.closing(pressed.addressee.speaker, *sentences)
