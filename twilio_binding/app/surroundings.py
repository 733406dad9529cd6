"""The parts that optional groups of use cases share."""

from __future__ import annotations

from dataclasses import dataclass

from twilio_binding.app.configuration import Configuration
from twilio_binding.app.stores import Stores
from twilio_binding.incoming.offers import Offers
from twilio_binding.mqtt import Exchange
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.outgoing.dispatch import Dispatch
from twilio_binding.settings import Settings
from twilio_binding.twilio_api import Clients


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The parts of the service that always exist."""

    settings: Settings
    stores: Stores
    offers: Offers
    clients: Clients
    sends: Dispatch
    mqtt: Exchange
    openhab: OpenHABConnection
    configuration: Configuration

    @property
    def lifetime(self) -> float:
        """Seconds until an event is outdated."""
        return self.settings.delivery.message_hours * 3600
