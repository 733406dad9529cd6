"""What the service reports about the things, and what the things show without a report."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

from twilio_binding.protocol.values import dataclass, field

_SETTABLE = ("UNKNOWN", "ONLINE", "OFFLINE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Status, detail and text of a thing; `properties` is None while they are unknown."""

    status: str = "UNKNOWN"
    detail: str = "NONE"
    text: str = ""
    properties: Mapping[str, str] | None = field(default=None)


class Mirror:
    """Remembers the service's last report about each thing. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hindrance = "Not connected to the MQTT broker yet"
        self._online: bool | None = None
        self._things: dict[str, Seen] = {}

    def hinder(self, reason: str) -> None:
        """Note why the service cannot be reached; "" when it can."""
        with self._lock:
            self._hindrance = reason
            if reason:
                self._online = None

    def service(self, payload: str) -> None:
        """The service's status: `online` or `offline`."""
        with self._lock:
            self._online = payload == "online"

    def things(self, payload: str) -> None:
        """Take over the service's list of things; if it cannot be read, the last one stays in use."""
        try:
            entries = json.loads(payload or "[]")
            things = {str(entry["uid"]): _seen(entry) for entry in entries}
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        with self._lock:
            self._things = things

    def account(self, uid: str) -> Seen:
        """The status of an account."""
        with self._lock:
            if self._hindrance:
                return Seen(status="OFFLINE", detail="COMMUNICATION_ERROR", text=self._hindrance)
            if not self._online:
                text = "The Twilio service is not running, or not connected to the MQTT broker"
                return Seen(status="OFFLINE", detail="COMMUNICATION_ERROR", text=text)
            return self._things.get(uid, Seen())

    def bridged(self, uid: str, account: Seen) -> Seen:
        """The status of a thing whose account has the status `account`."""
        with self._lock:
            seen = self._things.get(uid, Seen())
        if account.status == "ONLINE" or (account.status == "OFFLINE" and seen.detail == "CONFIGURATION_ERROR"):
            return seen
        if account.status == "OFFLINE":
            return Seen(status="OFFLINE", detail="BRIDGE_OFFLINE", properties=seen.properties)
        return Seen(properties=seen.properties)


def blank(configuration: Mapping[str, object], required: Mapping[str, str]) -> Seen | None:
    """The error of the first required parameter without a value; `required` has names and status texts."""
    for name, text in required.items():
        if not str(configuration.get(name) or "").strip():
            return Seen(status="OFFLINE", detail="CONFIGURATION_ERROR", text=text)
    return None


def _seen(entry: Mapping[str, object]) -> Seen:
    status, properties = str(entry.get("status")), entry.get("properties")
    if status not in _SETTABLE:
        # A binding may not set other details; and the account shows the reason.
        return Seen()
    return Seen(
        status=status,
        detail=str(entry.get("statusDetail", "NONE")),
        text=str(entry.get("description") or ""),
        properties={str(name): str(url) for name, url in properties.items()} if isinstance(properties, dict) else None,
    )
