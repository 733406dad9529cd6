"""One thing that openHAB runs through this script: its configuration, its status, and its events."""

from __future__ import annotations

import threading
from collections.abc import Callable

from openhab_twilio.binding.mirror import Seen, blank
from openhab_twilio.java.jvm import JavaObject, constant, jclass
from twilio_binding.protocol.parameters import ACCOUNT
from twilio_binding.protocol.thing_types import channel_of, type_of

_THING = "org.openhab.core.thing."
_URLS = ("smsWebhookUrl", "voiceWebhookUrl", "statusCallbackUrl")


class BoundChannel:
    """A channel of a thing: its UID in openHAB, and the type of its items, "" for a trigger."""

    __slots__ = ("item", "uid")

    def __init__(self, uid: JavaObject, item: str) -> None:
        self.uid = uid
        self.item = item


class BoundThing:
    """An account, a phone, a contact or an alarm. It shows the status from `look`; `java` is openHAB's handler for it.

    `events_lock` is held while an event is delivered; the next one begins at `next_event_at` (monotonic clock).
    """

    def __init__(self, thing: JavaObject, look: Callable[[BoundThing], Seen]) -> None:
        self.thing = thing
        self.uid = str(thing.getUID())
        self.type = type_of(self.uid) or ACCOUNT
        self.callback: JavaObject | None = None
        self.java: JavaObject | None = None
        self.shown: Seen | None = None
        self.lock = threading.RLock()
        self.events_lock = threading.Lock()
        self.next_event_at = 0.0
        self._look = look
        # Created when first needed, because looking up Java classes is slow in GraalPy.
        self._channels: dict[str, BoundChannel | None] = {}

    @property
    def is_account(self) -> bool:
        """Whether it is an account."""
        return self.type is ACCOUNT

    @property
    def bridge(self) -> str:
        """UID of its account, "" for none."""
        return str(self.thing.getBridgeUID() or "")

    @property
    def is_running(self) -> bool:
        """Whether openHAB accepts states and events of the thing."""
        return self.callback is not None and self.shown is not None

    def channel(self, name: str) -> BoundChannel | None:
        """A channel of the thing; None if it has no such channel."""
        if name not in self._channels:
            known = channel_of(self.uid, name)
            uid = jclass(_THING + "ChannelUID")(self.thing.getUID(), name) if known else None
            self._channels[name] = BoundChannel(uid, known.item) if known else None
        return self._channels[name]

    def configuration(self) -> dict[str, object]:
        """The configuration in plain values."""
        configuration = self.thing.getConfiguration()
        return {str(name): _plain(configuration.get(name)) for name in configuration.keySet()}

    def show(self) -> None:
        """Show the current status if it has changed."""
        with self.lock:
            if not self.is_running:
                return
            seen = blank(self.configuration(), self.type.required) or self._look(self)
            if seen != self.shown:
                self._set_properties(seen)
                self.set_status(seen)

    def set_status(self, seen: Seen) -> None:
        """Show a status."""
        self.shown = seen
        self.report(constant(_THING + "ThingStatus", seen.status, "UNKNOWN"), seen.detail, seen.text)

    def report(self, status: JavaObject, detail: str = "NONE", text: str = "") -> None:
        """Report a status to openHAB, if it listens."""
        java_detail = constant(_THING + "ThingStatusDetail", detail, "NONE")
        info = jclass(_THING + "ThingStatusInfo")(status, java_detail, text or None)
        if self.callback is not None:
            self.callback.statusUpdated(self.thing, info)

    def _set_properties(self, seen: Seen) -> None:
        if seen.properties is None or self.is_account:
            return
        for name in _URLS:
            # A property without a value is removed.
            self.thing.setProperty(name, seen.properties.get(name))


def _plain(value: JavaObject) -> object:
    """A value of a configuration as text or boolean."""
    return value if value is None or isinstance(value, (str, bool)) else str(value)
