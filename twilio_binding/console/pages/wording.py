"""Filters for times, numbers, names and statuses in templates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request

from twilio_binding.clock import local_now, local_time
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.masking import mask_logins, mask_number, mask_text
from twilio_binding.model.things import BrokenThing
from twilio_binding.protocol.contact import CONTACT

_DEPENDENCIES = {
    "openhab": "openHAB",
    "mqtt": "MQTT broker",
    "twilio": "Twilio",
    "store": "Data folder",
    "things": "Things",
}
_ANSWERED_BY = {
    "rule": "a rule",
    "default": "the default, because no rule listens",
    "deadline": "the default, because no rule answered in time",
    "hang-up": "nobody, because the caller hung up",
    "shutdown": "the default, because the service stopped",
    "menu": "the menu",
    "alarm": "the alarm",
    "command": "the commands by text",
    "answer": "the question that was asked",
    "strangers": "the setting for strangers",
    "interpreter": "openHAB's interpreter",
}
_WAYS = {"text": "by text", "call": "by keys", "speech": "by speech", "interpreter": "by text"}
_RESULTS = {
    "done": "done",
    "sent": "sent; the state did not change in time",
    "undone": "undone",
    "undone_partly": "undone for some of the group",
    "refused": "openHAB refused it",
    "down": "not done: openHAB did not answer",
    "wrong_pin": "wrong PIN",
    "right_pin": "right PIN",
    "locked": "not done: locked after wrong PINs",
    "no_right": "not done: no right to command",
    "no_pin": "not done: no PIN is set for the contact",
    "called_back": "called back",
    "expired": "not done: openHAB was back too late",
    "interpreted": "answered by openHAB's interpreter",
    "not_taken": "not done: the item does not accept this",
    "timed": "not done: it was for later or for a time",
    "asked_which": "asked back what was meant",
    "asked_pin": "asked for the PIN",
    "asked_confirmation": "asked for a confirmation",
    "declined": "not done: the contact declined",
}
_OUTCOMES = {
    "": "waits for Twilio",
    "answered": "a key was pressed",
    "machine": "an answering machine",
    "no-answer": "no answer",
    "paced": "not called",
    "passed": "passed on",
    "withdrawn": "no longer needed",
}
"""Of an attempt to notify somebody; others are clear in Twilio's words."""
_SHOWN = "shown"
_KEY = re.compile(r"[\d*#]")
_MANY_KEYS = re.compile(r"[\d*#](?:[\s.,-]{0,2}[\d*#]){2,}")
_MAY_BE_PIN = re.compile(r"\d(?:[\s.,-]{0,2}\d){3,}")
"""Also with blanks and signs between the digits, as speech recognition and people write them."""
_PRESSED_OR_SAID = ("digits", "speechResult", "transcriptionText")


def add(app: Flask, parts: ConsoleParts) -> None:
    """Add filters and functions to templates."""
    app.jinja_env.filters |= {
        "when": when,
        "at": lambda seconds: when(local_time(seconds)),
        "moment": moment,
        "dependency": dependency,
        "number": number,
        "answered_by": answered_by,
        "keys": keys,
        "payload": payload,
        "masked": masked,
        "way": lambda name: _WAYS.get(name, name),
        "result": lambda name: _RESULTS.get(name, name),
        "outcome": lambda status: _OUTCOMES.get(status, status),
    }
    _add_contacts(app, parts)

    def label(thing: str) -> str:
        phone = parts.things.current().phones.get(thing)
        return phone.label if phone else thing

    def phones() -> dict[str, str]:
        return {uid: one.label for uid, one in parts.things.current().phones.items()}

    app.jinja_env.globals |= {
        "label_of": label,
        "phones": phones,
        "numbers_are_shown": numbers_are_shown,
        "here": here,
    }


def _add_contacts(app: Flask, parts: ConsoleParts) -> None:
    def name(whole: object, thing: str) -> str:
        contact = parts.contact_of(str(whole), thing)
        return contact.label if contact else ""

    def said(text: str, number: str, thing: str) -> str:
        contact = parts.contact_of(number, thing)
        # While the thing of a contact has a mistake, nobody knows whose number this is.
        has_pin = contact.pin is not None if contact else any(map(_is_contact, parts.things.current().broken))
        return hidden(text) if has_pin else text

    def label(uid: str) -> str:
        contact = parts.things.current().contacts.get(uid)
        return contact.label if contact else uid

    app.jinja_env.globals |= {"name_of": name, "said_by": said, "contact_of": label}


def _is_contact(thing: BrokenThing) -> bool:
    return thing.uid.startswith(f"{CONTACT.uid}:")


def when(at: datetime) -> str:
    """A time, as short as possible: 14:05 today, 3 Nov 14:05 this year."""
    now = local_now()
    if at.date() == now.date():
        return f"{at:%H:%M}"
    day = f"{at.day} {at:%b}"
    return f"{day} {at:%H:%M}" if at.year == now.year else f"{day} {at.year}"


def moment(at: datetime) -> str:
    """A time, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def dependency(name: str) -> str:
    """The full name of a dependency."""
    return _DEPENDENCIES.get(name, name)


def answered_by(by: str) -> str:
    """Who answered a call."""
    return _ANSWERED_BY.get(by, by)


def number(whole: object) -> str:
    """A number, masked unless the page should show it."""
    return str(whole) if numbers_are_shown() else mask_number(str(whole))


def masked(text: object) -> str:
    """A text with phone numbers masked unless the page should show numbers, and without logins."""
    return mask_logins(str(text)) if numbers_are_shown() else mask_text(str(text))


def keys(pressed: str) -> str:
    """Pressed keys, or spoken words. Many digits may be a PIN, and are masked unless the page should show numbers."""
    return pressed if numbers_are_shown() else _MANY_KEYS.sub(_dots, pressed)


def hidden(text: str) -> str:
    """A text with long numbers masked unless the page should show numbers: they may be a PIN or a code."""
    return text if numbers_are_shown() else _MAY_BE_PIN.sub(_dots, text)


def _dots(found: re.Match[str]) -> str:
    return _KEY.sub("•", found[0])


def payload(fields: Mapping[str, Any]) -> str:
    """What a rule got, as JSON, with numbers masked unless the page should show them."""
    shown = {name: keys(str(value)) if name in _PRESSED_OR_SAID else value for name, value in fields.items()}
    return masked(json.dumps(shown, indent=2, ensure_ascii=False))


def numbers_are_shown() -> bool:
    """Whether this page should show whole numbers."""
    return request.args.get("numbers") == _SHOWN


def here(**changes: str | float | None) -> str:
    """The address of this page with changes to its query; None removes a part."""
    query = {name: value for name, value in {**request.args.to_dict(), **changes}.items() if value is not None}
    # Not with url_for, which takes some names for its own options, such as the scheme, although anybody can write an address.
    path = "/" + quote(request.path.lstrip("/"))
    return f"{path}?{urlencode(query)}" if query else path
