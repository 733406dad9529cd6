"""The composition of what is about people: contacts, and the ways in which commands to channels come."""

from __future__ import annotations

from twilio_binding.app.stores import Stores
from twilio_binding.clock import local_now
from twilio_binding.incoming.offers import Offers
from twilio_binding.model.things import ThingsSource
from twilio_binding.mqtt import Exchange
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.outgoing.dispatch import Dispatch
from twilio_binding.people.build import PeopleParts, PeopleUseCases, build_people


class People:
    """The use cases about people, wired to the stores, openHAB and the broker."""

    def __init__(
        self, things: ThingsSource, stores: Stores, outgoing: Dispatch, openhab: OpenHABConnection, *, lifetime: float
    ) -> None:
        self._things, self._openhab = things, openhab
        self.cases: PeopleUseCases = build_people(
            PeopleParts(
                things=things,
                sends=stores.contact_sends,
                questions=stores.questions,
                outgoing=outgoing,
                events=stores.journal,
                clock=stores.timeline.now,
                now=local_now,
                lifetime=lifetime,
                language=lambda: openhab.locale.language,
            )
        )

    def connect(self, mqtt: Exchange, offers: Offers) -> None:
        """Take commands in all ways, and see what comes in. Alarms are offered it before."""
        commands = self.cases.commands
        mqtt.commands.follow = commands.take
        mqtt.commands.wanted = lambda: bool(self._things.current().contacts or self._things.current().alarms)
        self._openhab.commands.take = lambda command: None if mqtt.commands.is_waiting() else commands.take(command)
        offers.add(self.cases.answers)
        offers.show(self.cases.witness)
