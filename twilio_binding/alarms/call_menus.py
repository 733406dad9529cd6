"""Menus in calls about alarms: the run and the person that keys refer to, and the TwiML of the menus."""

from __future__ import annotations

from dataclasses import dataclass

from twilio_binding.alarms.people import Addressee, AlarmPeople
from twilio_binding.alarms.runs import Runs
from twilio_binding.alarms.wording import document
from twilio_binding.model import alarm_calls
from twilio_binding.model.alarm_run import Attempt, Run
from twilio_binding.model.alarm_sends import PREFIX
from twilio_binding.model.contacts import Contact
from twilio_binding.model.events import Webhook

_PIN = ".pin"
_CALLED = "c."
"""Prefix of the name of a menu for a contact who called; the run follows. Other menus are named after the attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Keys that somebody pressed about a run; `menu` is the name of the menu, and `is_pin` says that it asked for a PIN.

    `attempt` is the attempt of the call, None if the contact called. `origin` is the same if Twilio sends the same keys
    twice, "" if Twilio does not say.
    """

    run: Run
    attempt: Attempt | None
    addressee: Addressee
    menu: str
    digits: str = ""
    is_pin: bool = False
    origin: str = ""
    gather_url: str | None


def is_menu(webhook: Webhook) -> bool:
    """Whether the keys were pressed in a menu of an alarm."""
    return webhook.query.get("menu", "").startswith(PREFIX)


class CallMenus:
    """Finds the run and the person that keys refer to. Thread-safe."""

    def __init__(self, runs: Runs, people: AlarmPeople) -> None:
        self._runs = runs
        self._people = people

    def read(self, webhook: Webhook, gather_url: str | None) -> Pressed | None:
        """The keys pressed in a menu; None if the menu is so old that its run is no longer stored."""
        name, asked, _ = webhook.query["menu"].removeprefix(PREFIX).partition(_PIN)
        found = self._of_caller(name, webhook) if name.startswith(_CALLED) else self._of_attempt(name, webhook)
        if found is None:
            return None
        run, attempt, addressee = found
        return Pressed(
            run=run,
            attempt=attempt,
            addressee=addressee,
            menu=name,
            digits=webhook.fields.get("Digits", ""),
            is_pin=bool(asked),
            origin=f"{webhook.fields.get('CallSid', '')} {webhook.token}" if webhook.token else "",
            gather_url=gather_url,
        )

    def open_to(self, contact: Contact, gather_url: str | None) -> Pressed | None:
        """The menu of the oldest open alarm that a calling contact may acknowledge; None if there is none."""
        for run in self._runs.open() if contact.may("acknowledge") else ():
            alarm = self._people.alarm(run.alarm)
            if alarm.bridge == contact.bridge:
                addressee = self._people.addressee_of(contact, alarm)
                return Pressed(run=run, attempt=None, addressee=addressee, menu=_CALLED + run.id, gather_url=gather_url)
        return None

    def _of_caller(self, name: str, webhook: Webhook) -> tuple[Run, None, Addressee] | None:
        run = self._runs.get(name.removeprefix(_CALLED))
        if run is None or webhook.contact is None:
            return None
        return run, None, self._people.addressee_of(webhook.contact, self._people.alarm(run.alarm))

    def _of_attempt(self, name: str, webhook: Webhook) -> tuple[Run, Attempt, Addressee] | None:
        """The call of an attempt; a contact who got another name meanwhile is found by the number that was called."""
        run = self._runs.get(name.partition(".")[0])
        attempt = run.attempts.get(name) if run else None
        if run is None or attempt is None:
            return None
        addressee = self._people.addressee(run, attempt.tell.contact)
        renamed = None if addressee else self._people.contacts.of_number(webhook.fields.get("To", ""), webhook.thing)
        if renamed is not None:
            addressee = self._people.addressee_of(renamed, self._people.alarm(run.alarm))
        return (run, attempt, addressee) if addressee else None


def menu(pressed: Pressed, *first: str) -> str:
    """TwiML with some first sentences, the message, and the keys."""
    return document(pressed.run, pressed.addressee, pressed.gather_url, pressed.menu, *first)


def ask_pin(pressed: Pressed, *first: str) -> str:
    """TwiML that asks for the PIN."""
    texts = pressed.addressee.texts
    return alarm_calls.ask_pin(
        pressed.addressee.speaker,
        question=" ".join((*first, texts.ask_pin)),
        no_key=f"{texts.no_key} {texts.goodbye}",
        action=f"{pressed.gather_url}?menu={PREFIX}{pressed.menu}{_PIN}",
    )


def close(pressed: Pressed, *sentences: str) -> str:
    """TwiML that says something, and goodbye."""
    return alarm_calls.closing(pressed.addressee.speaker, *sentences, pressed.addressee.texts.goodbye)
