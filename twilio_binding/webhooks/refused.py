"""A request that is refused."""

from __future__ import annotations

from twilio_binding.protocol.errors import TwilioBindingError


class RefusedError(TwilioBindingError):
    """Refused with an HTTP status and a short reason for the caller."""

    code = "refused"

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.http_status = status
