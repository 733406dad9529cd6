"""The root of all errors that the package raises on purpose."""

from __future__ import annotations


class TwilioBindingError(Exception):
    """Something went wrong in a way we know; the text tells what to do, and holds no secret.

    `code` is stable, `retryable` says whether the same may succeed later, `http_status` is for web requests.
    """

    code: str = "error"
    retryable: bool = False
    http_status: int | None = None
