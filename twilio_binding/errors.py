"""The errors that several packages share."""

from __future__ import annotations

from twilio_binding.protocol.errors import Refusal, TwilioBindingError


class DependencyDownError(TwilioBindingError):
    """A dependency is down or not ready yet; the work is done later."""

    code = "dependency_down"
    retryable = True


_OF_ACCOUNT = ("twilio.20003", "twilio.20404")
"""Codes for a wrong Account SID or Auth Token."""


class TwilioError(TwilioBindingError):
    """Twilio refused the request, or could not be reached: nothing was sent.

    `inactive`: the account is suspended or closed. `forbidden`: the credentials are valid, but do not permit this.
    `retry_after` is the time in seconds that Twilio asks us to wait, 0 if it names none.
    """

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, inactive: bool = False, forbidden: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.inactive = inactive
        self.forbidden = forbidden
        self.retry_after = 0.0

    @property
    def concerns_account(self) -> bool:
        """Whether the account or the connection to Twilio is at fault, and not the request; it may work again at any time."""
        return self.inactive or self.code in _OF_ACCOUNT or self.code.startswith("twilio.http_")

    @property
    def is_too_many(self) -> bool:
        """Whether Twilio only limits the rate of requests."""
        return self.code in ("twilio.20429", "twilio.429")


class OutcomeUnknownError(TwilioBindingError):
    """The request was sent, but no answer came: Twilio may or may not have carried it out."""

    code = "unknown"
    retryable = True


def id_reused() -> Refusal:
    """The error for a request with the id of another one."""
    return Refusal("id_reused", "another request has already used this id; use a new id for each request")
