"""The control API as methods. The caller need not be patched by gevent."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from twilio_binding.sandbox.twilio.connection import JSON, ControlConnection
from twilio_binding.sandbox.twilio.console_client import TwilioConsole
from twilio_binding.sandbox.twilio.options import TwilioOptions
from twilio_binding.sandbox.twilio.webhooks_client import TwilioWebhooks

_SOMEBODY = "+15559876543"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """The course of a call: what was said, each request with its answer, and how it ended. The fields are those of `Walk`."""

    sid: str
    status: str
    said: list[str]
    played: list[str] = field(default_factory=list)
    requests: list[JSON] = field(default_factory=list)
    warnings: list[int] = field(default_factory=list)
    error: int = 0
    reason: str = ""
    ended: str = ""
    ms: float = 0.0


class TwilioControl:
    """Controls a running stand-in. Methods raise `requests.HTTPError` if it refuses the call.

    `options` are the options of the stand-in; by default, they are read from it. `webhooks` reads and sends webhooks.
    `console` does what people do in the Twilio Console.
    """

    def __init__(self, url: str, options: TwilioOptions | None = None) -> None:
        self.url = url
        self.connection = ControlConnection(url)
        if options is None:
            told = self.connection.get("options")
            self.connection.url, options = told["control"], TwilioOptions(**told["options"])
        self.options = options
        self.webhooks = TwilioWebhooks(self.connection, options.base_url)
        self.console = TwilioConsole(self.connection, options.number)

    def close(self) -> None:
        """Close the connection to the stand-in."""
        self.connection.close()

    def receive_sms(
        self,
        body: str = "",
        *,
        sender: str = _SOMEBODY,
        to: str = "",
        media: Sequence[tuple[str | bytes, str]] = (),
        extra: Mapping[str, str] | None = None,
        token: str | None = None,
        copies: int = 1,
    ) -> JSON:
        """Simulate an incoming message. Returns the webhook, its answer, and the SIDs of `replies` or the code of a `problem`.

        `media` are URLs or bytes, each with its content type; the stand-in serves the bytes. Several `copies` are sent
        at the same moment. `token` replaces the idempotency token; "" sends none.
        """
        given: JSON = {"from": sender, "to": to or self.options.number, "body": body, "extra": dict(extra or {})}
        given |= {"token": token, "copies": copies}
        given["media"] = [(source, kind) for source, kind in media if isinstance(source, str)]
        given["files"] = [
            (base64.b64encode(source).decode(), kind) for source, kind in media if isinstance(source, bytes)
        ]
        return self.connection.post("receive", given)

    def receive_whatsapp(self, body: str = "", *, sender: str = _SOMEBODY, to: str = "", **more: Any) -> JSON:  # noqa: ANN401
        """Simulate an incoming WhatsApp message. The prefix `whatsapp:` is added to the numbers."""
        to = to or self.options.number
        return self.receive_sms(body, sender=_whatsapp(sender), to=_whatsapp(to), **more)

    def call(
        self,
        script: Sequence[str] = (),
        *,
        caller: str = _SOMEBODY,
        to: str = "",
        hang_up_after: float | None = None,
    ) -> CallReport:
        """Simulate an incoming call. `script` has the keys or words for each Gather. Returns at the end of the call."""
        given = {"from": caller, "to": to or self.options.number, "script": list(script)}
        return CallReport(**self.connection.post("call", given | {"hang_up_after": hang_up_after}))

    def messages(self, latest: int = 10_000) -> list[JSON]:
        """The latest messages, oldest first."""
        return self.connection.get_list(f"messages?latest={latest}")

    def calls(self, latest: int = 10_000) -> list[JSON]:
        """The latest calls, oldest first. An outgoing call has its course in `walk`."""
        return self.connection.get_list(f"calls?latest={latest}")

    def contact(self, to: str, *, script: Sequence[str] = (), status: str = "completed", answered_by: str = "") -> None:
        """Set how a called person behaves: keys or words for each Gather, end of the call, result of machine detection."""
        self.connection.post(
            f"contacts/{quote(to)}", {"script": list(script), "status": status, "answered_by": answered_by}
        )

    def failing(self, to: str, status: str, code: int) -> None:
        """Let messages to a number end with the status `failed` or `undelivered`, and this error code."""
        self.connection.post(f"failing/{quote(to)}", {"status": status, "code": code})

    def configure(self, **settings: object) -> None:
        """Change the behavior: the fields of `options.Conduct`."""
        self.connection.post("configure", settings)

    def reset(self) -> None:
        """Delete everything except the account, `deliver_to`, and the number in the options."""
        self.connection.post("reset", {})


def _whatsapp(number: str) -> str:
    return number if number.startswith("whatsapp:") else f"whatsapp:{number}"
