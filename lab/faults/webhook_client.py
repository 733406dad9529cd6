"""Signed webhooks over kept connections, like Twilio's."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from lab.faults.environment import TOKEN
from lab.faults.ledger import Told
from twilio_binding.sandbox.twilio.signing import sign

_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A webhook that can be sent any number of times."""

    told: Told
    url: str
    form: dict[str, str]
    token: str
    auth_token: str = TOKEN


class WebhookClient:
    """One connection to the service, reopened when it breaks."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def send(self, post: Post) -> tuple[int, str, float]:
        """Send the webhook once. Returns status (0 without an answer), answer, and seconds."""
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        headers["X-Twilio-Signature"] = sign(post.url, dict(post.form), post.auth_token)
        if post.token:
            headers["I-Twilio-Idempotency-Token"] = post.token
        began = time.monotonic()
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(self._host, timeout=_TIMEOUT)
            self._connection.request("POST", urlsplit(post.url).path, urlencode(post.form), headers)
            with self._connection.getresponse() as response:
                return response.status, response.read().decode(), time.monotonic() - began
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, "", time.monotonic() - began
