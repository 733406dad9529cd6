"""Errors of the set-up."""

from __future__ import annotations

from twilio_binding.protocol.errors import TwilioBindingError


class SetupError(TwilioBindingError):
    """A step of the set-up cannot be done; the text says which, why, and what helps."""

    code = "setup"
