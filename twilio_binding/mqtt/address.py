"""The address of the broker in settings and programs."""

from __future__ import annotations

from twilio_binding.protocol.broker_url import BrokerAddress, BrokerURLError, read_broker_url
from twilio_binding.protocol.errors import TwilioBindingError


class BadBrokerURLError(TwilioBindingError):
    """The URL of the broker cannot be used."""

    code = "bad_broker_url"


def parse_broker_url(url: str) -> BrokerAddress:
    """Read `mqtt[s]://[user:password@]host[:port]`; raises `BadBrokerURLError`."""
    try:
        return read_broker_url(url)
    except BrokerURLError as error:
        raise BadBrokerURLError(error.told("mqtt.url")) from None
