"""The handlers of things, which openHAB calls."""

from __future__ import annotations

from collections.abc import Callable

from openhab_twilio.binding.bound_thing import BoundThing
from openhab_twilio.binding.mirror import Seen
from openhab_twilio.java.jvm import JavaObject, jclass


class ThingHandler:
    """The methods of openHAB's `ThingHandler` for one thing.

    `on_change` is called when its configuration may have changed, `on_command` with thing, channel and value of each
    command.
    """

    def __init__(
        self, bound: BoundThing, on_change: Callable[[], None], on_command: Callable[[str, str, str], None]
    ) -> None:
        self._bound = bound
        self._on_change = on_change
        self._on_command = on_command

    def getThing(self) -> JavaObject:
        """The thing."""
        return self._bound.thing

    def setCallback(self, callback: JavaObject | None) -> None:
        """Set the receiver of states, events and statuses; null for none."""
        self._bound.callback = callback

    def initialize(self) -> None:
        """Start: UNKNOWN at first, then the status from the mirror."""
        with self._bound.lock:
            self._bound.set_status(Seen())
        self._on_change()
        self._bound.show()

    def dispose(self) -> None:
        """Stop; openHAB may initialize it again."""
        with self._bound.lock:
            self._bound.shown = None
        self._on_change()

    def handleConfigurationUpdate(self, parameters: JavaObject) -> None:
        """Take over a changed configuration."""
        configuration = self._bound.thing.getConfiguration()
        for name in parameters.keySet():
            configuration.put(name, parameters.get(name))
        if self._bound.callback is not None:
            self._bound.callback.thingUpdated(self._bound.thing)
        self._on_change()
        self._bound.show()

    def thingUpdated(self, thing: JavaObject) -> None:
        """Handle changes to label, configuration or bridge."""
        with self._bound.lock:
            self._bound.thing = thing
        self._on_change()
        self._bound.show()

    def handleCommand(self, channel: JavaObject, command: JavaObject) -> None:
        """Handle a command to a linked item. REFRESH is ignored, because states are sent as they change."""
        if str(command.getClass().getSimpleName()) != "RefreshType":
            self._on_command(self._bound.uid, str(channel.getId()), str(command.toFullString()))

    def bridgeStatusChanged(self, _info: JavaObject) -> None:
        """Handle a changed status of the account."""
        self._bound.show()

    def handleRemoval(self) -> None:
        """Confirm the removal; nothing has to be undone."""
        self._bound.report(jclass("org.openhab.core.thing.ThingStatus").REMOVED)

    def getServices(self) -> JavaObject:
        """Services that openHAB should create for the handler: none."""
        return jclass("java.util.ArrayList")()
