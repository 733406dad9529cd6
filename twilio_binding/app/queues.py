"""Builds the queues of deliveries."""

from __future__ import annotations

from twilio_binding.incoming.delivery import DeliveryLane
from twilio_binding.incoming.ports import Deliver, Lane
from twilio_binding.metrics import Metrics
from twilio_binding.mqtt import Exchange
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.store import SqliteJournal
from twilio_binding.webhooks.server import RightOfWay

_BATCH = 25
"""Number of events that are delivered at a time."""


def build_queues(
    journal: SqliteJournal, openhab: OpenHABConnection, mqtt: Exchange, metrics: Metrics, way: RightOfWay
) -> tuple[DeliveryLane, DeliveryLane]:
    """The queues of deliveries to openHAB and to MQTT."""

    def queue(lane: Lane, deliver: Deliver) -> DeliveryLane:
        metrics.backlog.labels(lane).set_function(lambda: journal.backlog(lane))
        made = DeliveryLane(lane, journal, deliver, batch=_BATCH, metrics=metrics, traffic=way)
        journal.on_change(made.wake)
        return made

    metrics.set_aside.labels("mqtt").set_function(lambda: journal.set_aside("mqtt"))
    metrics.set_aside.labels("openhab").set_function(lambda: journal.set_aside("openhab"))
    return queue("openhab", openhab.deliver), queue("mqtt", mqtt.deliver)
