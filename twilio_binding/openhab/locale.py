"""The language of openHAB."""

from __future__ import annotations

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.status import ConnectionStatus


class Locale:
    """Reads the language that is set in openHAB, when somebody first wants to know it."""

    def __init__(self, rest: RestClient, status: ConnectionStatus) -> None:
        self._rest = rest
        self._status = status
        self._known = ""
        self._last = ""

    @property
    def known(self) -> str:
        """The language as it was known last, without asking; "" for not yet."""
        return self._known or self._last

    def learn(self) -> None:
        """Ask for it, unless it is known."""
        self._last = self.language or self._last

    @property
    def language(self) -> str:
        """The language, such as en or de-DE; what was known last while openHAB is down, "" for nothing."""
        if not self._known and self._status.state.is_connected:
            try:
                self._known = str(self._rest.root().get("locale") or "").replace("_", "-")
            except (DependencyDownError, OpenHABRefusedError):
                return ""
        return self._known

    def forget(self) -> None:
        """Another openHAB may be there, or another language may be set."""
        if self._status.state.is_connected:
            self._known = ""
