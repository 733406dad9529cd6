"""The factory from which openHAB gets things and their handlers."""

from __future__ import annotations

import os
from collections.abc import Callable

from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.binding.handlers import ThingHandler
from openhab_twilio.binding.mirror import Mirror, Seen
from openhab_twilio.java.jvm import JavaObject, has, jclass, proxy
from openhab_twilio.java.services import Registration, Services
from twilio_binding.protocol.parameters import ACCOUNT, BINDING, ThingType
from twilio_binding.protocol.thing_types import type_of

_THING = "org.openhab.core.thing."
_BINDING = _THING + "binding."


class HandlerFactory:
    """Creates things and handlers; its camel case methods are openHAB's. `on_change` is called when the service should get a new announcement.

    `on_thing` gets each new account thing, and `on_thing_gone` each removed one; `on_command` gets thing, channel and
    value of each command.
    """

    def __init__(
        self,
        services: Services,
        mirror: Mirror,
        *,
        on_change: Callable[[], None],
        on_command: Callable[[str, str, str], None],
        on_thing: Callable[[BoundThing], None],
        on_thing_gone: Callable[[BoundThing], None],
    ) -> None:
        self._services = services
        self._mirror = mirror
        self._on_change = on_change
        self._on_command = on_command
        self._on_thing = on_thing
        self._on_thing_gone = on_thing_gone
        self.things: dict[str, BoundThing] = {}

    def register(self) -> Registration:
        """Register the factory; openHAB asks for handlers immediately."""
        return self._services.offer(_BINDING + "ThingHandlerFactory", self, "twilio-handler-factory")

    def show(self) -> None:
        """Show the statuses from the mirror, accounts first."""
        for bound in sorted(self.things.values(), key=lambda known: not known.is_account):
            bound.show()

    def running(self) -> list[BoundThing]:
        """All things that openHAB runs."""
        return [bound for bound in tuple(self.things.values()) if bound.is_running]

    def supportsThingType(self, uid: JavaObject) -> bool:
        """Whether a thing type is ours."""
        return type_of(str(uid)) is not None

    def registerHandler(self, thing: JavaObject) -> JavaObject:
        """Create the handler of a thing."""
        bound = BoundThing(thing, self._look)
        interface = "BridgeHandler" if bound.is_account else "ThingHandler"
        handler = ThingHandler(bound, self._on_change, self._on_command)
        bound.java = proxy(self._services.load(_BINDING + interface), handler, f"twilio-handler {bound.uid}")
        self.things[bound.uid] = bound
        if not bound.is_account:
            self._on_thing(bound)
        return bound.java

    def unregisterHandler(self, thing: JavaObject) -> None:
        """Remove the handler of a thing."""
        bound = self.things.pop(str(thing.getUID()), None)
        if bound is not None and not bound.is_account:
            self._on_thing_gone(bound)
        self._on_change()

    def createThing(
        self, thing_type: JavaObject, configuration: JavaObject, uid: JavaObject | None, bridge: JavaObject | None
    ) -> JavaObject:
        """Create a thing, for the UI, the inbox and files."""
        kind = type_of(str(thing_type)) or ACCOUNT
        thing_uid = jclass(_THING + "ThingUID")
        if uid is None:
            name = os.urandom(5).hex()
            uid = thing_uid(thing_type, name) if bridge is None else thing_uid(thing_type, bridge, name)
        builders = _BINDING + "builder."
        if kind is ACCOUNT:
            builder = jclass(builders + "BridgeBuilder").create(thing_type, uid).withLabel(ACCOUNT.label)
        else:
            builder = jclass(builders + "ThingBuilder").create(thing_type, uid).withLabel(kind.label)
            builder.withBridge(bridge).withChannels(_channels(kind, uid))
        if has(builder, "withSemanticEquipmentTag"):  # since openHAB 5.0
            builder.withSemanticEquipmentTag("WebService")
        return builder.withConfiguration(configuration).build()

    def removeThing(self, _uid: JavaObject) -> None:
        """Do nothing: nothing is stored about a thing."""

    def _look(self, bound: BoundThing) -> Seen:
        if bound.is_account:
            return self._mirror.account(bound.uid)
        account = self.things.get(bound.bridge)
        return self._mirror.bridged(bound.uid, (account.shown if account else None) or Seen())


def _channels(kind: ThingType, uid: JavaObject) -> JavaObject:
    channel_uid, channel_type = jclass(_THING + "ChannelUID"), jclass(_THING + "type.ChannelTypeUID")
    create, trigger = jclass(_BINDING + "builder.ChannelBuilder").create, jclass(_THING + "type.ChannelKind").TRIGGER
    channels = jclass("java.util.ArrayList")()
    for words in kind.channels:
        own = channel_uid(uid, words.id)
        builder = create(own, words.item) if words.item else create(own).withKind(trigger)
        tags = jclass("java.util.HashSet")()
        for tag in words.tags:
            tags.add(tag)
        builder.withType(channel_type(BINDING, words.type)).withLabel(words.label).withDescription(words.description)
        channels.add(builder.withDefaultTags(tags).build())
    return channels
