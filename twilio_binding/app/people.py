"""The composition of what is about people: contacts, and the ways in which commands to channels come."""

from __future__ import annotations

from twilio_binding.model.things import ThingsSource
from twilio_binding.mqtt import Exchange
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.people.build import build_people


class People:
    """Contacts and commands, wired to openHAB and the broker."""

    def __init__(self, things: ThingsSource, openhab: OpenHABConnection, mqtt: Exchange) -> None:
        self.cases = build_people(things)
        self.commands = self.cases.commands
        mqtt.commands.follow = self.commands.take
        mqtt.commands.wanted = lambda: bool(things.current().contacts or things.current().alarms)
        openhab.commands.take = self.commands.take

    def start(self) -> None:
        """Begin to follow commands."""
        self.commands.start()

    def stop(self, until: float) -> None:
        """Follow the commands that came, until a moment of the monotonic clock, and no more."""
        self.commands.stop(until)
