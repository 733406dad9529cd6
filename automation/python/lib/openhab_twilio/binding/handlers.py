"""The handlers of accounts and phones, and the factory through which openHAB gets them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

from openhab_twilio.binding.mirror import Mirror, Seen, blank
from openhab_twilio.java.jvm import JavaObject, Services, constant, has, jclass, proxy
from twilio_binding.protocol.channels import CHANNELS
from twilio_binding.protocol.parameters import ACCOUNT, BINDING, PHONE

_THING = "org.openhab.core.thing."
_BINDING = _THING + "binding."


class Handler:
    """The handler of one thing; its camel case methods are openHAB's. It shows what `look` says."""

    def __init__(self, thing: JavaObject, look: Callable[[Handler], Seen], on_change: Callable[[], None]) -> None:
        self.thing = thing
        self.uid = str(thing.getUID())
        self.type = ACCOUNT if str(thing.getThingTypeUID().getId()) == ACCOUNT.id else PHONE
        self.callback: JavaObject | None = None
        self.java: JavaObject | None = None
        self.shown: Seen | None = None
        self.lock = threading.RLock()
        self.events_lock = threading.Lock()
        self.next_event_at = 0.0
        self._look = look
        self._on_change = on_change

    @property
    def is_account(self) -> bool:
        """Whether it is an account."""
        return self.type is ACCOUNT

    @property
    def bridge(self) -> str:
        """UID of a phone's account, "" for none."""
        return str(self.thing.getBridgeUID() or "")

    @property
    def is_running(self) -> bool:
        """Whether openHAB takes states and events of the thing."""
        return self.callback is not None and self.shown is not None

    def configuration(self) -> dict[str, object]:
        """The configuration in plain values."""
        configuration = self.thing.getConfiguration()
        return {str(name): _plain(configuration.get(name)) for name in configuration.keySet()}

    def show(self) -> None:
        """Show what there is to show now, if that is news."""
        with self.lock:
            if not self.is_running:
                return
            seen = blank(self.configuration(), self.type.required) or self._look(self)
            if seen != self.shown:
                self._set_properties(seen)
                self._set_status(seen)

    def _set_status(self, seen: Seen) -> None:
        self.shown = seen
        status = constant(_THING + "ThingStatus", seen.status, "UNKNOWN")
        detail = constant(_THING + "ThingStatusDetail", seen.detail, "NONE")
        info = jclass(_THING + "ThingStatusInfo")(status, detail, seen.text or None)
        if self.callback is not None:
            self.callback.statusUpdated(self.thing, info)

    def _set_properties(self, seen: Seen) -> None:
        if seen.properties is None or self.is_account:
            return
        wanted = dict(seen.properties)
        for name in ("smsWebhookUrl", "voiceWebhookUrl", "statusCallbackUrl"):
            # A property without a value is removed.
            self.thing.setProperty(name, wanted.get(name))

    def getThing(self) -> JavaObject:
        """The thing."""
        return self.thing

    def setCallback(self, callback: JavaObject | None) -> None:
        """Where states, events and statuses go; null ends it."""
        self.callback = callback

    def initialize(self) -> None:
        """Begin: UNKNOWN at once, then what the mirror shows."""
        with self.lock:
            self._set_status(Seen())
        self._on_change()
        self.show()

    def dispose(self) -> None:
        """End; openHAB may initialize it again."""
        with self.lock:
            self.shown = None
        self._on_change()

    def handleConfigurationUpdate(self, parameters: JavaObject) -> None:
        """Take over a changed configuration."""
        configuration = self.thing.getConfiguration()
        for name in parameters.keySet():
            configuration.put(name, parameters.get(name))
        if self.callback is not None:
            self.callback.thingUpdated(self.thing)
        self._on_change()
        self.show()

    def thingUpdated(self, thing: JavaObject) -> None:
        """The thing was edited: label, configuration, bridge."""
        with self.lock:
            self.thing = thing
        self._on_change()
        self.show()

    def bridgeStatusChanged(self, _info: JavaObject) -> None:
        """The account's status changed."""
        self.show()

    def handleRemoval(self) -> None:
        """Nothing has to be undone."""
        status = jclass(_THING + "ThingStatus").REMOVED
        info = jclass(_THING + "ThingStatusInfo")(status, jclass(_THING + "ThingStatusDetail").NONE, None)
        if self.callback is not None:
            self.callback.statusUpdated(self.thing, info)

    def getServices(self) -> JavaObject:
        """Services that openHAB should make for the handler: none."""
        return jclass("java.util.ArrayList")()


