"""Keeps the relay rule in openHAB, and delivers events through it.

The rule sets the items' states and fires the triggers: REST has no call for a trigger, and none that returns when an item
has its state.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.confirmations import Confirmations, Refused
from twilio_binding.openhab.delivery.relay_text import Firing, rule, run_text, script_of
from twilio_binding.openhab.registries.rules import RULE_UID
from twilio_binding.openhab.rest import RestClient
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_PROBES = 3
"""How often in a row the rule may not answer before openHAB is taken to not understand it."""


class RelayRule:
    """Runs the rule, one run at a time. `doubted` is told why a run failed: the rule has to be looked at again."""

    def __init__(self, rest: RestClient, secret: str) -> None:
        self._rest = rest
        self._secret = secret
        self.confirmations = Confirmations()
        self.doubted: Subscribers[[str]] = Subscribers()
        self._running = threading.Lock()
        self._checked = threading.Event()
        self._misses = 0
        self._is_proved = False
        self.sets_states = True
        """Whether the rule sets items; if not, their states are put over REST."""

    def ensure(self) -> None:
        """Create or update the rule and see that it runs; raises `DependencyDownError` until it does."""
        self._checked.clear()
        status = self._stored().get("status") or {}
        if status.get("statusDetail") == "DISABLED":
            raise DependencyDownError(f"the rule {RULE_UID} is disabled in openHAB; enable it there")
        if status.get("status") not in ("IDLE", "RUNNING"):
            raise DependencyDownError(f"the rule {RULE_UID} is not ready yet ({status.get('status', 'missing')})")
        self._probe()
        self._checked.set()

    def _stored(self) -> dict[str, Any]:
        """The rule as openHAB has it, after it was created or brought up to date."""
        wanted = rule(self._secret, sets_states=self.sets_states)
        found = self._rest.rule(RULE_UID)
        if found is not None and script_of(found) == script_of(wanted):
            return found
        if found is None:
            self._rest.create_rule(wanted)
        else:
            self._rest.replace_rule(wanted)
        return self._rest.rule(RULE_UID) or {}

    @property
    def is_ready(self) -> bool:
        """Whether the rule could run when last looked at."""
        return self._checked.is_set()

    def lose(self) -> None:
        """The connection is gone: another openHAB may be there next, and the rule must be looked at again."""
        self._checked.clear()
        self._misses, self._is_proved, self.sets_states = 0, False, True

    def fire(self, firings: Sequence[Firing]) -> Refused:
        """Deliver events in order; returns when all are confirmed, else raises `DependencyDownError`.

        Then the same events may be given again: each takes effect once. Returns why items did not take their state.
        """
        if not self._checked.is_set():
            raise DependencyDownError(f"the rule {RULE_UID} is not ready")
        try:
            return self._run(firings)
        except DependencyDownError as error:
            # Whatever it was, the rule may be the cause: it is looked at before the next try.
            self._checked.clear()
            self.doubted.notify(str(error))
            raise

    def _probe(self) -> None:
        """Run the rule with an event that does nothing: only what it confirms has been understood and is heard."""
        try:
            self._run([Firing(id=f"{self._secret[:8]}-probe", thing="")])
        except DependencyDownError:
            self._misses += 1
            if self._misses >= _PROBES and not self._is_proved:
                self._misses, self.sets_states = 0, not self.sets_states
                _log.warning("openhab.relay_silent", sets_states=self.sets_states)
            raise
        self._misses, self._is_proved = 0, True

    def _run(self, firings: Sequence[Firing]) -> Refused:
        with self.confirmations.expected(firings) as confirmation:
            try:
                with self._running:
                    self._rest.run_rule(RULE_UID, run_text(self._secret, firings))
            except (DependencyDownError, OpenHABRefusedError) as error:
                # A proxy may refuse in words like openHAB's; openHAB itself refuses no run.
                if not confirmation.came_unanswered():
                    raise DependencyDownError(str(error)) from None
            confirmation.wait()
        return confirmation.refused
