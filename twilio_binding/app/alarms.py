"""The composition of alarms."""

from __future__ import annotations

from dataclasses import dataclass

from twilio_binding.alarms.build import AlarmSurroundings, AlarmUseCases
from twilio_binding.alarms.ports import Sends
from twilio_binding.alarms.runs import Runs
from twilio_binding.app.people import People
from twilio_binding.app.stores import Stores
from twilio_binding.model.things import ThingsSource
from twilio_binding.mqtt import Exchange
from twilio_binding.openhab import OpenHABItems
from twilio_binding.protocol.errors import Refusal
from twilio_binding.settings import Settings
from twilio_binding.twilio_api import Clients, TwilioGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmDependencies:
    """What alarms share with the rest of the service."""

    things: ThingsSource
    people: People
    clients: Clients
    sends: Sends
    mqtt: Exchange


def build_alarms(settings: Settings, stores: Stores, runs: Runs, dependencies: AlarmDependencies) -> AlarmUseCases:
    """Alarms, not started yet; they follow commands to their channels."""
    people = dependencies.people
    alarms = AlarmUseCases(
        AlarmSurroundings(
            things=dependencies.things,
            contacts=people.cases.contacts,
            journal=stores.journal,
            sends=dependencies.sends,
            calls=TwilioGateway(dependencies.clients),
            items=OpenHABItems(settings.openhab),
            publish=dependencies.mqtt.publish_text,
            notify=_no_notifications,
            clock=stores.timeline.now,
            most_per_day=settings.limits.alarm_sends_per_day,
        ),
        runs,
    )
    people.commands.subscribe("alarm", alarms.requests.follow)
    return alarms


def _no_notifications(user: str, text: str) -> None:
    del user, text
    raise Refusal("not_supported", "nothing in openHAB sends notifications for the service yet")
