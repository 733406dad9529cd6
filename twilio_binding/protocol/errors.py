"""The base class of all errors that are raised on purpose, and the error that refuses a request."""

from __future__ import annotations


class TwilioBindingError(Exception):
    """An expected error. The text says what is wrong, where, and what to do; it contains no secret.

    `code` is stable and machine readable; `retryable` says whether the same may succeed later, `retry_at` from when on
    (seconds since the epoch, 0 when that is not known); `http_status` is for web requests.
    """

    code: str = "error"
    retryable: bool = False
    retry_at: float = 0.0
    http_status: int | None = None

    @property
    def message(self) -> str:
        """The text."""
        return str(self)


class Refusal(TwilioBindingError):  # noqa: N818 - the protocol's word for the error in a reply
    """A request that is answered with an error."""

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_at: float = 0.0) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
        self.retry_at = retry_at
