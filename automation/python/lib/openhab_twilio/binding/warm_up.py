"""Dry runs of answered calls, because the interpreter is slow at first and the first caller would wait.

They use the code of real calls with their own thing, items, caller and broker, unknown to openHAB and the service: no
item gets a state, no channel is triggered, no message is sent, and no id is stored.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from openhab_twilio.actions.native_actions import NativeActions
from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.binding.broker import TransportConnection
from openhab_twilio.binding.delivery import EventDelivery
from openhab_twilio.binding.linked_items import LinkedItems
from openhab_twilio.binding.mirror import Seen
from openhab_twilio.binding.servlet import ScriptServlet
from openhab_twilio.java.jvm import JavaObject, jclass
from openhab_twilio.java.services import Services
from openhab_twilio.settings import ScriptSettings
from twilio_binding.protocol.announcement import PATH
from twilio_binding.protocol.calls import SignedCalls
from twilio_binding.protocol.events import BridgeEvent, decode_events, encode_answers, encode_events
from twilio_binding.protocol.json_text import from_json
from twilio_binding.protocol.parameters import PHONE
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.signing import HEADER, new_nonce, sign

_UID = f"{PHONE.uid}:warm-up:warm-up"
_RUNS = 60
_LONGEST = 6.0
"""Seconds after which no further runs begin: a slow machine has other work."""
_STATES = (
    ("last-call-from", "+15550000000"),
    ("last-call-status", "ringing"),
    ("last-call-date", "2026-01-01T00:00:00.000+0000"),
)
_PAYLOAD = '{"from":"+15550000000","to":"+15550000001","status":"ringing","callSid":"CA0"}'
_TWIML = "<Response><Say>Hello</Say></Response>"


class WarmUp:
    """Dry runs, one after the other. `later` runs a job on the script's own thread, after the waiting ones.

    `runs` is the number of runs, `is_done`: all are done.
    """

    def __init__(
        self,
        services: Services,
        actions: NativeActions,
        settings: ScriptSettings,
        later: Callable[[Callable[[], object]], None],
    ) -> None:
        self._services = services
        self._actions = actions
        self._settings = settings
        self._later = later
        self._is_over = threading.Event()
        self._until = 0.0
        self._run: _DryRun | None = None
        self.runs = 0
        self.is_done = False

    def start(self) -> None:
        """Start; returns immediately."""
        self._later(self._once)

    def stop(self) -> None:
        """Stop after the current run."""
        self._is_over.set()

    def _once(self) -> None:
        if self._is_over.is_set():
            return
        if self._run is None:
            self._until = time.monotonic() + _LONGEST
            self._run = _DryRun(self._services, self._actions, self._settings)
        self._run.carry_out()
        self.runs += 1
        if self.runs < _RUNS and time.monotonic() < self._until:
            self._later(self._once)
        else:
            self._run, self.is_done = None, True


class _DryRun:
    """Event and action of one call."""

    def __init__(self, services: Services, actions: NativeActions, settings: ScriptSettings) -> None:
        self._secret = settings.secret
        bound = BoundThing(services.proxy("org.openhab.core.thing.Thing", _Thing(), "twilio-warm-up"), lambda _: Seen())
        items = _Items()
        bound.callback = services.proxy("org.openhab.core.thing.binding.ThingHandlerCallback", items, "twilio-warm-up")
        bound.shown = Seen()
        seen = jclass("java.util.LinkedHashSet")()
        delivery = EventDelivery({_UID: bound}, lambda _: False, LinkedItems(items), seen)
        calls = SignedCalls(
            settings.secret,
            {"events": lambda body: encode_answers(delivery.deliver_all(decode_events(body)))},
            unexpected=_fail,
        )
        self._servlet = ScriptServlet(calls)
        broker = _Broker()
        connection = TransportConnection(
            services, settings, "warm-up", on_state=_ignore, on_message=_ignore, connection=broker
        )
        broker.heard = connection.processMessage
        self._object = actions.make(bound, connection.ask)

    def carry_out(self) -> None:
        """Run once."""
        nonce = new_nonce()
        body = encode_events(
            [BridgeEvent(id=nonce, thing=_UID, states=_STATES, channel="call-received", payload=_PAYLOAD)]
        )
        request = _Request(body, sign(self._secret, "events", body, now=time.time(), nonce=nonce))
        self._servlet.service(request, _Response())
        self._object.respondWithTwiml("CA0", _TWIML)
        self._object.sendSMS("+15550000000", "Hello")


def _ignore(*_: object) -> None:
    """Do nothing."""


def _fail(error: BaseException) -> None:
    raise error


class _Thing:
    """A thing in no registry."""

    def getUID(self) -> JavaObject:
        """Its UID."""
        return jclass("org.openhab.core.thing.ThingUID")(_UID)


class _Items:
    """openHAB's links and items, with one item that accepts each state immediately."""

    def __init__(self) -> None:
        self._updated = jclass("java.time.ZonedDateTime").now()

    def stateUpdated(self, _channel: JavaObject, _state: JavaObject) -> None:
        """Handle a state for the item."""
        self._updated = self._updated.plusNanos(1)

    def channelTriggered(self, _thing: JavaObject, _channel: JavaObject, _event: str) -> None:
        """Handle a trigger."""

    def find(self, _name: str) -> JavaObject:
        """A registry."""
        return self

    def getLinks(self, _channel: JavaObject) -> Sequence[JavaObject]:
        """The item's one link."""
        return (self,)

    def getItemName(self) -> str:
        """The item's name."""
        return "WarmUp"

    def getConfiguration(self) -> dict[str, str]:
        """The configuration of the link."""
        return {}

    def get(self, _name: str) -> JavaObject:
        """The item."""
        return self

    def getLastStateUpdate(self) -> JavaObject:
        """The time of its last state."""
        return self._updated


class _Broker:
    """A connection that is up, and answers each request itself."""

    heard: Callable[[str, JavaObject], None]

    def connectionState(self) -> _Broker:
        """Its state."""
        return self

    def name(self) -> str:
        """The name of that state."""
        return "CONNECTED"

    def publish(self, _topic: str, payload: bytes, *_: object) -> None:
        """Answer a request."""
        request = from_json(payload)
        if isinstance(request, dict):
            reply = Reply(id=str(request["id"]), ok=True, result={"sid": "SM0", "status": "queued"})
            self.heard(str(request["replyTo"]), reply.encode())


class _Request:
    """A request to the servlet."""

    def __init__(self, body: bytes, signature: str) -> None:
        self._body = body
        self._signature = signature

    def getMethod(self) -> str:
        """Its method."""
        return "POST"

    def getRequestURI(self) -> str:
        """Its path."""
        return f"{PATH}/events"

    def getHeader(self, name: str) -> str:
        """The signature."""
        return self._signature if name == HEADER else ""

    def getInputStream(self) -> JavaObject:
        """Its body."""
        return jclass("java.io.ByteArrayInputStream")(self._body)


class _Response:
    """An answer that is not sent."""

    def setStatus(self, _status: int) -> None:
        """Set the status."""

    def setContentType(self, _type: str) -> None:
        """Set the type."""

    def setHeader(self, _name: str, _value: str) -> None:
        """Set the signature."""

    def getOutputStream(self) -> _Response:
        """The stream for the body."""
        return self

    def write(self, _body: bytes) -> None:
        """Write the body."""