class Factory:
    """Makes things and handlers. `on_change` is told when what the sidecar should know changes.

    `on_phone` is given each new phone handler, and `on_phone_gone` each that goes.
    """

    def __init__(
        self,
        services: Services,
        mirror: Mirror,
        *,
        on_change: Callable[[], None],
        on_phone: Callable[[Handler], None],
        on_phone_gone: Callable[[Handler], None],
    ) -> None:
        self._services = services
        self._mirror = mirror
        self._on_change = on_change
        self._on_phone = on_phone
        self._on_phone_gone = on_phone_gone
        self.handlers: dict[str, Handler] = {}

    def register(self) -> None:
        """Offer the factory; openHAB asks for handlers at once."""
        self._services.offer(_BINDING + "ThingHandlerFactory", self, "twilio-handler-factory")

    def show(self) -> None:
        """Show what the mirror says, accounts first."""
        for handler in sorted(self.handlers.values(), key=lambda known: not known.is_account):
            handler.show()

    def running(self) -> list[Handler]:
        """The handlers of all things that openHAB runs."""
        return [handler for handler in tuple(self.handlers.values()) if handler.is_running]

    def supportsThingType(self, uid: JavaObject) -> bool:
        """Whether a thing type is ours."""
        return str(uid) in (ACCOUNT.uid, PHONE.uid)

    def registerHandler(self, thing: JavaObject) -> JavaObject:
        """The handler of a thing."""
        handler = Handler(thing, self._look, self._on_change)
        interface = "BridgeHandler" if handler.is_account else "ThingHandler"
        handler.java = proxy(self._services.load(_BINDING + interface), handler, f"twilio-handler {handler.uid}")
        self.handlers[handler.uid] = handler
        if not handler.is_account:
            self._on_phone(handler)
        return handler.java

    def unregisterHandler(self, thing: JavaObject) -> None:
        """Forget the handler of a thing."""
        handler = self.handlers.pop(str(thing.getUID()), None)
        if handler is not None and not handler.is_account:
            self._on_phone_gone(handler)
        self._on_change()

    def createThing(
        self, thing_type: JavaObject, configuration: JavaObject, uid: JavaObject | None, bridge: JavaObject | None
    ) -> JavaObject:
        """A new thing of a type, for the UI, the inbox and files."""
        kind = str(thing_type.getId())
        thing_uid = jclass(_THING + "ThingUID")
        if uid is None:
            name = uuid4().hex[:10]
            uid = thing_uid(thing_type, name) if bridge is None else thing_uid(thing_type, bridge, name)
        builders = _BINDING + "builder."
        if kind == ACCOUNT.id:
            builder = jclass(builders + "BridgeBuilder").create(thing_type, uid).withLabel(ACCOUNT.label)
        else:
            builder = jclass(builders + "ThingBuilder").create(thing_type, uid).withLabel(PHONE.label)
            builder.withBridge(bridge).withChannels(_channels(uid))
        if has(builder, "withSemanticEquipmentTag"):  # since openHAB 5.0
            builder.withSemanticEquipmentTag("WebService")
        return builder.withConfiguration(configuration).build()

    def removeThing(self, _uid: JavaObject) -> None:
        """Nothing is kept of a removed thing."""

    def _look(self, handler: Handler) -> Seen:
        if handler.is_account:
            return self._mirror.account(handler.uid)
        account = self.handlers.get(handler.bridge)
        return self._mirror.phone(handler.uid, (account.shown if account else None) or Seen())


def _channels(uid: JavaObject) -> JavaObject:
    channel_uid, channel_type = jclass(_THING + "ChannelUID"), jclass(_THING + "type.ChannelTypeUID")
    create, trigger = jclass(_BINDING + "builder.ChannelBuilder").create, jclass(_THING + "type.ChannelKind").TRIGGER
    channels = jclass("java.util.ArrayList")()
    for words in CHANNELS:
        own = channel_uid(uid, words.id)
        builder = create(own, words.item) if words.item else create(own).withKind(trigger)
        tags = jclass("java.util.HashSet")()
        for tag in words.tags:
            tags.add(tag)
        builder.withType(channel_type(BINDING, words.id)).withLabel(words.label).withDescription(words.description)
        channels.add(builder.withDefaultTags(tags).build())
    return channels


def _plain(value: JavaObject) -> object:
    """A value of a configuration: text or truth."""
    return value if value is None or isinstance(value, (str, bool)) else str(value)
