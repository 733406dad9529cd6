"""The verbs of voice TwiML."""

from __future__ import annotations

from typing import Protocol
from xml.etree.ElementTree import Element

from twilio_binding.sandbox.twilio import forms
from twilio_binding.sandbox.twilio.documents import ApplicationError
from twilio_binding.sandbox.twilio.keys import heard
from twilio_binding.sandbox.twilio.party import CallParty
from twilio_binding.sandbox.twilio.resources import Resource, new_sid
from twilio_binding.sandbox.twilio.signing import Form
from twilio_binding.sandbox.twilio.walk import Walk
from twilio_binding.sandbox.twilio.world import Callee, World

_LONGEST_SAY = 4096
_IN_GATHER = frozenset({"Say", "Play", "Pause"})
_EMPTY_SAY, _LONG_SAY, _SCHEMA = 13520, 13521, 12200


class Caller(Protocol):
    """The call in which verbs are carried out, as `Verbs` needs it."""

    @property
    def world(self) -> World:
        """The state of the stand-in."""

    @property
    def call(self) -> Resource:
        """The resource of the call."""

    @property
    def walk(self) -> Walk:
        """The course of the call so far."""

    def wait(self, seconds: float) -> None:
        """Wait. Raises `HungUpError` or `ReplacedError` if the call is interrupted."""

    @property
    def party(self) -> CallParty:
        """The person in the call."""

    def request(self, url: str, more: Form, method: str = "POST") -> Element:
        """The document that an action or redirect answers."""

    def tell(self, url: str, form: Form) -> None:
        """Send a status callback."""


class _OverError(Exception):
    """The call ends here."""


class Verbs:
    """Carries out documents. An unknown verb is skipped with a warning, as at Twilio."""

    def __init__(self, phone: Caller) -> None:
        self._phone = phone
        self._walk = phone.walk
        self._ways = {
            "Say": self._say,
            "Play": self._play,
            "Pause": self._pause,
            "Gather": self._gather,
            "Record": self._record,
            "Dial": self._dial,
            "Redirect": self._redirect,
            "Reject": self._reject,
            "Hangup": self._hangup,
        }

    def document(self, root: Element) -> Element | None:
        """Carry out one document. Returns the next one, or None at the end of the call."""
        try:
            for verb in root:
                following = self._verb(verb)
                if following is not None:
                    return following
        except _OverError:
            pass
        return None

    def _verb(self, verb: Element) -> Element | None:
        self._phone.wait(0)
        way = self._ways.get(verb.tag)
        if way is None:
            self._walk.warnings.append(_SCHEMA)
            return None
        return way(verb)

    def _say(self, verb: Element) -> None:
        text = "".join(verb.itertext()).strip()
        if not text or len(text) > _LONGEST_SAY:
            self._walk.warnings.append(_LONG_SAY if text else _EMPTY_SAY)
            return
        self._walk.said.append(text)
        self._phone.party.hear("say", text)

    def _play(self, verb: Element) -> None:
        played = (verb.text or "").strip() or verb.get("digits", "")
        self._walk.played.append(played)
        self._phone.party.hear("play", played)

    def _pause(self, verb: Element) -> None:
        self._phone.wait(_number(verb, "length", 1))

    def _gather(self, verb: Element) -> Element | None:
        for prompt in verb:
            if prompt.tag in _IN_GATHER:
                self._verb(prompt)
            else:
                self._walk.warnings.append(_SCHEMA)
        if "numDigits" in verb.attrib and _number(verb, "numDigits", 0) < 1:
            raise ApplicationError(13313, "numDigits is no number of digits")
        fields = heard(self._phone.party.next(verb.attrib), verb.attrib)
        if not fields:
            self._phone.wait(_number(verb, "timeout", 5))
            if verb.get("actionOnEmptyResult") != "true":
                return None
            fields = {"Digits": ""}
        return _acted(self._phone, verb, {"msg": "Gather End", **fields})

    def _record(self, verb: Element) -> Element | None:
        spoken = self._phone.party.next(verb.attrib)
        self._phone.wait(_number(verb, "timeout", 5))
        if not spoken:
            return None
        sid = new_sid("RE")
        call = self._phone.call
        self._phone.tell(verb.get("recordingStatusCallback", ""), forms.recording_status(call, sid))
        self._phone.tell(verb.get("transcribeCallback", ""), forms.transcription(call, sid, spoken))
        return _acted(self._phone, verb, {"Digits": "#", **forms.recording(call, sid)})

    def _dial(self, verb: Element) -> Element | None:
        number = "".join(verb.itertext()).strip()
        contact = self._phone.world.contacts.get(number, Callee())
        fields: Form = {"DialCallSid": new_sid("CA"), "DialCallStatus": contact.status, "DialBridged": "false"}
        if contact.status == "completed":
            fields |= {"DialCallDuration": "2", "DialBridged": "true"}
        return _acted(self._phone, verb, fields) if "action" in verb.attrib else None

    def _redirect(self, verb: Element) -> Element:
        return self._phone.request(verb.text or "", {}, verb.get("method", "POST"))

    def _reject(self, _: Element) -> None:
        self._walk.ended = "rejected"
        raise _OverError

    def _hangup(self, _: Element) -> None:
        raise _OverError


def _number(verb: Element, name: str, default: int) -> int:
    text = verb.get(name, str(default))
    return int(text) if text.isascii() and text.isdigit() else default


def _acted(phone: Caller, verb: Element, fields: Form) -> Element:
    return phone.request(verb.get("action", ""), fields, verb.get("method", "POST"))
