"""The routes of the control API: reports, and changes from inside openHAB."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import islice
from typing import Protocol

from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.things import Thing

Body = dict[str, object]
ControlRoute = tuple[str, str, Callable[..., object]]
"""Method, pattern of the path below `/sandbox/`, and what is called with the body and the groups of the pattern."""
_LIMIT = 10_000


class Port(Protocol):
    """The port of openHAB, which the control API opens and closes."""

    def open(self) -> None:
        """Accept connections."""

    def close(self) -> None:
        """Refuse connections and cut those that are open."""


class Reports:
    """Reports on what happened. `requests` counts the requests to openHAB."""

    def __init__(self, instance: Instance, requests: Callable[[], int]) -> None:
        self._openhab = instance
        self._requests = requests

    def routes(self) -> Iterable[ControlRoute]:
        """The routes of the reports."""
        yield "GET", "counts", lambda _: self.counts()
        yield "GET", "triggers", self.triggers
        yield (
            "GET",
            "states/([^/]+)",
            lambda _, name: [asdict(c) for c in self._openhab.item_states.history.get(name, ())],
        )
        yield "GET", "rules/([^/]+)/runs", lambda _, uid: self.runs(uid)

    def counts(self) -> Body:
        """Counts, and the state of the server."""
        openhab = self._openhab
        return {
            "requests": self._requests(),
            "states": openhab.item_states.puts,
            "triggers": openhab.engine.posted,
            "events": openhab.hub.published,
            "script_events": openhab.script.events,
            "streams": len(openhab.hub),
            "items": len(openhab.items),
            "links": len(openhab.links.find()),
            "rules": len(list(openhab.rules)),
            "restarts": openhab.restarts,
            "mode": openhab.startup.mode.name,
            "level": openhab.startup.level,
            "broken_files": openhab.files.errors,
        }

    def triggers(self, body: Body) -> list[Body]:
        """Trigger events after number `since`, of one `channel` or of all; at most `limit`."""
        since, limit = int(str(body.get("since", 0))), int(str(body.get("limit", _LIMIT)))
        channel = body.get("channel")
        found = (t for t in tuple(self._openhab.engine.triggers) if t.n > since and channel in {None, t.channel})
        return [asdict(trigger) for trigger in islice(found, limit)]

    def runs(self, uid: str) -> Body:
        """How many runs of a rule were carried out, dropped and lost."""
        rule = self._openhab.rules.get(uid)
        if rule is None:
            raise ValueError("no such rule")
        return {"runs": rule.runs, "dropped": rule.dropped, "lost": rule.lost}


class Changes:
    """Changes that people, files and bindings make in openHAB without REST."""

    def __init__(self, instance: Instance, port: Port) -> None:
        self._openhab = instance
        self._port = port

    def routes(self) -> Iterable[ControlRoute]:
        """The routes of the changes."""
        openhab = self._openhab
        yield "POST", "restart", self.restart
        yield "POST", "proceed", self.proceed
        yield "POST", "reset", lambda _: openhab.reset()
        yield "POST", "trigger", lambda body: openhab.engine.trigger(str(body["channel"]), str(body.get("payload", "")))
        yield "PUT", "rules/([^/]+)", self.put_file_rule
        yield "PUT", "things/([^/]+)", self.put_handled_thing
        yield "DELETE", "things/([^/]+)", self.remove_thing
        yield "PUT", "script", lambda body: openhab.script.load(str(body["secret"]))
        yield "GET", "notifications", lambda _: [asdict(one) for one in openhab.script.notifications]
        yield "DELETE", "script", lambda _: openhab.script.unload()
        yield "PUT", "thing-types/([^/]+)", lambda body, uid: openhab.things.types.update({uid: body})

    def restart(self, body: Body) -> None:
        """Restart openHAB. `factor` multiplies the times of the start, which ends at start level `level`.

        The start pauses at second `until` of the recorded start.
        """
        factor = float(str(body.get("factor", self._openhab.options.startup_factor)))
        until = float(str(body.get("until", "inf")))
        self._openhab.restart(factor, int(str(body.get("level", 100))), until, down=self._port.close)

    def proceed(self, body: Body) -> None:
        """Continue a paused start, to second `until` of the recorded start or to the end."""
        self._openhab.startup.until = float(str(body.get("until", "inf")))

    def put_file_rule(self, body: Body, uid: str) -> None:
        """Add a rule as if it came from a file: REST cannot change it."""
        known = self._openhab.rules.get(uid)
        if known is not None:
            self._openhab.rules.remove(known)
        self._openhab.rules.add({**body, "uid": uid}, editable=False)

    def put_handled_thing(self, body: Body, uid: str) -> None:
        """Add a thing as if a binding handled it, ONLINE unless `statusInfo` says otherwise."""
        things, given = self._openhab.things, body.get("statusInfo")
        status = given if isinstance(given, dict) else {"status": "ONLINE", "statusDetail": "NONE"}
        thing = things.get(uid)
        if thing is None:
            things.add(Thing(uid=uid, definition=body, status=status, editable=bool(body.get("editable"))))
            return
        things.update(thing, body)
        things.set_status(thing, status)

    def remove_thing(self, body: Body, uid: str) -> None:
        """Remove a thing."""
        del body
        thing = self._openhab.things.get(uid)
        if thing is None:
            raise ValueError("no such thing")
        self._openhab.things.remove(thing)
