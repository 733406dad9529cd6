"""Notifies systemd that the service is ready, alive and stopping (`Type=notify`, `WatchdogSec`)."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping

import structlog

_log = structlog.get_logger(__name__)


class Supervisor:
    """The supervisor that started the process; nothing is sent unless `NOTIFY_SOCKET` names a socket.

    Watchdog messages come from an ordinary thread, so they stop when the process hangs.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._pause = _pause(environment)
        self._problem = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell_life, name="systemd-watchdog", daemon=True)

    def started(self) -> None:
        """Notify that the service is ready."""
        self._tell("READY=1")
        if self._address and self._pause:
            self._thread.start()

    def stopping(self) -> None:
        """Notify that the service is stopping. The watchdog still applies."""
        self._tell("STOPPING=1")

    def stopped(self) -> None:
        """End the watchdog messages."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join(5)

    def _tell_life(self) -> None:
        while not self._over.wait(self._pause):
            self._tell("WATCHDOG=1")

    def _tell(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to_systemd:
                to_systemd.settimeout(1)
                to_systemd.sendto(text.encode("ascii"), self._address)
            self._problem = ""
        except OSError as error:
            before, self._problem = self._problem, error.strerror or str(error)
            if self._problem != before:
                _log.warning("systemd.unreachable", reason=self._problem)


def _pause(environment: Mapping[str, str]) -> float:
    """Seconds between watchdog messages: half of systemd's limit; 0 if systemd wants none from this process."""
    within, process = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not within.isascii() or not within.isdigit() or process not in ("", str(os.getpid())):
        return 0
    return int(within) / 2e6
