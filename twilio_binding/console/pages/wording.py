"""Filters for times, numbers, names and statuses in templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, request, url_for

from twilio_binding.clock import local_now, local_time
from twilio_binding.console.ports import ConsoleParts
from twilio_binding.masking import mask_number, mask_text

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
    "interpreted": "answered by openHAB's interpreter",
}
_SHOWN = "shown"


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
        "way": lambda name: _WAYS.get(name, name),
        "result": lambda name: _RESULTS.get(name, name),
    }

    def name(whole: object, thing: str) -> str:
        return parts.name_of(str(whole), thing)

    def label(thing: str) -> str:
        phone = parts.things.current().phones.get(thing)
        return phone.label if phone else thing

    def phones() -> dict[str, str]:
        return {uid: one.label for uid, one in parts.things.current().phones.items()}

    def contact(uid: str) -> str:
        known = parts.things.current().contacts.get(uid)
        return known.label if known else uid

    app.jinja_env.globals |= {
        "contact_of": contact,
        "name_of": name,
        "label_of": label,
        "phones": phones,
        "numbers_are_shown": numbers_are_shown,
        "here": here,
    }


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


def keys(pressed: str) -> str:
    """Pressed keys. Many keys may be a PIN, and are masked unless the page should show numbers."""
    return pressed if numbers_are_shown() or len(pressed) < 3 else "•" * len(pressed)


def payload(fields: Mapping[str, Any]) -> str:
    """What a rule got, as JSON, with numbers masked unless the page should show them."""
    if numbers_are_shown():
        return json.dumps(fields, indent=2, ensure_ascii=False)
    shown = dict(fields)
    if "digits" in shown:
        shown["digits"] = keys(str(shown["digits"]))
    return mask_text(json.dumps(shown, indent=2, ensure_ascii=False))


def numbers_are_shown() -> bool:
    """Whether this page should show whole numbers."""
    return request.args.get("numbers") == _SHOWN


def here(**changes: Any) -> str:  # noqa: ANN401 - values of an address
    """The address of this page with changes to its query; None removes a part."""
    query = {**request.args.to_dict(), **(request.view_args or {}), **changes}
    return url_for(request.endpoint or "overview", **{key: value for key, value in query.items() if value is not None})
