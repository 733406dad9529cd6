"""Looks up contacts, their languages, and the current configuration of alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from twilio_binding.alarms.ports import Sends
from twilio_binding.model.alarm_calls import Speaker
from twilio_binding.model.alarm_run import Attempt, Run
from twilio_binding.model.alarm_sends import PREFIX
from twilio_binding.model.alarm_texts import AlarmTexts, texts_of
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.sentences.catalogue import catalogue
from twilio_binding.model.things import ThingsSource
from twilio_binding.model.uids import ThingUID
from twilio_binding.people.contacts import Contacts, language_of
from twilio_binding.people.item_ports import CommandWay
from twilio_binding.people.item_use import ItemUser
from twilio_binding.people.pin_guard import locked
from twilio_binding.protocol.parameters import ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A contact whom an alarm addresses; `language` is theirs, "" for English."""

    contact: Contact
    alarm: Alarm
    language: str

    @property
    def texts(self) -> AlarmTexts:
        """The texts in their language."""
        return texts_of(self.language)

    @property
    def name(self) -> str:
        """Their name for others."""
        return self.contact.label

    @property
    def speaker(self) -> Speaker:
        """Language and voice in which calls speak to them."""
        spoken = self.texts.spoken
        is_theirs = "-" in self.language and self.language[:2] == spoken[:2]
        return Speaker(language=self.language if is_theirs else spoken, voice=self.contact.voice)

    @property
    def may_take(self) -> bool:
        """Whether they may acknowledge alarms."""
        return self.contact.may("acknowledge")

    @property
    def needs_pin(self) -> bool:
        """Whether they must enter their PIN."""
        return self.alarm.require_pin and self.contact.pin is not None

    def user(self, way: CommandWay) -> ItemUser:
        """The contact as a user of the PIN lock."""
        return ItemUser(contact=self.contact, phone=self.contact.phone, way=way, language=self.language)

    @property
    def locked(self) -> str:
        """The reply while their PIN is locked."""
        return locked(catalogue(self.language))


class AlarmPeople:
    """Looks up contacts and alarms in the current configuration. An alarm that is no longer configured has default values."""

    number_of: Callable[[Attempt], str]
    """The number to which an attempt is sent, also when its contact is no longer configured; "" if its send was never stored."""

    def __init__(self, things: ThingsSource, contacts: Contacts, sends: Sends, language: Callable[[], str]) -> None:
        self._things = things
        self._language = language
        self.contacts = contacts
        self.number_of = partial(_number_of, sends)

    def alarm(self, uid: str) -> Alarm:
        """The alarm with this UID; one with default values if it is not configured."""
        known = self._things.current().alarms.get(uid)
        if known is not None:
            return known
        parts = uid.split(":")
        account = parts[2] if len(parts) == 4 else ""
        return Alarm(uid=ThingUID(uid), label=parts[-1], bridge=ThingUID(f"{ACCOUNT.uid}:{account}"), steps="")

    def configured(self, uid: str) -> Alarm:
        """The alarm of this UID; raises `Refusal` if none is configured."""
        return self._things.current().alarm(uid)

    def read_words(self) -> None:
        """Load the texts that alarms may need, if there are alarms: an alarm must not wait for them."""
        things = self._things.current()
        if not things.alarms:
            return
        of_alarms = map(self.language, things.alarms.values())
        of_contacts = map(self.language_of, things.contacts.values())
        for language in {*of_alarms, *of_contacts}:
            texts_of(language)

    def all_alarms(self) -> Mapping[str, Alarm]:
        """The configured alarms."""
        return self._things.current().alarms

    def addressee(self, run: Run, name: str) -> Addressee | None:
        """The contact that a step of a run names; None if the contact no longer exists."""
        alarm = self.alarm(run.alarm)
        contact = self.contacts.find(name, alarm.bridge)
        return self.addressee_of(contact, alarm) if contact else None

    def addressee_of(self, contact: Contact, alarm: Alarm) -> Addressee:
        """A contact, with the language in which an alarm addresses them."""
        return Addressee(contact=contact, alarm=alarm, language=self.language_of(contact, alarm))

    def language(self, alarm: Alarm) -> str:
        """The language of texts that are the same for everybody: that of the alarm, or openHAB's."""
        return alarm.language or self._language()

    def language_of(self, contact: Contact, alarm: Alarm | None = None) -> str:
        """The language of a contact: their own, that of the alarm, or openHAB's."""
        return language_of(contact, lambda: alarm.language if alarm else "", self._language)

    def is_same(self, run: Run, one: str, other: str) -> bool:
        """Whether two names mean the same person: the same contact, or contacts with the same number."""
        bridge = self.alarm(run.alarm).bridge
        found, wanted = self.contacts.find(one, bridge), self.contacts.find(other, bridge)
        return one == other or (found is not None and wanted is not None and found.phone_number == wanted.phone_number)

    def attempts_of(self, run: Run, contact: str) -> list[Attempt]:
        """The attempts to notify a contact."""
        return [one for one in run.attempts.values() if self.is_same(run, one.tell.contact, contact)]

    def name_of(self, run: Run, by: str) -> str:
        """The name of the person who acknowledged: the label of a contact, or the given name."""
        addressee = self.addressee(run, by) if by else None
        return addressee.name if addressee else by or "Somebody"


def _number_of(sends: Sends, attempt: Attempt) -> str:
    stored = sends.find(PREFIX + attempt.id)
    return str(stored.request.args["to"]) if stored else ""
