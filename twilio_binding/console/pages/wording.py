"""How templates write times, numbers and statuses."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from twilio_binding.clock import local_now

_DEPENDENCIES = {
    "openhab": "openHAB",
    "mqtt": "MQTT broker",
    "twilio": "Twilio",
    "store": "Data folder",
    "things": "Things",
}


def add(app: Flask) -> None:
    """Add filters to templates."""
    app.jinja_env.filters |= {"when": when, "moment": moment, "dependency": dependency}


def when(at: datetime) -> str:
    """A moment, as short as it can be: 14:05 today, 3 Nov 14:05 this year."""
    now = local_now()
    if at.date() == now.date():
        return f"{at:%H:%M}"
    day = f"{at.day} {at:%b}"
    return f"{day} {at:%H:%M}" if at.year == now.year else f"{day} {at.year}"


def moment(at: datetime) -> str:
    """A moment, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def dependency(name: str) -> str:
    """The name of a dependency in full."""
    return _DEPENDENCIES.get(name, name)
