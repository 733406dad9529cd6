"""Where Twilio's webhooks come in: verify, hand to a flow, answer."""

from twilio_binding.webhooks.app import create_app
from twilio_binding.webhooks.ports import UseCases

__all__ = ["UseCases", "create_app"]
