"""The language of openHAB."""

from __future__ import annotations

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.rest import RestClient

_log = structlog.get_logger(__name__)


class Locale:
    """The language that is set in openHAB, such as en or de-DE; "" until it is known.

    While openHAB is down, the last known language applies. `language` never waits, because webhooks need it; `look`
    reads it from openHAB.
    """

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._is_current = False
        self.language = ""

    def doubt(self) -> None:
        """Read the language again with the next look: it may be another openHAB, or another language may be set."""
        self._is_current = False

    def look(self) -> None:
        """Read the language from openHAB unless it is known; after a failure, the next look tries again."""
        if self._is_current:
            return
        try:
            self.language = str(self._rest.root().get("locale") or "").replace("_", "-")
            self._is_current = True
        except (DependencyDownError, OpenHABRefusedError) as error:
            _log.debug("openhab.language_unknown", reason=str(error))
