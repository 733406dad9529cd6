"""Faults of the openHAB stand-in: their effects on requests, and the routes of the control API that set them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from lab.standins.faults import Fault, Faults
from twilio_binding.sandbox.openhab.application import status_line
from twilio_binding.sandbox.openhab.control_routes import Body, ControlRoute, Port
from twilio_binding.sandbox.openhab.hooks import Hooks, OpenHABClient
from twilio_binding.sandbox.openhab.instance import Instance
from twilio_binding.sandbox.openhab.rest.answers import HTML, JSON, NO_SERVICE, Answer, Reply, empty
from twilio_binding.sandbox.openhab.rest.request import RestRequest

Send = Callable[[Reply], Iterable[bytes]]
_HALF_A_FRAME = b'57\r\nevent: message\ndata: {"topic":"openhab/items/Nobody/sta'
_BODIES = {
    401: (b'{"error":{"message":"Invalid credentials","http-code":401}}', JSON),
    404: (NO_SERVICE, HTML),
}


class FaultHooks(Hooks):
    """Applies faults to requests, runs, states and events."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def respond(
        self, request: RestRequest, client: OpenHABClient, answer: Callable[[], Reply], send: Send
    ) -> Iterable[bytes]:
        """Respond, after any delays, according to the first other fault."""
        struck = self._faults.of_request(request.method, request.path, lambda: request.body)
        for fault in struck:
            if fault.kind == "slow":
                time.sleep(fault.seconds)
        if not struck or struck[-1].kind == "slow":
            return send(answer())
        return _spoil(struck[-1], client, answer, send)

    def loses(self, kind: str, name: str) -> bool:
        """Whether a fault of this kind occurs."""
        return self._faults.loses(kind, name)

    def reset(self) -> None:
        """Remove all faults."""
        self._faults.clear()


def _spoil(fault: Fault, client: OpenHABClient, answer: Callable[[], Reply], send: Send) -> Iterable[bytes]:
    reply = answer() if fault.effect or fault.kind == "cut" else empty(200)
    if fault.kind == "status":
        body, kind = _BODIES.get(fault.status, (b"", ""))
        if fault.body is not None:
            body, kind = fault.body.encode(), fault.content_type
        return send(Answer(status=fault.status, body=body, content_type=kind))
    if fault.kind == "cut" and isinstance(reply, Answer):
        client.send(_cut(reply))
        client.close()
        return []
    client.wait()
    return []


def _cut(answer: Answer) -> bytes:
    """The beginning of an answer: half of the body, or half of the status if there is no body."""
    if not answer.body:
        return f"HTTP/1.1 {answer.status}"[:11].encode()
    lines = [f"HTTP/1.1 {status_line(answer)}", f"Content-Type: {answer.content_type}"]
    head = "\r\n".join([*lines, f"Content-Length: {len(answer.body)}", "", ""])
    return head.encode() + answer.body[: len(answer.body) // 2]


def control_routes(faults: Faults, openhab: Instance, port: Port) -> Iterable[ControlRoute]:
    """The routes that set faults, cut streams and close the port."""
    yield "GET", "faults", lambda _: [fault.shown() for fault in faults]
    yield "POST", "faults", lambda body: faults.add(body).shown()
    yield "DELETE", "faults", lambda _: faults.clear()
    yield "DELETE", r"faults/(\d+)", lambda _, identity: faults.remove(int(identity))
    yield "POST", "sse/drop", lambda body: openhab.hub.drop(tail=_HALF_A_FRAME if body.get("mid_frame") else b"")
    yield "POST", "down", lambda body: _close(port, body)
    yield "POST", "up", lambda _: port.open()


def _close(port: Port, body: Body) -> None:
    """Refuse connections, for some `seconds` or until `up`."""
    port.close()
    seconds = float(str(body.get("seconds", 0)))
    if seconds > 0:
        timer = threading.Timer(seconds, port.open)
        timer.name, timer.daemon = "openhab-up", True
        timer.start()
