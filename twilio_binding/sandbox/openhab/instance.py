"""One openHAB server without its port: registries, bus, streams and start-up, wired together."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from twilio_binding.protocol.events import BridgeEvent
from twilio_binding.sandbox.openhab.events import Bus, BusEvent
from twilio_binding.sandbox.openhab.hooks import Hooks
from twilio_binding.sandbox.openhab.item_files import ItemFiles
from twilio_binding.sandbox.openhab.item_states import ItemStates
from twilio_binding.sandbox.openhab.items import Items
from twilio_binding.sandbox.openhab.links import StandInLinks
from twilio_binding.sandbox.openhab.options import OpenHABOptions
from twilio_binding.sandbox.openhab.roles import Roles
from twilio_binding.sandbox.openhab.rule_engine import ItemAccess, RuleEngine
from twilio_binding.sandbox.openhab.rules import Rules
from twilio_binding.sandbox.openhab.script import Script
from twilio_binding.sandbox.openhab.startup import Startup
from twilio_binding.sandbox.openhab.states import State
from twilio_binding.sandbox.openhab.streams import Hub
from twilio_binding.sandbox.openhab.things import StandInThings


class Instance:
    """The server without its port. `listener` opens and closes the port; closing it also closes all connections."""

    def __init__(self, options: OpenHABOptions, listener: Callable[[bool], None], hooks: Hooks) -> None:
        self.options = options
        self.zone = ZoneInfo(options.zone)
        self.uuid = str(uuid.uuid4())
        self.hooks = hooks
        self.roles = Roles(options.token, options.user_token, implicit_user=options.implicit_user)
        self.hub = Hub(options.alive_interval, lambda topic: hooks.loses("lose-event", topic))
        self.bus = Bus(options.apply_delay)
        self.items = Items(self.hub.publish, self.zone)
        self.item_states = ItemStates(self.items, self.hub.publish, self.hub.show_state, options.history)
        self.links = StandInLinks(self.hub.publish)
        self.things = StandInThings(self.hub.publish)
        self.rules = Rules(self.hub.publish, self.bus)
        access = ItemAccess(set_item=self._set_item, command=self._command, look=self._look)
        self.engine = RuleEngine(self.rules, self.hub.publish, self.bus, options, access)
        self.script = Script(status_of=self._status_of, handle=self._handle, is_new=self.engine.relay.is_new)
        self.files = ItemFiles(options.items, self.items, self.links, options.watch_interval)
        self.startup = Startup(
            level=self._tell_level,
            listener=listener,
            ready=lambda ready: self.rules.get_ready(ready=ready),
            held_back=self.things.hold_back,
        )
        self.began = time.time()
        self.restarts = 0

    def start(self) -> None:
        """Load the files and begin the start."""
        self.bus.start()
        self.hub.start()
        self.files.start()
        self.startup.begin(self.options.startup_factor)

    def stop(self) -> None:
        """End all threads and streams."""
        self.startup.stop()
        self.files.stop()
        self.hub.stop()
        self.bus.stop()

    def restart(self, factor: float, highest_level: int, until: float, *, down: Callable[[], None]) -> None:
        """Stop and start again. Managed objects stay; states and the ids that the relay rule knows are lost."""
        self.startup.stop()
        down()
        self.files.stop()
        self.bus.forget()
        self.hub.drop()
        self.items.clear()
        self.links.clear()
        self.item_states.forget_states()
        self.engine.relay.forget()
        self.restarts += 1
        self.began = time.time()
        self.files.start()
        self.startup.begin(factor, highest_level, until)

    def reset(self) -> None:
        """Delete rules, things, histories and states, so that the next test finds a fresh server."""
        self.hooks.reset()
        for rule in self.rules:
            self.rules.remove(rule)
        self.things.clear()
        self.script.unload()
        self.engine.relay.forget()
        self.engine.triggers.clear()
        self.engine.posted = 0
        self.item_states.forget_states()
        self.item_states.history.clear()
        self.item_states.puts = 0
        self.roles.implicit_user = self.options.implicit_user

    def _status_of(self, uid: str) -> str | None:
        thing = self.things.get(uid)
        return thing.status["status"] if thing is not None else None

    def _handle(self, event: BridgeEvent) -> None:
        """Handle an event as the script does: set the states, fire the trigger once items have them, wait for rules."""
        for channel, text in event.states:
            for link in self.links.find(channel=f"{event.thing}:{channel}"):
                item = self.items.get(link.item)
                state = self.items.parse(item, text) if item is not None else None
                if state is not None:
                    self.bus.post(partial(self.item_states.set_state, link.item, state, f"{event.thing}:{channel}"))
        self.bus.settle()
        if event.channel:
            self.engine.trigger(f"{event.thing}:{event.channel}", event.payload)
            self.bus.settle()

    def _set_item(self, name: str, text: str) -> str:
        """Set an item as a script does. Returns why the item refuses the state, or ""."""
        item = self.items.get(name)
        if item is None:
            return "there is no such item"
        kind = item.definition.type
        state = State("String", text) if kind == "String" else self.items.parse(item, text)
        if state is None:
            return f"an item of type {kind} cannot take it"
        self.item_states.apply(name, state, "org.openhab.core.automation.rule")
        return ""

    def _command(self, name: str, text: str) -> None:
        if self.items.get(name) is not None:
            self.item_states.tell_command(name, State("String", text), None)

    def _look(self, channel: str) -> dict[str, str]:
        """The states of all items that are linked to the thing of a channel, by item name."""
        thing = channel.rpartition(":")[0]
        linked = [self.items.get(link.item) for link in self.links.find() if link.channel.startswith(f"{thing}:")]
        return {item.definition.name: item.state.value for item in linked if item is not None}

    def _tell_level(self, level: int) -> None:
        self.hub.publish(BusEvent("openhab/system/startlevel", "StartlevelEvent", {"startlevel": level}))
