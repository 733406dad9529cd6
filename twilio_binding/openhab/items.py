"""Items of openHAB: their states, and commands to them."""

from __future__ import annotations

from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.settings import OpenHABSettings

_TEXT = "text/plain"
_PATIENCE = 2.0
"""Seconds for one item."""


class OpenHABItems:
    """Raises `DependencyDownError` or `OpenHABRefusedError`."""

    def __init__(self, server: OpenHABSettings) -> None:
        self._requests = OpenHABRequests(server)

    def state(self, item: str) -> str:
        """The state of an item as text."""
        answer = self._requests.send("GET", f"/items/{item}/state", accept=_TEXT, timeout=_PATIENCE)
        return answer.checked().decode("utf-8", "replace")

    def send_command(self, item: str, command: str) -> None:
        """Send a command to an item."""
        self._requests.send("POST", f"/items/{item}", command, content_type=_TEXT, timeout=_PATIENCE).checked()
