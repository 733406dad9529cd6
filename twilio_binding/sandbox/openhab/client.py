"""A stand-in in a child process, with its control API as methods. The caller need not be patched by gevent."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from urllib.parse import quote, urlencode, urlsplit

from twilio_binding.sandbox.openhab.command import written
from twilio_binding.sandbox.openhab.options import OpenHABOptions
from twilio_binding.sandbox.process import StandInProcess

_TIMEOUT = 30.0


class OpenHABContents:
    """Changes that files, bindings and the script make in openHAB. `control` calls the control API."""

    def __init__(self, control: Callable[..., object]) -> None:
        self._control = control

    def put_rule(self, uid: str, definition: dict[str, object]) -> None:
        """Add a rule as if it came from a file."""
        self._control("PUT", f"rules/{quote(uid)}", definition)

    def put_thing(self, uid: str, definition: dict[str, object]) -> None:
        """Add a thing as if a binding handled it."""
        self._control("PUT", f"things/{quote(uid, safe='')}", definition)

    def put_thing_type(self, uid: str, definition: dict[str, object]) -> None:
        """Add a thing type as if its binding were installed."""
        self._control("PUT", f"thing-types/{quote(uid, safe='')}", definition)

    def remove_thing(self, uid: str) -> None:
        """Remove a thing."""
        self._control("DELETE", f"things/{quote(uid, safe='')}")

    def load_script(self, secret: str) -> None:
        """Load the script with this secret. It is not announced over MQTT."""
        self._control("PUT", "script", {"secret": secret})

    def notifications(self) -> list[dict[str, str]]:
        """The openHAB Cloud notifications that the script was asked to send: `text` and `user` of each."""
        found = self._control("GET", "notifications")
        return found if isinstance(found, list) else []

    def unload_script(self) -> None:
        """Remove the script."""
        self._control("DELETE", "script")


class OpenHABStandIn(StandInProcess):
    """An openHAB server for tests. It ends with `stop()`, at the end of the `with` block, or with this process."""

    module = "twilio_binding.sandbox"

    def __init__(self, options: OpenHABOptions) -> None:
        super().__init__("openhab", written(options), module=self.module)
        self.contents = OpenHABContents(self.control)

    def counts(self) -> dict[str, object]:
        """Counts of requests, states, triggers, events, streams and restarts, and the mode and start level."""
        found = self.control("GET", "counts")
        return found if isinstance(found, dict) else {}

    def triggers(self, *, since: int = 0, channel: str = "") -> list[dict[str, object]]:
        """Trigger events after number `since`, oldest first: channel, payload, n, at (monotonic seconds)."""
        query = {"since": str(since)} | ({"channel": channel} if channel else {})
        found = self.control("GET", f"triggers?{urlencode(query)}")
        return found if isinstance(found, list) else []

    def states(self, item: str) -> list[str]:
        """The states that the item was set to, oldest first."""
        return [str(change["state"]) for change in self.changes(item)]

    def changes(self, item: str) -> list[dict[str, object]]:
        """The states that the item was set to, oldest first: state, source, at (monotonic seconds)."""
        found = self.control("GET", f"states/{quote(item)}")
        return found if isinstance(found, list) else []

    def runs(self, uid: str) -> dict[str, int]:
        """The numbers of runs of a rule that were carried out, dropped because it was busy, and lost by a fault."""
        found = self.control("GET", f"rules/{quote(uid)}/runs")
        return found if isinstance(found, dict) else {}

    def restart(self, factor: float = 0.0, *, level: int = 100, until: float | None = None) -> None:
        """Restart openHAB. `factor` has the meaning of `startup_factor`; the start ends at level `level`.

        It pauses at second `until` of the recorded start, until `proceed`.
        """
        self.control("POST", "restart", {"factor": factor, "level": level} | _pause(until))

    def proceed(self, until: float | None = None) -> None:
        """Continue a paused start, to second `until` of the recorded start or to the end."""
        self.control("POST", "proceed", _pause(until))

    def reset(self) -> None:
        """Delete rules, things, states and histories."""
        self.control("POST", "reset")

    def trigger(self, channel: str, payload: str = "") -> None:
        """Fire a trigger channel from inside openHAB."""
        self.control("POST", "trigger", {"channel": channel, "payload": payload})

    def control(self, method: str, path: str, body: object = None) -> object:
        """Call the control API. Raises RuntimeError with the reason if it refuses the call."""
        connection = http.client.HTTPConnection(urlsplit(self.control_url).netloc, timeout=_TIMEOUT)
        try:
            connection.request(method, f"/sandbox/{path}", body=None if body is None else json.dumps(body))
            answer = connection.getresponse()
            found: object = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {found}")
        return found


def _pause(until: float | None) -> dict[str, float]:
    return {} if until is None else {"until": until}
