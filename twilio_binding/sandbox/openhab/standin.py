"""A stand-in in a child process, with its control API as methods; for tests and for unpatched programs."""

from __future__ import annotations

import http.client
import json
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode, urlsplit

from twilio_binding.sandbox.child import Child
from twilio_binding.sandbox.openhab.command import written
from twilio_binding.sandbox.openhab.options import Options

_TIMEOUT = 30.0


class OpenHABStandIn:
    """An openHAB server to test against. Ends with `stop()`, with the `with` block, or with this process."""

    def __init__(self, options: Options) -> None:
        self._child = Child("openhab", written(options))
        self.url = ""
        self.control_url = ""

    def start(self) -> Self:
        """Start the process; raises RuntimeError when it does not come up. `url` is known afterwards."""
        addresses = self._child.start()
        self.url, self.control_url = addresses["url"], addresses["control"]
        return self

    def stop(self) -> None:
        """End the process and wait for it."""
        self._child.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def counts(self) -> dict[str, object]:
        """How much of everything there was: requests, states, triggers, events, streams, restarts, mode, level."""
        found = self.control("GET", "counts")
        return found if isinstance(found, dict) else {}

    def triggers(self, *, since: int = 0, channel: str = "") -> list[dict[str, object]]:
        """Trigger events after number `since`: channel, payload, n, at (monotonic seconds)."""
        query = {"since": str(since)} | ({"channel": channel} if channel else {})
        found = self.control("GET", f"triggers?{urlencode(query)}")
        return found if isinstance(found, list) else []

    def states(self, item: str) -> list[str]:
        """The states that an item was given, oldest first."""
        return [str(change["state"]) for change in self.changes(item)]

    def changes(self, item: str) -> list[dict[str, object]]:
        """The states that an item was given: state, source, at (monotonic seconds)."""
        found = self.control("GET", f"states/{quote(item)}")
        return found if isinstance(found, list) else []

    def runs(self, uid: str) -> dict[str, int]:
        """How many runs of a rule were carried out, dropped because it was busy, or lost on demand."""
        found = self.control("GET", f"rules/{quote(uid)}/runs")
        return found if isinstance(found, dict) else {}

    def fault(self, kind: str, **settings: object) -> int:
        """Set a fault (see `faults.Fault` for the settings); its number."""
        found = self.control("POST", "faults", {"kind": kind, **settings})
        return int(found["id"]) if isinstance(found, dict) else 0

    def hits(self, identity: int) -> int:
        """How often a fault has struck."""
        found = self.control("GET", "faults")
        return sum(int(each["hits"]) for each in found if each["id"] == identity) if isinstance(found, list) else 0

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.control("DELETE", "faults")

    def drop_streams(self, *, mid_frame: bool = False) -> int:
        """End all SSE streams, on request in the middle of a frame; how many there were."""
        found = self.control("POST", "sse/drop", {"mid_frame": mid_frame})
        return found if isinstance(found, int) else 0

    def drop_connections(self) -> None:
        """Cut all open connections."""
        self.control("POST", "connections/drop")

    def down(self, seconds: float = 0) -> None:
        """Refuse connections, for some seconds or until `up`."""
        self.control("POST", "down", {"seconds": seconds})

    def up(self) -> None:
        """Accept connections again."""
        self.control("POST", "up")

    def restart(self, factor: float = 0.0, *, level: int = 100) -> None:
        """Restart openHAB; the start-up timeline runs with `factor`, up to start level `level`."""
        self.control("POST", "restart", {"factor": factor, "level": level})

    def reset(self) -> None:
        """Forget faults, rules, things, states and histories."""
        self.control("POST", "reset")

    def trigger(self, channel: str, payload: str = "") -> None:
        """Fire a trigger channel from inside openHAB."""
        self.control("POST", "trigger", {"channel": channel, "payload": payload})

    def put_rule(self, uid: str, definition: dict[str, object]) -> None:
        """Put a rule as if it came from a file."""
        self.control("PUT", f"rules/{quote(uid)}", definition)

    def put_thing(self, uid: str, definition: dict[str, object]) -> None:
        """Put a thing as if a binding handled it."""
        self.control("PUT", f"things/{quote(uid, safe='')}", definition)

    def put_thing_type(self, uid: str, definition: dict[str, object]) -> None:
        """Put a thing type as if its binding were installed."""
        self.control("PUT", f"thing-types/{quote(uid, safe='')}", definition)

    def remove_thing(self, uid: str) -> None:
        """Remove a thing."""
        self.control("DELETE", f"things/{quote(uid, safe='')}")

    def load_script(self, secret: str) -> None:
        """Load the bridge script; it announces itself to nobody."""
        self.control("PUT", "script", {"secret": secret})

    def unload_script(self) -> None:
        """Take the bridge script away."""
        self.control("DELETE", "script")

    def control(self, method: str, path: str, body: object = None) -> object:
        """One call of the control API; raises RuntimeError with the reason when it is refused."""
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
