"""The actions objects of things: one Java object for each thing, which survives reloads of the script.

Rules made in the UI keep the first object that they got, even after it was unregistered; with a new object, they would
keep one of an ended script.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping

from openhab_twilio.actions.action_class import PACKAGE, emit
from openhab_twilio.actions.bytecode import load_class
from openhab_twilio.actions.handover import Handover, can_wait
from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.java.jvm import JavaObject, attempt, jclass, warning, words
from openhab_twilio.java.services import Registration, Services
from twilio_binding.protocol.actions import RICH, inputs_of
from twilio_binding.protocol.parameters import BINDING, PHONE, ThingType
from twilio_binding.protocol.replies import Reply

_SERVICE = "org.openhab.core.thing.binding.ThingActions"

_SEVERAL = ("to", "mediaUrl")
_STEP = 0.01

Ask = Callable[[str, str, Mapping[str, object], float], Reply]


class NativeActions:
    """Registers the actions of things.

    `ask(thing, action, args, waited)` carries out an action whose rule has waited for so many seconds; `kept` survives the
    script. A call waits up to `patience` seconds for the next copy of the script.
    """

    def __init__(self, services: Services, kept: JavaObject, ask: Ask, patience: float) -> None:
        self._services = services
        self._kept = kept
        self._ask = ask
        self._patience = patience
        self._handover = Handover(services, kept, patience)
        self._registrations: dict[str, Registration] = {}
        self._current: dict[str, tuple[BoundThing, JavaObject]] = {}
        self._classes: dict[str, JavaObject] = {}
        self._running: set[object] = set()
        self._late: dict[str, BoundThing] = {}
        self._lock = threading.Lock()
        self._is_held = False

    def add(self, bound: BoundThing) -> None:
        """Add a thing; after `hold`, its actions keep waiting for the next copy."""
        with self._lock:
            if self._is_held:
                self._late[bound.uid] = bound
            else:
                self._add(bound)

    def _add(self, bound: BoundThing) -> None:
        made = self._class_of(bound.type)
        objects = self._objects(bound.uid)
        # Rules still hold objects of an older table, so all get the new callback.
        current = next((known for known in objects if known.getClass().equals(made)), None)
        if current is None:
            current = made.getDeclaredConstructor().newInstance()
            objects.add(current)
        left = self._handover.take(bound.uid, current)
        callback = self._callback(bound, self._ask)
        for known in objects:
            known.setThingHandler(bound.java)
            known.setCallback(callback)
        self._current[bound.uid] = bound, current
        self._registrations[bound.uid] = (
            self._services.register(_SERVICE, current) if left is None else self._services.adopt(_SERVICE, left)
        )

    def make(self, bound: BoundThing, ask: Ask) -> JavaObject:
        """Create actions of a thing with another callback, without registering them in openHAB."""
        made = self._class_of(bound.type).getDeclaredConstructor().newInstance()
        made.setCallback(self._callback(bound, ask))
        return made

    def remove(self, bound: BoundThing) -> None:
        """Remove a thing; callers that still hold the object get false or null. Does nothing after `hold`."""
        with self._lock:
            if self._is_held:
                return
            self._current.pop(bound.uid, None)
            registration = self._registrations.pop(bound.uid, None)
        if registration is not None:
            self._services.forget(registration)
        for known in self._objects(bound.uid):
            known.setCallback(None)

    def hold(self) -> None:
        """Let calls wait for the next copy from now on. openHAB keeps the actions: `leave` has to follow."""
        self._handover.prepare()
        with self._lock:
            self._is_held = True
        for uid, registration in self._registrations.items():
            self._current[uid][1].setRegistration(registration.release())
            for known in self._objects(uid):
                if can_wait(known):
                    known.hold()
                else:
                    known.setCallback(None)

    def leave(self) -> None:
        """Leave the actions of things without handlers to the next copy; those of other things are withdrawn."""
        for uid, bound in self._late.items():
            self._handover.leave_again(uid, bound.thing)
        for uid, (bound, current) in self._current.items():
            if bound.thing.getHandler() is None:
                self._handover.leave(uid, bound.thing, current)
            else:
                current.setCallback(None)
                attempt("withdrawing actions", current.getRegistration().unregister)

    def finish(self, seconds: float) -> None:
        """Wait until the running calls have ended, for at most so many seconds."""
        until = time.monotonic() + seconds
        time.sleep(_STEP)  # a call may have left Java, but not have begun in Python
        while self._running and time.monotonic() < until:
            time.sleep(_STEP)

    def _class_of(self, kind: ThingType) -> JavaObject:
        """The class of the actions of a thing type; created for its first thing."""
        if kind.id not in self._classes:
            # The names under which older copies kept the class of phones.
            suffix = "" if kind is PHONE else f" {kind.id}"
            name = f"{PACKAGE}Twilio{'' if kind is PHONE else kind.id.capitalize()}Actions"
            data = emit(name, BINDING, kind.actions, self._patience)
            stamp = str(jclass("java.util.Arrays").hashCode(data))
            if self._kept.get(f"stamp{suffix}") != stamp:
                self._kept.put(f"class{suffix}", load_class(name, data, self._services.context))
                self._kept.put(f"stamp{suffix}", stamp)
            self._classes[kind.id] = self._kept.get(f"class{suffix}")
        return self._classes[kind.id]

    def _objects(self, uid: str) -> JavaObject:
        key = f"objects {uid}"
        if not self._kept.containsKey(key):
            self._kept.putIfAbsent(key, jclass("java.util.concurrent.CopyOnWriteArrayList")())
        return self._kept.get(key)

    def _callback(self, bound: BoundThing, ask: Ask) -> Callable[[str, JavaObject], object]:
        uid, actions = bound.uid, bound.type.actions
        known: dict[str, tuple[str, tuple[str, ...]]] = {}

        def called(signature: str, values: JavaObject) -> object:
            name = str(signature)
            call = object()
            self._running.add(call)
            try:
                if name not in known:
                    action, _, count = name.partition("/")
                    known[name] = action, inputs_of(action, int(count), actions)
                name, inputs = known[name]
                args = {key: plain(key, values[index]) for index, key in enumerate(inputs)}
                waited = time.time() - values[len(inputs)] / 1000 if len(values) > len(inputs) else 0.0
                return outcome(name, ask(uid, name.removesuffix(RICH), args, max(0.0, waited)))
            except BaseException as error:
                warning(f"{name} of {uid} failed: {words(error)}")
                return None
            finally:
                self._running.discard(call)

        return called


def plain(name: str, value: object) -> object:
    """An input in the service's form; several recipients or pictures are a JSON array in the text."""
    if value is None:
        return None
    text = str(value)
    return json.loads(text) if name in _SEVERAL and text.lstrip().startswith("[") else text


def outcome(name: str, reply: Reply) -> object:
    """The value that a rule gets for a reply: true or false, the URL or null, or the JSON text of the variant with details."""
    if name.endswith(RICH):
        from twilio_binding.protocol.results import result_text

        return result_text(reply)
    if not reply.ok:
        warning(f"{name}: {reply.code}: {reply.message}")
    if name.startswith("create"):
        return reply.result.get("url") if reply.ok else None
    return reply.ok
