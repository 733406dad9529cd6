"""The webhooks of a running stand-in: those it sent, and more of them."""

from __future__ import annotations

from typing import cast

from twilio_binding.sandbox.twilio.connection import JSON, ControlConnection
from twilio_binding.sandbox.twilio.signing import Form


class TwilioWebhooks:
    """Sends webhooks of any kind to the service, which `base_url` names."""

    def __init__(self, connection: ControlConnection, base_url: str) -> None:
        self._connection = connection
        self._base_url = base_url

    def sent(self, since: int = 0) -> list[JSON]:
        """The latest webhooks after number `since` with their answers, oldest first."""
        return self._connection.get_list(f"webhooks?since={since}")

    def post(
        self, url: str, form: Form, *, method: str = "POST", token: str | None = None, auth_token: str | None = None
    ) -> JSON:
        """Any webhook; a wrong `auth_token` forges it, and with "" it has no signature."""
        return self._connection.post(
            "post", {"url": url, "form": form, "method": method, "token": token, "auth_token": auth_token}
        )

    def forge(self, endpoint: str, form: Form) -> JSON:
        """A webhook that somebody else signed."""
        return self.post(f"{self._base_url}/{endpoint}", form, auth_token="not the token")

    def redeliver(self, n: int) -> JSON:
        """Deliver webhook number `n` again, with its token."""
        return self.redeliver_at_once(n, 1)[0]

    def redeliver_at_once(self, n: int, copies: int) -> list[JSON]:
        """Webhook number `n` several times at the same moment."""
        return cast("list[JSON]", self._connection.post(f"redeliver/{n}", {"copies": copies})["copies"])

    def redeliver_out_of_order(self, *ns: int) -> list[JSON]:
        """Deliver webhooks again, the latest first."""
        return [self.redeliver(n) for n in sorted(ns, reverse=True)]
