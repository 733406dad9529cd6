"""The actions objects of things: one Java object for each thing, which survives reloads of the script.

Rules made in the UI keep the first object that they got, even after it was unregistered; with a new object, they would
keep one of an ended script.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from openhab_twilio.actions.action_class import PACKAGE, emit, load
from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.java.jvm import JavaObject, jclass, warning, words
from openhab_twilio.java.services import Registration, Services
from twilio_binding.protocol.actions import RICH, inputs_of
from twilio_binding.protocol.parameters import BINDING, PHONE, ThingType
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.results import result_text

_SERVICE = "org.openhab.core.thing.binding.ThingActions"

_SEVERAL = ("to", "mediaUrl")

Ask = Callable[[str, str, Mapping[str, object]], Reply]


class NativeActions:
    """Registers the actions of things. `ask(thing, action, args)` carries an action out; `kept` survives the script."""

    def __init__(self, services: Services, kept: JavaObject, ask: Ask) -> None:
        self._services = services
        self._kept = kept
        self._ask = ask
        self._registrations: dict[str, Registration] = {}
        self._classes: dict[str, JavaObject] = {}

    def add(self, bound: BoundThing) -> None:
        """Add a thing."""
        made = self._class_of(bound.type)
        objects = self._objects(bound.uid)
        # Rules still hold objects of an older table, so all get the new callback.
        current = next((known for known in objects if known.getClass().equals(made)), None)
        if current is None:
            current = made.getDeclaredConstructor().newInstance()
            objects.add(current)
        callback = self._callback(bound, self._ask)
        for known in objects:
            known.setThingHandler(bound.java)
            known.setCallback(callback)
        self._registrations[bound.uid] = self._services.register(_SERVICE, current)

    def make(self, bound: BoundThing, ask: Ask) -> JavaObject:
        """Create actions of a thing with another callback, without registering them in openHAB."""
        made = self._class_of(bound.type).getDeclaredConstructor().newInstance()
        made.setCallback(self._callback(bound, ask))
        return made

    def remove(self, bound: BoundThing) -> None:
        """Remove a thing; callers that still hold the object get false or null."""
        registration = self._registrations.pop(bound.uid, None)
        if registration is not None:
            self._services.forget(registration)
        for known in self._objects(bound.uid):
            known.setCallback(None)

    def _class_of(self, kind: ThingType) -> JavaObject:
        """The class of the actions of a thing type; created for its first thing."""
        if kind.id not in self._classes:
            # The names under which older copies kept the class of phones.
            suffix = "" if kind is PHONE else f" {kind.id}"
            name = f"{PACKAGE}Twilio{'' if kind is PHONE else kind.id.capitalize()}Actions"
            data = emit(name, BINDING, kind.actions)
            stamp = str(jclass("java.util.Arrays").hashCode(data))
            if self._kept.get(f"stamp{suffix}") != stamp:
                self._kept.put(f"class{suffix}", load(name, data, self._services.context))
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

        def called(signature: str, values: JavaObject) -> object:
            name, _, count = str(signature).partition("/")
            try:
                inputs = inputs_of(name, int(count), actions)
                args = {key: plain(key, value) for key, value in zip(inputs, values, strict=True)}
                return outcome(name, ask(uid, name.removesuffix(RICH), args))
            except BaseException as error:
                warning(f"{name} of {uid} failed: {words(error)}")
                return None

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
        return result_text(reply)
    if not reply.ok:
        warning(f"{name}: {reply.code}: {reply.message}")
    if name.startswith("create"):
        return reply.result.get("url") if reply.ok else None
    return reply.ok
