"""How far openHAB, and the script inside it, are after a start."""

from __future__ import annotations

import json

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.locale import Locale
from twilio_binding.openhab.rest import RestClient

_RULE_ENGINE = 50
"""The start level from which rules with triggers run."""
_LONG_START = 300
"""Seconds after which a start level that does not rise is no longer waited for."""
_SETTLED = 30.0
"""Seconds after the first word of the script by which openHAB has all things: those of its files come with the script."""


class OpenHABStart:
    """Tracks openHAB's starts. `expected` remembers whether openHAB had the script; `locale` is read again after each start."""

    topic = "openhab/system/startlevel"

    def __init__(
        self, requests: OpenHABRequests, script: ScriptClient, expected: ExpectedScript, locale: Locale
    ) -> None:
        self._requests = requests
        self._rest = RestClient(requests)
        self._script = script
        self._expected = expected
        self._has_failed = self._is_young = self._waits_for_rules = False
        self.locale = locale

    @property
    def has_started(self) -> bool:
        """Whether openHAB was still starting when the connection was opened, as far as is known now."""
        return self._expected.saw_start or (self._has_failed and self._is_young)

    def opened(self) -> None:
        """There is a connection: perhaps to another openHAB than before."""
        self._has_failed = False
        self._script.doubt()
        self.locale.doubt()
        self._expected.openhab_opened()

    def follow(self, _topic: str, payload: str) -> bool:
        """Take over an event about the start level; returns whether rules run now that were waited for."""
        level = json.loads(payload).get("startlevel")
        return self._waits_for_rules and isinstance(level, int) and level >= _RULE_ENGINE

    def failed(self) -> None:
        """Note that openHAB failed although it is connected: it may be starting, unless it has been running for long."""
        self._has_failed = True

    def lost(self) -> None:
        """The connection broke off."""
        self._expected.openhab_lost()

    def script_left(self) -> None:
        """The script said goodbye."""
        self._expected.left()

    def check(self) -> None:
        """Raise `DependencyDownError` until openHAB's rules listen, and the script is there if it was there before."""
        seconds = self._uptime()
        self._is_young = seconds is not None and seconds <= _LONG_START
        # Without reason it is not asked: openHAB logs a warning for an address that it does not have.
        if self._has_answered_for(0) or (self._expected.is_expected and self._script.ask(self._requests)):
            self._expected.came()
        elif self._expected.is_worth_waiting(seconds):
            raise DependencyDownError("openHAB has started, but the script in it has not yet")

    def look_at_script(self) -> None:
        """Note a script that came or went while openHAB keeps running."""
        if self._has_answered_for(0):
            self._expected.came()
        self._expected.note_removed()

    def has_all_things(self) -> bool:
        """Whether openHAB's list of things is complete: the script has been running for a while."""
        return self._has_answered_for(_SETTLED)

    def _has_answered_for(self, seconds: float) -> bool:
        return self._script.has_answered_for(seconds, self._requests)

    def _uptime(self) -> int | None:
        """How long openHAB has run, in seconds; None when it does not say.

        Raises `DependencyDownError` until its rules listen: the relay rule can run seconds before they do.
        """
        self._waits_for_rules = True  # an event may come before the answer is read
        system = self._rest.system()
        level, seconds = system.get("startLevel"), system.get("uptime")
        seconds = seconds if isinstance(seconds, int) else None
        if isinstance(level, int) and level < _RULE_ENGINE and not (seconds is not None and seconds > _LONG_START):
            self._expected.openhab_starts()
            raise DependencyDownError(f"openHAB is starting (start level {level})")
        self._waits_for_rules = False
        return seconds
