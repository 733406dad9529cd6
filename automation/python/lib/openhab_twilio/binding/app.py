"""The lifecycle of the script: it replaces an older copy, withdraws for the Java add-on, and stops when it is unloaded."""

from __future__ import annotations

import os
from collections.abc import Callable

from openhab_twilio.binding.offer import Offer
from openhab_twilio.binding.worker import Worker
from openhab_twilio.java.jvm import JavaObject, attempt, runnable, warning
from openhab_twilio.java.services import Services
from openhab_twilio.settings import ScriptSettings

ADD_ON = "org.openhab.binding.twilio"
_TEND = 10.0
"""Seconds between checks for changes in openHAB."""
_PATIENCE = 5.0
"""Seconds for which the start of the Java add-on waits for our withdrawal."""


class Binding:
    """The script as a whole. `start` returns immediately; `stop` leaves nothing behind."""

    def __init__(self, context: JavaObject, settings: ScriptSettings) -> None:
        self.instance = os.urandom(6).hex()
        self._services = Services(context)
        # Older copies look under this name, too.
        self._kept = self._services.kept("twilio.bridge")
        self._worker = Worker(self._tend, _TEND)
        self._offer = Offer(self._services, self._kept, settings, self.instance, self._worker.put)
        self._ignore_add_on: Callable[[], object] = lambda: None
        self._is_over = False

    def start(self) -> None:
        """Replace a running copy, and start."""
        before = self._kept.get("stop")
        if before is not None:
            attempt("stopping an older copy of the script", before.run)
        self._kept.put("stop", runnable(self.stop))
        self._kept.put("owner", self.instance)
        try:
            self._ignore_add_on = self._services.before_bundle(ADD_ON, self._add_on_begins)
            self._look_at_add_on()
        except BaseException:
            self.stop()
            raise
        self._worker.start()

    def stop(self) -> None:
        """Withdraw everything in reverse order; may be called more than once."""
        # A job of the worker that outlasts the wait for its end must not offer anything again.
        self._is_over = True
        if self._kept.remove("owner", self.instance):
            self._kept.remove("stop")
        attempt("ending to listen for the add-on", self._ignore_add_on)
        self._worker.stop()
        self._offer.stop(leave_actions=True)

    def _tend(self) -> None:
        self._look_at_add_on()
        if self._offer.is_active:
            self._offer.tend()

    def _add_on_begins(self) -> None:
        """Withdraw before the Java add-on starts, because openHAB does not hand over things that we still handle."""
        self._worker.finish(self._look_at_add_on, _PATIENCE)

    def _look_at_add_on(self) -> None:
        """Withdraw while the Java add-on is installed, and offer everything while it is not."""
        if self._is_over:
            return
        if not self._services.has_bundle(ADD_ON):
            self._offer.start()
            return
        if self._offer.is_active or not self._worker.has_started:
            warning("the Java Twilio add-on is installed: the script stays inactive until you remove the add-on")
        self._offer.stop()
