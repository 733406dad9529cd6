"""The numbers of the accounts, for the console."""

from __future__ import annotations

from twilio_binding.accounts.discovery import Discovery, Inbox
from twilio_binding.accounts.number_webhooks import ConfigureNumber, NumberWebhooks
from twilio_binding.model.things import ThingsSource


class NumberOverview:
    """Reads numbers; nothing is changed."""

    def __init__(self, things: ThingsSource, numbers: ConfigureNumber, discovery: Discovery) -> None:
        self._things = things
        self._numbers = numbers
        self._discovery = discovery

    def webhooks(self, thing: str) -> NumberWebhooks:
        """The current webhooks of a phone's number at Twilio; raises `TwilioBindingError`."""
        things = self._things.current()
        phone = things.phone(thing)
        return self._numbers.look(things.account_of(phone), phone)

    def inbox(self) -> Inbox:
        """The numbers that are not things yet, as they were found last."""
        return self._discovery.inbox
