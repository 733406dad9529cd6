"""Prepares openHAB for deliveries after it came up, and keeps it prepared."""

from __future__ import annotations

import threading

import structlog

from twilio_binding.clock import Backoff, left
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.relay_rule import RelayRule
from twilio_binding.openhab.delivery.restore import Restorer
from twilio_binding.openhab.link_check import LinkCheck
from twilio_binding.openhab.registries.current import Registries
from twilio_binding.openhab.startup import OpenHABStart
from twilio_binding.openhab.status import ConnectionStatus

_log = structlog.get_logger(__name__)

_POLL = 60.0
"""Seconds after which registries are read again, in case an event was lost."""
_GAP = 0.1
"""Minimum seconds between two reactions to new links."""
_PAUSES = (0.3, 0.5, 1.0, 2.0, 5.0)


class Preparation:
    """Reads the registries, restores states, waits for openHAB's start and ensures the relay rule; on its own thread."""

    def __init__(
        self,
        status: ConnectionStatus,
        registries: Registries,
        restorer: Restorer,
        startup: OpenHABStart,
        link_check: LinkCheck,
        *,
        relay_rule: RelayRule,
    ) -> None:
        self._status = status
        self._registries = registries
        self._restorer = restorer
        self._startup = startup
        self._link_check = link_check
        self._relay_rule = relay_rule
        self._backoff = Backoff(*_PAUSES)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="openhab-setup", daemon=True)

    def start(self) -> None:
        """Start; nothing is done before the connection is open."""
        self._thread.start()

    def stop(self) -> None:
        """Begin to stop; `join` waits for the end."""
        self._stopping.set()
        self._wake.set()

    def join(self, until: float) -> None:
        """Wait for the end, at most 2 s."""
        self._thread.join(left(until, 2))

    def wake(self) -> None:
        """Notify that there is something to do."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            is_idle = self._status.has_relay_rule or not self._status.state.is_connected
            self._wake.wait(self._backoff.pause or (_POLL if is_idle else 0.0))
            self._wake.clear()
            if not self._stopping.is_set() and self._status.state.is_connected:
                self._try()

    def _try(self) -> None:
        try:
            if self._status.has_relay_rule:
                self._catch_up()
            else:
                self._prepare()
            self._backoff.succeeded()
        except (DependencyDownError, OpenHABRefusedError) as error:
            self._backoff.failed()
            self._startup.failed()
            self._status.failed(str(error))
        except Exception:
            self._backoff.failed_unexpectedly()
            _log.exception("openhab.setup_failed")

    def _prepare(self) -> None:
        self._registries.read(has_all_things=self._startup.has_all_things)
        self._restorer.restore()
        self._startup.check()
        self._restorer.settle()
        self._link_check.check()
        self._status.prepared()
        # Before the relay rule, which may never run if the script delivers all events.
        self._startup.locale.look()
        self._relay_rule.ensure()
        self._status.relay_rule_ready()

    def _catch_up(self) -> None:
        self._startup.look_at_script()
        added = self._registries.links.take_added()
        self._restorer.try_again(added)
        self._registries.catch_up(has_links=bool(added), has_all_things=self._startup.has_all_things)
        self._link_check.check()
        self._startup.locale.look()
        if added:
            # When openHAB reads a file, thousands of links arrive one by one; react once for many of them.
            self._stopping.wait(_GAP)
