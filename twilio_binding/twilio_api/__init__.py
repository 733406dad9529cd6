"""Twilio's REST API."""

from twilio_binding.twilio_api.gateway import TwilioGateway

__all__ = ["TwilioGateway"]
