"""Builds alarms, and the contacts whom they notify."""

from __future__ import annotations

from twilio_binding.alarms.build import AlarmSurroundings, AlarmUseCases
from twilio_binding.alarms.runs import Runs
from twilio_binding.app.people import people_around
from twilio_binding.app.stores import Stores
from twilio_binding.app.surroundings import Surroundings
from twilio_binding.openhab.items import OpenHABItems
from twilio_binding.people.build import PeopleUseCases
from twilio_binding.store.alarms import SqliteAlarmLog
from twilio_binding.twilio_api import TwilioGateway


def restored_runs(stores: Stores) -> Runs:
    """The runs of alarms, with those of earlier processes."""
    log = SqliteAlarmLog(stores.database, clock=stores.timeline.now)
    runs = Runs(log, stores.timeline.now)
    stores.timeline.not_before(runs.restore())  # otherwise steps would wait for it, and calls would count meanwhile
    stores.keep_tidy(log)
    return runs


class PeopleAndAlarms:
    """Contacts and alarms, not started yet; webhooks are offered to alarms first."""

    def __init__(self, around: Surroundings, runs: Runs) -> None:
        self.people = people_around(around)
        self.alarms = _alarms(around, runs, self.people)
        around.offers.add(self.alarms.taker)
        around.offers.add(self.people.answers)
        around.offers.show(self.people.witness)
        self.people.commands.subscribe("alarm", self.alarms.requests.follow)
        items = self.alarms.watchdog.items
        events, changed = around.openhab.item_events, around.configuration.changed
        events.subscribe(items.topics, items.follow)
        events.opened.subscribe(items.look)
        self.alarms.watchdog.refreshed.subscribe(events.review)
        changed.subscribe(self.people.review)
        changed.subscribe(self.alarms.refresh)

    def start(self) -> None:
        """Continue the work of the previous process."""
        self.alarms.start()
        self.people.start()

    def stop(self, until: float) -> None:
        """Stop by a time of the monotonic clock."""
        self.people.stop(until)
        self.alarms.stop(until)


def _alarms(around: Surroundings, runs: Runs, people: PeopleUseCases) -> AlarmUseCases:
    openhab, mqtt, stores = around.openhab, around.mqtt, around.stores
    return AlarmUseCases(
        AlarmSurroundings(
            things=around.configuration.things,
            contacts=people.contacts,
            pins=people.pins,
            journal=stores.journal,
            sends=around.sends,
            calls=TwilioGateway(around.clients),
            items=OpenHABItems(around.settings.openhab),
            publish=mqtt.publish_text,
            notify=openhab.notifications.send,
            is_down={"openhab": lambda: not openhab.status.is_ready, "broker": lambda: not mqtt.can_answer()},
            clock=stores.timeline.now,
            most_per_day=around.settings.limits.alarm_sends_per_day,
            language=lambda: openhab.locale.language,
            is_asked=lambda contact, said: (
                people.answers.is_answered(contact, said) or people.asked_back.pending(contact) is not None
            ),
        ),
        runs,
    )
