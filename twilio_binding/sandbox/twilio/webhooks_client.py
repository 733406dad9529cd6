"""The webhooks of a running stand-in: read those that it sent, and send more."""

from __future__ import annotations

from typing import cast

from twilio_binding.sandbox.twilio.connection import JSON, ControlConnection
from twilio_binding.sandbox.twilio.signing import Form


class TwilioWebhooks:
    """Reads and sends webhooks. `base_url` is the URL of a phone at the service."""

    def __init__(self, connection: ControlConnection, base_url: str) -> None:
        self._connection = connection
        self._base_url = base_url

    def sent(self, since: int = 0) -> list[JSON]:
        """The latest webhooks after number `since`, with their answers, oldest first."""
        return self._connection.get_list(f"webhooks?since={since}")

    def post(
        self, url: str, form: Form, *, method: str = "POST", token: str | None = None, auth_token: str | None = None
    ) -> JSON:
        """Send any webhook. The signature is made with `auth_token`; "" sends none."""
        return self._connection.post(
            "post", {"url": url, "form": form, "method": method, "token": token, "auth_token": auth_token}
        )

    def forge(self, endpoint: str, form: Form) -> JSON:
        """Send a webhook with a wrong signature."""
        return self.post(f"{self._base_url}/{endpoint}", form, auth_token="not the token")

    def redeliver(self, n: int) -> JSON:
        """Deliver webhook number `n` again, with its token."""
        return self.redeliver_at_once(n, 1)[0]

    def redeliver_at_once(self, n: int, copies: int) -> list[JSON]:
        """Deliver webhook number `n` several times at the same moment, with its token."""
        return cast("list[JSON]", self._connection.post(f"redeliver/{n}", {"copies": copies})["copies"])

    def redeliver_out_of_order(self, *ns: int) -> list[JSON]:
        """Deliver these webhooks again, the latest first."""
        return [self.redeliver(n) for n in sorted(ns, reverse=True)]
