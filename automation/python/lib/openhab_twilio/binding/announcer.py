"""The announcement of this copy of the script."""

from __future__ import annotations

from openhab_twilio.binding.broker import TransportConnection
from openhab_twilio.binding.callbacks import CallbackProxy
from openhab_twilio.binding.cloud_webhook import CloudWebhook
from openhab_twilio.java.jvm import jclass
from openhab_twilio.version import VERSION
from twilio_binding.protocol.announcement import Announcement


class Announcer:
    """Tells the service what the copy `instance` of the script offers."""

    def __init__(
        self, instance: str, connection: TransportConnection, callbacks: CallbackProxy, cloud: CloudWebhook
    ) -> None:
        self._instance = instance
        self._connection = connection
        self._callbacks = callbacks
        self._cloud = cloud

    def current(self) -> Announcement:
        """What is offered now."""
        features = ["events", "actions", "inbox"]
        features += ["proxy"] if self._callbacks.is_open else []
        features += ["cloud"] if self._cloud.is_possible else []
        return Announcement(
            instance=self._instance,
            bridge=VERSION,
            openhab=str(jclass("org.openhab.core.OpenHAB").getVersion()),
            features=tuple(features),
            cloud_url=self._cloud.url,
            cloud_expires=self._cloud.expires,
        )

    def publish(self) -> None:
        """Announce it on the broker, retained."""
        self._connection.publish(self._connection.topics.bridge, self.current().encode(), retain=True)

    def is_from_another(self, text: str) -> bool:
        """Whether the announcement on the broker is not this copy's: a will that was kept, or a copy that ended late."""
        try:
            announced = Announcement.decode(text)
        except BaseException:
            return True
        return announced is None or announced.instance != self._instance
