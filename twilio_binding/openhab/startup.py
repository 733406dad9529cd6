"""The progress of a start of openHAB and of the script inside it."""

from __future__ import annotations

import json

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.expected_script import ExpectedScript
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.locale import Locale
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.runs import RunsOfOpenHAB

_RULE_ENGINE = 50
"""The start level from which rules with triggers run."""
_LONG_START = 300
"""Seconds to wait for a start level that does not rise."""
_SETTLED = 30.0
"""Seconds after the script's first message until openHAB has all things: those in files appear with the script."""


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
        self.runs = RunsOfOpenHAB()
        self.locale = locale

    @property
    def has_started(self) -> bool:
        """Whether openHAB was still starting when the connection was opened, as far as is known now."""
        return self._expected.saw_start or (self._has_failed and self._is_young)

    def opened(self) -> None:
        """Handle a connection, perhaps to another openHAB."""
        self._has_failed = False
        self.runs.opened()
        self._script.doubt()
        self.locale.doubt()
        self._expected.openhab_opened()

    def follow(self, _topic: str, payload: str) -> bool:
        """Handle an event of the start level; returns whether the awaited rules run now."""
        level = json.loads(payload).get("startlevel")
        return self._waits_for_rules and isinstance(level, int) and level >= _RULE_ENGINE

    def failed(self) -> None:
        """Note that openHAB failed although it is connected: it may be starting, unless it has been running for long."""
        self._has_failed = True

    def lost(self) -> None:
        """Handle a lost connection."""
        self.runs.lost()
        self._expected.openhab_lost()

    def script_left(self) -> None:
        """Handle that the script has announced its end."""
        self._expected.left()

    def check(self) -> None:
        """Raise `DependencyDownError` until openHAB's rules listen, and the script is back if it was there before."""
        seconds = self._uptime()
        self._is_young = self.runs.is_young(seconds)
        self.runs.judge(seconds, saw_start=self._expected.saw_start)
        # Not asked without a reason, because openHAB logs a warning for an unknown address.
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
        """The uptime of openHAB in seconds; None if it does not report it.

        Raises `DependencyDownError` until its rules listen: the relay rule can run seconds before they do.
        """
        self._waits_for_rules = True  # an event may arrive before the answer is read
        system = self._rest.system()
        level, seconds = system.get("startLevel"), system.get("uptime")
        seconds = seconds if isinstance(seconds, int) else None
        if isinstance(level, int) and level < _RULE_ENGINE and not (seconds is not None and seconds > _LONG_START):
            self._expected.openhab_starts()
            raise DependencyDownError(f"openHAB is starting (start level {level})")
        self._waits_for_rules = False
        return seconds
