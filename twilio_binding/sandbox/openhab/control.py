"""The control API of the stand-in: what went wrong is ordered here, and what happened is read back.

It has its own port, on loopback only and without authentication, because the other one may be down.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from http import HTTPStatus
from itertools import islice
from typing import Protocol
from urllib.parse import unquote

from twilio_binding.sandbox.openhab.application import Application, StartResponse
from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.request import Request
from twilio_binding.sandbox.openhab.things import Thing

Body = dict[str, object]
Handler = Callable[..., object]
_LIMIT = 10_000


class Port(Protocol):
    """The listener that the control API opens and closes."""

    def open(self) -> None:
        """Accept connections."""

    def close(self) -> None:
        """Refuse connections and cut those that are open."""

    def drop(self) -> int:
        """Cut all open connections; how many there were."""


class Control:
    """The control API as a WSGI application of its own; answers JSON, 400 and 404 with a reason."""

    def __init__(self, instance: Instance, application: Application, port: Port) -> None:
        self._openhab = instance
        self._application = application
        self._port = port
        self._routes = [
            (method, re.compile(f"/sandbox/{path}"), handler)
            for method, path, handler in (*self._reads(), *self._faults(), *self._changes())
        ]

    def __call__(self, environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        status, value = self._answer(Request(environ))
        body = json.dumps(value, ensure_ascii=False).encode()
        start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
        return [body]

    def _answer(self, request: Request) -> tuple[HTTPStatus, object]:
        for method, pattern, handler in self._routes:
            found = pattern.fullmatch(request.path)
            if found is not None and method == request.method:
                try:
                    names = [unquote(group) for group in found.groups()]
                    given: Body = json.loads(request.text) if request.body else dict(request.query)
                    return HTTPStatus.OK, handler(given, *names)
                except (ValueError, TypeError) as mistake:
                    return HTTPStatus.BAD_REQUEST, {"error": str(mistake)}
        return HTTPStatus.NOT_FOUND, {"error": f"no {request.method} {request.path}"}

    def _reads(self) -> Iterable[tuple[str, str, Handler]]:
        yield "GET", "counts", lambda _: self.counts()
        yield "GET", "triggers", self.triggers
        yield "GET", "states/([^/]+)", lambda _, name: [asdict(c) for c in self._openhab.items.history.get(name, ())]
        yield "GET", "rules/([^/]+)/runs", lambda _, uid: self.runs(uid)

    def _faults(self) -> Iterable[tuple[str, str, Handler]]:
        faults = self._openhab.faults
        yield "GET", "faults", lambda _: [fault.shown() for fault in faults]
        yield "POST", "faults", lambda body: faults.add(body).shown()
        yield "DELETE", "faults", lambda _: faults.clear()
        yield "DELETE", r"faults/(\d+)", lambda _, identity: faults.remove(int(identity))
        yield "POST", "sse/drop", lambda body: self._openhab.hub.drop(mid_frame=bool(body.get("mid_frame")))
        yield "POST", "connections/drop", lambda _: self._port.drop()
        yield "POST", "down", self.down
        yield "POST", "up", lambda _: self._port.open()

    def _changes(self) -> Iterable[tuple[str, str, Handler]]:
        openhab = self._openhab
        yield "POST", "restart", self.restart
        yield "POST", "reset", lambda _: openhab.reset()
        yield "POST", "trigger", lambda body: openhab.rules.trigger(str(body["channel"]), str(body.get("payload", "")))
        yield "PUT", "rules/([^/]+)", self.put_file_rule
        yield "PUT", "things/([^/]+)", self.put_handled_thing
        yield "DELETE", "things/([^/]+)", self.remove_thing
        yield "PUT", "script", lambda body: openhab.script.load(str(body["secret"]))
        yield "DELETE", "script", lambda _: openhab.script.unload()
        yield "PUT", "thing-types/([^/]+)", lambda body, uid: openhab.things.types.update({uid: body})

    def counts(self) -> Body:
        """How much of everything there was, and how the server is."""
        openhab = self._openhab
        return {
            "requests": self._application.requests,
            "states": openhab.items.puts,
            "triggers": openhab.rules.posted,
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
        """Trigger events after number `since`, of one `channel` or all, at most `limit`."""
        since, limit = int(str(body.get("since", 0))), int(str(body.get("limit", _LIMIT)))
        channel = body.get("channel")
        found = (t for t in tuple(self._openhab.rules.triggers) if t.n > since and channel in {None, t.channel})
        return [asdict(trigger) for trigger in islice(found, limit)]

    def runs(self, uid: str) -> Body:
        """What became of the runs of a rule."""
        rule = self._openhab.rules.get(uid)
        if rule is None:
            raise ValueError("no such rule")
        return {"runs": rule.runs, "dropped": rule.dropped, "lost": rule.lost}

    def down(self, body: Body) -> None:
        """Refuse connections, for some `seconds` or until told otherwise."""
        self._port.close()
        seconds = float(str(body.get("seconds", 0)))
        if seconds > 0:
            timer = threading.Timer(seconds, self._port.open)
            timer.name, timer.daemon = "openhab-up", True
            timer.start()

    def restart(self, body: Body) -> None:
        """Restart the server; the timeline runs with `factor`, up to start level `level`."""
        factor = float(str(body.get("factor", self._openhab.options.startup_factor)))
        self._openhab.restart(factor, int(str(body.get("level", 100))), down=self._port.close)

    def put_file_rule(self, body: Body, uid: str) -> None:
        """Put a rule as if it came from a file: it cannot be changed over REST."""
        known = self._openhab.rules.get(uid)
        if known is not None:
            self._openhab.rules.remove(known)
        self._openhab.rules.add({**body, "uid": uid}, editable=False)

    def put_handled_thing(self, body: Body, uid: str) -> None:
        """Put a thing as if a binding handled it, ONLINE unless `statusInfo` says otherwise."""
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
