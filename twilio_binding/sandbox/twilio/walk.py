"""The course of a call."""

from __future__ import annotations

from dataclasses import dataclass, field

from twilio_binding.sandbox.twilio.webhooks import WebhookExchange


@dataclass(slots=True)
class Walk:
    """Everything said, played and requested, and how the call ended.

    `ended` is `completed`, `rejected`, `hung up` or `application error`. In the last case, `error` is Twilio's code, and
    `reason` says what is wrong. `warnings` are the codes that Twilio's debugger would show while the call continues.
    """

    said: list[str] = field(default_factory=list)
    played: list[str] = field(default_factory=list)
    requests: list[WebhookExchange] = field(default_factory=list)
    warnings: list[int] = field(default_factory=list)
    error: int = 0
    reason: str = ""
    ended: str = "completed"

    def fail(self, code: int, reason: str) -> None:
        """Note an application error, with Twilio's code."""
        self.ended, self.error, self.reason = "application error", code, reason

    def shown(self) -> dict[str, object]:
        """The course as the control API shows it."""
        return {
            "said": list(self.said),
            "played": list(self.played),
            "requests": [exchange.shown() for exchange in self.requests],
            "warnings": list(self.warnings),
            "error": self.error,
            "reason": self.reason,
            "ended": self.ended,
        }
