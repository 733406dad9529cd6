"""Items of openHAB: their states, and commands to them."""

from __future__ import annotations

from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.rest import ITEM_SECONDS, TEXT, RestClient
from twilio_binding.settings import OpenHABSettings


class OpenHABItems:
    """Raises `DependencyDownError` or `OpenHABRefusedError`."""

    def __init__(self, server: OpenHABSettings) -> None:
        self._requests = OpenHABRequests(server)
        self.state = RestClient(self._requests).state

    def send_command(self, item: str, command: str) -> None:
        """Send a command to an item."""
        self._requests.send("POST", f"/items/{item}", command, content_type=TEXT, timeout=ITEM_SECONDS).checked()
