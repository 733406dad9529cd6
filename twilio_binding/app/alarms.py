"""The composition of alarms, and of the contacts whom they tell."""

from __future__ import annotations

from dataclasses import dataclass

from twilio_binding.alarms.build import AlarmSurroundings, AlarmUseCases
from twilio_binding.alarms.runs import Runs
from twilio_binding.app.configuration import Configuration
from twilio_binding.app.people import People
from twilio_binding.app.stores import Stores
from twilio_binding.incoming.offers import Offers
from twilio_binding.mqtt import Exchange
from twilio_binding.openhab import OpenHABConnection, OpenHABItems
from twilio_binding.outgoing.dispatch import Dispatch
from twilio_binding.protocol.errors import Refusal
from twilio_binding.settings import Settings
from twilio_binding.twilio_api import Clients, TwilioGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmDependencies:
    """What alarms and contacts share with the rest of the service."""

    offers: Offers
    clients: Clients
    sends: Dispatch
    mqtt: Exchange
    openhab: OpenHABConnection
    configuration: Configuration


def build_people_and_alarms(
    settings: Settings, stores: Stores, runs: Runs, dependencies: AlarmDependencies
) -> tuple[People, AlarmUseCases]:
    """Contacts and alarms, not started yet; what comes in is offered to alarms first."""
    configuration, lifetime = dependencies.configuration, settings.delivery.message_hours * 3600
    people = People(configuration.things, stores, dependencies.sends, dependencies.openhab, lifetime=lifetime)
    alarms = _build_alarms(settings, stores, runs, dependencies, people)
    dependencies.offers.add(alarms.taker)
    people.connect(dependencies.mqtt, dependencies.offers)
    configuration.changed.subscribe(people.cases.review)
    return people, alarms


def _build_alarms(
    settings: Settings, stores: Stores, runs: Runs, dependencies: AlarmDependencies, people: People
) -> AlarmUseCases:
    """Alarms; they follow commands to their channels."""
    openhab, mqtt = dependencies.openhab, dependencies.mqtt
    alarms = AlarmUseCases(
        AlarmSurroundings(
            things=dependencies.configuration.things,
            contacts=people.cases.contacts,
            journal=stores.journal,
            sends=dependencies.sends,
            calls=TwilioGateway(dependencies.clients),
            items=OpenHABItems(settings.openhab),
            publish=mqtt.publish_text,
            notify=_no_notifications,
            is_down={"openhab": lambda: not openhab.status.is_ready, "broker": lambda: not mqtt.can_answer()},
            clock=stores.timeline.now,
            most_per_day=settings.limits.alarm_sends_per_day,
            language=lambda: openhab.locale.known,
        ),
        runs,
    )
    people.cases.commands.subscribe("alarm", alarms.requests.follow)
    items = alarms.watchdog.items
    openhab.item_events.subscribe(items.topics, items.follow)
    openhab.item_events.opened.subscribe(items.look)
    alarms.watchdog.refreshed.subscribe(openhab.item_events.review)
    dependencies.configuration.changed.subscribe(alarms.refresh)
    things = dependencies.configuration.things
    openhab.ready.subscribe(lambda: alarms.aside(openhab.locale.learn) if things.current().alarms else None)
    return alarms


def _no_notifications(user: str, text: str) -> None:
    del user, text
    raise Refusal("not_supported", "nothing in openHAB sends notifications for the service yet")
