"""Everything that the script registers in openHAB while it is active: thing types, handlers, actions, inbox, callbacks."""

from __future__ import annotations

import time
from collections.abc import Callable

from openhab_twilio.actions.native_actions import NativeActions
from openhab_twilio.binding.add_on import AddOn, PhoneDiscovery
from openhab_twilio.binding.announcer import Announcer
from openhab_twilio.binding.broker import TransportConnection
from openhab_twilio.binding.callbacks import CallbackProxy
from openhab_twilio.binding.cloud_webhook import CloudWebhook
from openhab_twilio.binding.delivery import EventDelivery, fired_ids
from openhab_twilio.binding.factory import HandlerFactory
from openhab_twilio.binding.inbox import InboxFeed
from openhab_twilio.binding.linked_items import LinkedItems
from openhab_twilio.binding.mirror import Mirror
from openhab_twilio.binding.notifications import CloudNotifications
from openhab_twilio.binding.servlet import ScriptServlet
from openhab_twilio.binding.thing_types import Types
from openhab_twilio.binding.warm_up import WarmUp
from openhab_twilio.java.jvm import JavaObject, attempt, info, warning, words
from openhab_twilio.java.registry import has_thing
from openhab_twilio.java.services import Registration, Services
from openhab_twilio.settings import ScriptSettings
from openhab_twilio.version import VERSION
from twilio_binding.protocol.calls import SignedCalls
from twilio_binding.protocol.events import decode_events, encode_answers

_MOMENT = 0.05
_ENDING = 2.0
"""Seconds for which the end of a copy waits for actions that rules have begun."""


class Offer:
    """The parts of the binding, wired. `later` runs a job on the script's own thread.

    `start` returns immediately; `stop` withdraws everything in reverse order.
    """

    def __init__(
        self,
        services: Services,
        kept: JavaObject,
        settings: ScriptSettings,
        instance: str,
        later: Callable[[Callable[[], object]], None],
    ) -> None:
        self._services = services
        self._settings = settings
        self._later = later
        self._mirror = Mirror()
        self._connection = TransportConnection(
            services, settings, instance, on_state=self._broker_state, on_message=self._heard
        )
        self._actions = actions = NativeActions(services, kept, self._connection.ask, settings.patience)
        self._factory = HandlerFactory(
            services,
            self._mirror,
            on_change=lambda: later(self._look_at_cloud),
            on_command=self._connection.command,
            on_thing=actions.add,
            on_thing_gone=actions.remove,
        )
        self._delivery = EventDelivery(
            self._factory.things, lambda uid: has_thing(services, uid), LinkedItems(services), fired_ids()
        )
        self._warm_up = WarmUp(services, actions, settings, later)
        self._inbox = InboxFeed(services, lambda uid: has_thing(services, uid))
        self._callbacks = CallbackProxy(services, settings.callbacks)
        self._cloud = CloudWebhook(services)
        self._notifications = CloudNotifications()
        self._announcer = Announcer(instance, self._connection, self._callbacks, self._cloud, self._notifications)
        self._registered: Registration | None = None
        self._servlet: Registration | None = None
        self.is_active = False

    def start(self) -> None:
        """Offer everything, unless that is done already."""
        if self.is_active:
            return
        self.is_active = True
        Types().register(self._services)
        self._connection.start()
        self._callbacks.open()
        self._registered = self._factory.register()
        # Last, because the service takes an answer of the servlet as a sign that things and actions exist.
        self._servlet = ScriptServlet(self._calls()).register(self._services)
        AddOn().register(self._services)
        PhoneDiscovery(lambda: self._later(self._scan)).register(self._services)
        info(f"Twilio script {VERSION} started")
        self._warm_up.start()

    def stop(self, *, leave_actions: bool = False) -> None:
        """Withdraw everything that is offered, or everything except the actions, which then wait for the next copy."""
        if not self.is_active:
            return
        self.is_active = False
        self._warm_up.stop()
        if leave_actions:
            attempt("leaving the actions to the next copy", self._leave_actions)
        self._services.withdraw()
        if leave_actions:
            attempt("ending calls of the actions", lambda: self._actions.finish(_ENDING))
        self._connection.stop()

    def _leave_actions(self) -> None:
        self._actions.hold()
        self._services.withdraw(down_to=self._servlet)
        # Rules on recent events look up the actions now.
        time.sleep(_MOMENT)
        self._services.withdraw(down_to=self._registered)
        self._actions.leave()

    def tend(self) -> None:
        """Check for changes in openHAB: an MQTT transport, cloud webhooks and their renewal."""
        if not self._connection.is_started:
            self._connection.start()
        self._look_at_cloud()
        if self._announcer.is_outdated:
            self._announce()

    def _calls(self) -> SignedCalls:
        calls: dict[str, Callable[[bytes], bytes]] = {
            "hello": lambda _: self._announcer.current().encode(),
            "notify": self._notifications.send,
            "events": lambda body: encode_answers(self._delivery.deliver_all(decode_events(body))),
        }
        return SignedCalls(
            self._settings.secret,
            calls,
            unexpected=lambda error: warning(f"a request from the service failed: {words(error)}"),
        )

    def _scan(self) -> None:
        """Let the service search for numbers now; the results arrive like the inbox."""
        accounts = [bound.uid for bound in self._factory.running() if bound.is_account]
        if not all(self._connection.request(account, "discover") for account in accounts):
            warning("the scan cannot find new numbers: not connected to the MQTT broker")
        self._inbox.take_again()

    def _look_at_cloud(self) -> None:
        wanted = any(
            bound.is_account and bound.configuration().get("useCloudWebhook") is True
            for bound in self._factory.running()
        )
        if self._cloud.tend(wanted=wanted, now=time.time()):
            self._announce()

    def _announce(self) -> None:
        if self.is_active:
            self._announcer.publish()

    def _broker_state(self, hindrance: str) -> None:
        self._mirror.hinder(hindrance)
        self._later(self._factory.show)
        if not hindrance:
            self._later(self._announce)

    def _heard(self, topic: str, text: str) -> None:
        """Handle a message of the service."""
        topics = self._connection.topics
        if topic == topics.status:
            self._mirror.service(text)
            self._later(self._factory.show)
        elif topic == topics.things:
            self._mirror.things(text)
            self._later(self._factory.show)
        elif topic == topics.inbox:
            self._later(lambda: self._inbox.take(text))
        elif topic == topics.bridge and self._announcer.is_from_another(text):
            self._later(self._announce)
