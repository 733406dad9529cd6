"""The HTTP server that Twilio calls: it reads and verifies requests, calls use cases, and answers.

Parsing and verifying requests belongs here; the meaning of a webhook does not.
"""

from twilio_binding.webhooks.app import create_app
from twilio_binding.webhooks.probe import ProbeDesk
from twilio_binding.webhooks.use_cases import UseCases

__all__ = ["ProbeDesk", "UseCases", "create_app"]
