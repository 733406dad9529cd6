"""Errors of the set-up."""

from __future__ import annotations

from twilio_binding.protocol.errors import TwilioBindingError


class SetupError(TwilioBindingError):
    """A step of the set-up failed; the text says which, why, and what to do."""

    code = "setup"
