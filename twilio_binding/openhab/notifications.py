"""Notifications of openHAB Cloud, through the script inside openHAB."""

from __future__ import annotations

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.delivery.script_call import Line, signed_call
from twilio_binding.protocol.announcement import PATH
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.notifications import CODE, FEATURE, Notification
from twilio_binding.subscribers import Subscribers

_NO_SCRIPT = (
    "notifications need the script inside openHAB and the add-on openHAB Cloud Connector: "
    "run twilio-binding install, and install the add-on"
)
_NO_CONNECTOR = "openHAB has no openHAB Cloud Connector: install that add-on"
_OLD = "the script in openHAB is older than the service: run twilio-binding install"


class Notifications:
    """Sends notifications through the script. `changed` is notified when `hindrance` changed."""

    def __init__(self, script: ScriptClient, secret: str, line: Line) -> None:
        self._script = script
        self._secret = secret
        self._line = line
        self._last = _NO_SCRIPT
        self.changed: Subscribers[[]] = Subscribers()

    @property
    def hindrance(self) -> str:
        """Why notifications cannot be sent, according to the script's announcement; "" if they can."""
        features = self._script.features
        if features is None:
            return _NO_SCRIPT
        return "" if FEATURE in features else _NO_CONNECTOR

    def review(self) -> None:
        """Handle a new announcement of the script."""
        before, self._last = self._last, self.hindrance
        if before != self._last:
            self.changed.notify()

    def send(self, user: str, text: str) -> None:
        """Send a notification to a user of openHAB Cloud, "" for all. Raises `DependencyDownError`, or `Refusal` if it is invalid.

        A script without an announcement is also asked, because the broker may be down.
        """
        if self._script.features is not None and self.hindrance:
            raise Refusal(CODE, self.hindrance)
        try:
            signed_call(self._secret, self._line, PATH, "notify", Notification(text=text, user=user).encode())
        except DependencyDownError as error:
            raise DependencyDownError(self.hindrance or str(error)) from None
        except Refusal as refusal:
            raise Refusal(refusal.code, _OLD if refusal.code == "unknown_call" else refusal.message) from None
