"""The errors that the package raises on purpose, and the one that is an answer."""

from __future__ import annotations


class TwilioBindingError(Exception):
    """Something is wrong that we know of. The text says what to do about it, and contains no secret.

    `code` is stable; `retryable` says whether the same may succeed later; `http_status` is for web requests.
    """

    code: str = "error"
    retryable: bool = False
    http_status: int | None = None


class Refusal(Exception):  # noqa: N818 - it is the word of the protocol, and not every refusal is an error of ours
    """A request that is answered with an error instead of being carried out.

    `code` is stable and machine readable; `retryable` says whether the same may succeed later, `retry_at` from when
    on (seconds since the epoch, 0 when that is not known).
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False, retry_at: float = 0.0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.retry_at = retry_at
