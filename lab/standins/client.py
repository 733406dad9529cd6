"""Stand-ins with faults in child processes, with the control API for faults as methods."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.sandbox import openhab, twilio
from twilio_binding.sandbox.twilio.connection import ControlConnection


class OpenHABFaults:
    """Faults of a running openHAB stand-in; `control` calls its control API."""

    def __init__(self, control: Callable[..., object]) -> None:
        self._control = control

    def set(self, kind: str, **settings: object) -> int:
        """Set a fault (see `faults.Fault` for the settings); returns its number."""
        found = self._control("POST", "faults", {"kind": kind, **settings})
        return int(found["id"]) if isinstance(found, dict) else 0

    def hits(self, identity: int) -> int:
        """How often a fault has occurred."""
        found = self._control("GET", "faults")
        return sum(int(each["hits"]) for each in found if each["id"] == identity) if isinstance(found, list) else 0

    def remove(self, identity: int) -> None:
        """Remove one fault."""
        self._control("DELETE", f"faults/{identity}")

    def clear(self) -> None:
        """Remove all faults."""
        self._control("DELETE", "faults")

    def drop_streams(self, *, mid_frame: bool = False) -> int:
        """End all SSE streams, on request in the middle of a frame; returns their number."""
        found = self._control("POST", "sse/drop", {"mid_frame": mid_frame})
        return found if isinstance(found, int) else 0

    def down(self, seconds: float = 0) -> None:
        """Refuse connections, for some seconds or until `up`."""
        self._control("POST", "down", {"seconds": seconds})

    def up(self) -> None:
        """Accept connections again."""
        self._control("POST", "up")


class OpenHABStandIn(openhab.OpenHABStandIn):
    """A stand-in for openHAB with faults on demand."""

    module = "lab.standins"

    def __init__(self, options: openhab.OpenHABOptions) -> None:
        super().__init__(options)
        self.faults = OpenHABFaults(self.control)


class TwilioFaults:
    """Faults of the REST API of a running Twilio stand-in."""

    def __init__(self, connection: ControlConnection) -> None:
        self._connection = connection

    def set(self, kind: str, **settings: object) -> None:
        """Set a fault: a name of `twilio_faults.NAMED`, or `status`, `slow`, `hang` or `cut`.

        Settings are those of `faults.Fault`: `path`, `method`, `count`, `skip`, `effect` and so on.
        """
        self._connection.post("faults", {"kind": kind, **settings})

    def clear(self) -> None:
        """Remove all faults."""
        self._connection.delete("faults")

    def down(self) -> None:
        """Refuse connections to the REST API, and cut those that are open."""
        self._connection.post("down", {})

    def up(self) -> None:
        """Accept connections again."""
        self._connection.post("up", {})


class TwilioStandIn(twilio.TwilioStandIn):
    """A stand-in for Twilio with faults on demand."""

    module = "lab.standins"

    def __init__(self, options: twilio.TwilioOptions) -> None:
        super().__init__(options)
        self.faults = TwilioFaults(self.connection)
