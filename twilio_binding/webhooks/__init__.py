"""The HTTP server that Twilio calls: it reads and verifies a request, lets a use case work, and answers.

What Twilio may send comes in here; what follows from it does not.
"""

from twilio_binding.webhooks.app import create_app
from twilio_binding.webhooks.probe import ProbeDesk
from twilio_binding.webhooks.use_cases import UseCases

__all__ = ["ProbeDesk", "UseCases", "create_app"]
