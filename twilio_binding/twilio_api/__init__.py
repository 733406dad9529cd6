"""Twilio's REST API."""

from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.gateway import TwilioGateway
from twilio_binding.twilio_api.numbers import TwilioNumbers

__all__ = ["Clients", "TwilioGateway", "TwilioNumbers"]
