"""The actions objects of the phones: one Java object a phone, which stays the same over reloads of the script.

Rules made in the UI keep the object that they got first, also after it was unregistered; a new one would leave them with
one whose script has ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from openhab_twilio.actions.action_class import emit, load
from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.java.jvm import JavaObject, jclass, warning, words
from openhab_twilio.java.services import Registration, Services
from twilio_binding.protocol.actions import ACTIONS, RICH, inputs_of
from twilio_binding.protocol.parameters import BINDING
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.results import result_text

_SERVICE = "org.openhab.core.thing.binding.ThingActions"

_SEVERAL = ("to", "mediaUrl")

Ask = Callable[[str, str, Mapping[str, object]], Reply]


class PhoneActions:
    """Registers the actions of phones. `ask(thing, action, args)` carries an action out; `kept` outlives the script."""

    def __init__(self, services: Services, kept: JavaObject, ask: Ask) -> None:
        self._services = services
        self._kept = kept
        self._ask = ask
        self._registrations: dict[str, Registration] = {}
        data = emit(BINDING, ACTIONS)
        stamp = str(jclass("java.util.Arrays").hashCode(data))
        if kept.get("stamp") != stamp:
            kept.put("class", load(data, services.context))
            kept.put("stamp", stamp)
        self._class = kept.get("class")

    def add(self, phone: BoundThing) -> None:
        """A phone came."""
        objects = self._objects(phone.uid)
        # Objects of an older table are still held by rules; all get the new way in.
        current = next((known for known in objects if known.getClass().equals(self._class)), None)
        if current is None:
            current = self._class.getDeclaredConstructor().newInstance()
            objects.add(current)
        callback = self._callback(phone.uid)
        for known in objects:
            known.setThingHandler(phone.java)
            known.setCallback(callback)
        self._registrations[phone.uid] = self._services.register(_SERVICE, current)

    def remove(self, phone: BoundThing) -> None:
        """A phone goes; who still holds the object gets false or null."""
        registration = self._registrations.pop(phone.uid, None)
        if registration is not None:
            self._services.forget(registration)
        for known in self._objects(phone.uid):
            known.setCallback(None)

    def _objects(self, uid: str) -> JavaObject:
        key = f"objects {uid}"
        if not self._kept.containsKey(key):
            self._kept.putIfAbsent(key, jclass("java.util.concurrent.CopyOnWriteArrayList")())
        return self._kept.get(key)

    def _callback(self, uid: str) -> Callable[[str, JavaObject], object]:
        def called(signature: str, values: JavaObject) -> object:
            name, _, count = str(signature).partition("/")
            try:
                inputs = inputs_of(name, int(count))
                args = {key: plain(key, value) for key, value in zip(inputs, values, strict=True)}
                return outcome(name, self._ask(uid, name.removesuffix(RICH), args))
            except BaseException as error:
                warning(f"{name} of {uid} failed: {words(error)}")
                return None

        return called


def plain(name: str, value: object) -> object:
    """An input as the service takes it; several recipients or pictures come as a JSON array in the text."""
    if value is None:
        return None
    text = str(value)
    return json.loads(text) if name in _SEVERAL and text.lstrip().startswith("[") else text


def outcome(name: str, reply: Reply) -> object:
    """What a rule gets for a reply: true or false, the URL or null, or the JSON text of a rich twin."""
    if name.endswith(RICH):
        return result_text(reply)
    if not reply.ok:
        warning(f"{name}: {reply.code}: {reply.message}")
    if name.startswith("create"):
        return reply.result.get("url") if reply.ok else None
    return reply.ok
