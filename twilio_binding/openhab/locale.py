"""The language of openHAB."""

from __future__ import annotations

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.rest import RestClient

_log = structlog.get_logger(__name__)


class Locale:
    """The language that is set in openHAB, such as en or de-DE; "" until it is known, and as it was last while openHAB is down.

    Asking for `language` never waits: webhooks are answered in it. `look` reads it.
    """

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._is_current = False
        self.language = ""

    def doubt(self) -> None:
        """Another openHAB may be there, or another language may be set: the next look reads it."""
        self._is_current = False

    def look(self) -> None:
        """Read it from openHAB, unless that was done; where it fails, the next look tries again."""
        if self._is_current:
            return
        try:
            self.language = str(self._rest.root().get("locale") or "").replace("_", "-")
            self._is_current = True
        except (DependencyDownError, OpenHABRefusedError) as error:
            _log.debug("openhab.language_unknown", reason=str(error))
