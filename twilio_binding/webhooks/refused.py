"""A request that is refused."""

from __future__ import annotations

from twilio_binding.protocol.errors import TwilioBindingError


class RefusedError(TwilioBindingError):
    """Refused with an HTTP status and a short text that tells the caller why, and nothing else."""

    code = "refused"

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.http_status = status
