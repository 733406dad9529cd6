"""The binding inside openHAB: puts the parts together, and begins and ends with the script."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from uuid import uuid4

from openhab_twilio.actions.phone_actions import PhoneActions
from openhab_twilio.binding.add_on import AddOn, Discovery
from openhab_twilio.binding.broker import Connection
from openhab_twilio.binding.callbacks import CallbackProxy
from openhab_twilio.binding.cloud_webhook import CloudWebhook
from openhab_twilio.binding.delivery import Delivery
from openhab_twilio.binding.handlers import Factory
from openhab_twilio.binding.inbox import InboxFeed
from openhab_twilio.binding.linked_items import LinkedItems
from openhab_twilio.binding.mirror import Mirror
from openhab_twilio.binding.servlet import BridgeServlet
from openhab_twilio.binding.thing_types import Types
from openhab_twilio.java.jvm import JavaObject, Services, attempt, info, jclass, optional, runnable, warning, words
from openhab_twilio.settings import Settings
from openhab_twilio.version import VERSION
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.calls import SignedCalls
from twilio_binding.protocol.events import decode_events, encode_answers

ADD_ON = "org.openhab.binding.twilio"
_TEND = 10.0
"""Seconds between looks at what came and went in openHAB."""
_PATIENCE = 5.0
"""Seconds for which the start of the Java add-on waits for our withdrawal."""


class Binding:
    """One life of the script. `start` returns at once; `stop` leaves nothing behind."""

    def __init__(self, context: JavaObject, settings: Settings) -> None:
        self.instance = uuid4().hex[:12]
        self._settings = settings
        self._services = Services(context)
        self._kept = self._services.kept("twilio.bridge")
        self._mirror = Mirror()
        self._connection = Connection(
            self._services, settings, self.instance, on_state=self._broker_state, on_message=self._heard
        )
        self._actions = PhoneActions(self._services, self._kept, self._connection.ask)
        self._factory = Factory(
            self._services,
            self._mirror,
            on_change=self._changed,
            on_phone=self._actions.add,
            on_phone_gone=self._actions.remove,
        )
        self._delivery = Delivery(self._factory, self._exists, LinkedItems(self._services))
        self._inbox = InboxFeed(self._services, self._exists)
        self._callbacks = CallbackProxy(self._services, settings.callbacks)
        self._cloud = CloudWebhook(self._services)
        self._is_active = False
        self._ignore_add_on: Callable[[], object] = lambda: None
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="twilio-bridge", daemon=True)

    def start(self) -> None:
        """Take over from a copy that still runs, and begin."""
        before = self._kept.get("stop")
        if before is not None:
            attempt("stopping an older copy of the script", before.run)
        self._kept.put("stop", runnable(self.stop))
        self._kept.put("owner", self.instance)
        try:
            self._ignore_add_on = self._services.before_bundle(ADD_ON, self._add_on_begins)
            self._look_at_add_on()
        except BaseException:
            self.stop()
            raise
        self._jobs.put(self._tend)
        self._thread.start()

    def stop(self) -> None:
        """Withdraw everything, in reverse order; more than once is no harm."""
        if self._kept.remove("owner", self.instance):
            self._kept.remove("stop")
        attempt("ending to listen for the add-on", self._ignore_add_on)
        self._jobs.put(None)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(5.0)
        self._deactivate()

    def announcement(self) -> Announcement:
        """What we offer now."""
        features = ["events", "actions", "inbox"]
        features += ["proxy"] if self._callbacks.is_open else []
        features += ["cloud"] if self._cloud.is_possible else []
        return Announcement(
            instance=self.instance,
            bridge=VERSION,
            openhab=str(jclass("org.openhab.core.OpenHAB").getVersion()),
            features=tuple(features),
            cloud_url=self._cloud.url,
            cloud_expires=self._cloud.expires,
        )

    def _activate(self) -> None:
        self._is_active = True
        Types().register(self._services)
        self._connection.start()
        self._callbacks.open()
        self._factory.register()
        # Last, because the service takes an answer for a sign that things and actions are there.
        BridgeServlet(self._calls()).register(self._services)
        AddOn().register(self._services)
        Discovery(lambda: self._jobs.put(self._scan)).register(self._services)
        info(f"the Twilio bridge {VERSION} runs")

    def _calls(self) -> SignedCalls:
        calls: dict[str, Callable[[bytes], bytes]] = {
            "hello": lambda _: self.announcement().encode(),
            "events": lambda body: encode_answers(self._delivery.deliver_all(decode_events(body))),
        }
        return SignedCalls(
            self._settings.secret,
            calls,
            unexpected=lambda error: warning(f"a call of the service failed: {words(error)}"),
        )

    def _deactivate(self) -> None:
        if self._is_active:
            self._is_active = False
            self._services.withdraw()
            self._connection.stop()

    def _run(self) -> None:
        due = time.monotonic() + _TEND
        while True:
            try:
                job = self._jobs.get(timeout=max(0.01, due - time.monotonic()))
            except queue.Empty:
                job = self._tend
                due = time.monotonic() + _TEND
            if job is None:
                return
            attempt("the bridge's housekeeping", job)

    def _tend(self) -> None:
        """Look for what came and went: the Java add-on, a transport, cloud webhooks and their renewal."""
        self._look_at_add_on()
        if not self._is_active:
            return
        if not self._connection.is_started:
            self._connection.start()
        self._look_at_cloud()

    def _add_on_begins(self) -> None:
        """Be gone before the Java add-on is there: openHAB gives it no thing that is still ours."""
        gone = threading.Event()
        self._jobs.put(self._look_at_add_on)
        self._jobs.put(gone.set)
        gone.wait(_PATIENCE)

    def _look_at_add_on(self) -> None:
        """Stand aside for the Java add-on, or be there."""
        if not self._services.has_bundle(ADD_ON):
            if not self._is_active:
                self._activate()
            return
        if self._is_active or self._thread.ident is None:
            warning("the Twilio add-on is installed: the bridge stands aside until it is removed")
        self._deactivate()

    def _scan(self) -> None:
        """Let the service look for numbers now; what it finds comes as the inbox does."""
        accounts = [handler.uid for handler in self._factory.running() if handler.is_account]
        if not all(self._connection.request(account, "discover") for account in accounts):
            warning("a scan finds nothing new now: the MQTT broker is not connected")
        self._inbox.take_again()

    def _look_at_cloud(self) -> None:
        wanted = any(
            handler.is_account and handler.configuration().get("useCloudWebhook") is True
            for handler in self._factory.running()
        )
        if self._cloud.tend(wanted=wanted, now=time.time()):
            self._announce()

    def _broker_state(self, hindrance: str) -> None:
        self._mirror.hinder(hindrance)
        self._jobs.put(self._factory.show)
        if not hindrance:
            self._jobs.put(self._announce)

    def _heard(self, topic: str, text: str) -> None:
        topics = self._connection.topics
        if topic == topics.status:
            self._mirror.sidecar(text)
            self._jobs.put(self._factory.show)
        elif topic == topics.things:
            self._mirror.things(text)
            self._jobs.put(self._factory.show)
        elif topic == topics.inbox:
            self._jobs.put(lambda: self._inbox.take(text))
        elif topic == topics.bridge and self._is_not_ours(text):
            # A will that the broker kept, or a copy that ended late: we are here.
            self._jobs.put(self._announce)

    def _is_not_ours(self, text: str) -> bool:
        try:
            announced = Announcement.decode(text)
        except BaseException:
            return True
        return announced is None or announced.instance != self.instance

    def _changed(self) -> None:
        self._jobs.put(self._look_at_cloud)

    def _announce(self) -> None:
        if self._is_active:
            self._connection.publish(self._connection.topics.bridge, self.announcement().encode(), retain=True)

    def _exists(self, uid: str) -> bool:
        """Whether openHAB has a thing, with or without a handler."""
        registry = self._services.find("org.openhab.core.thing.ThingRegistry")
        if registry is None or optional("org.openhab.core.thing.ThingUID") is None:
            return False
        try:
            return registry.get(jclass("org.openhab.core.thing.ThingUID")(uid)) is not None
        except BaseException:
            return False
