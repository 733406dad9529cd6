"""The status of a thing, with openHAB's names. The texts are written where the status is found out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Status, detail and text."""

    status: str = "UNKNOWN"
    detail: str = "NONE"
    text: str = ""

    @property
    def is_online(self) -> bool:
        """Whether the thing works."""
        return self.status == "ONLINE"


UNKNOWN = Status()
ONLINE = Status(status="ONLINE")
BRIDGE_OFFLINE = Status(status="OFFLINE", detail="BRIDGE_OFFLINE")


def online(text: str) -> Status:
    """Online, with a note."""
    return Status(status="ONLINE", text=text)


def misconfigured(text: str) -> Status:
    """Offline because of a configuration error."""
    return Status(status="OFFLINE", detail="CONFIGURATION_ERROR", text=text)


def unreached(text: str) -> Status:
    """Offline because of a communication error, which may pass."""
    return Status(status="OFFLINE", detail="COMMUNICATION_ERROR", text=text)


def without_bridge(text: str, *, bridge_exists: bool) -> Status:
    """Offline because the bridge is offline or not configured."""
    detail = "BRIDGE_OFFLINE" if bridge_exists else "BRIDGE_UNINITIALIZED"
    return Status(status="OFFLINE", detail=detail, text=text)
