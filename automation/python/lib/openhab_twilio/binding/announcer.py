"""The announcement of this copy of the script."""

from __future__ import annotations

from openhab_twilio.binding.broker import TransportConnection
from openhab_twilio.binding.callbacks import CallbackProxy
from openhab_twilio.binding.cloud_webhook import CloudWebhook
from openhab_twilio.binding.notifications import CloudNotifications
from openhab_twilio.java.jvm import jclass
from openhab_twilio.version import VERSION
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.notifications import FEATURE


class Announcer:
    """Tells the service what the copy `instance` of the script offers."""

    def __init__(
        self,
        instance: str,
        connection: TransportConnection,
        callbacks: CallbackProxy,
        cloud: CloudWebhook,
        notifications: CloudNotifications,
    ) -> None:
        self._instance = instance
        self._connection = connection
        self._callbacks = callbacks
        self._cloud = cloud
        self._notifications = notifications
        self._last = b""

    def current(self) -> Announcement:
        """The current announcement."""
        features = ["events", "actions", "inbox"]
        features += ["proxy"] if self._callbacks.is_open else []
        features += ["cloud"] if self._cloud.is_possible else []
        features += [FEATURE] if self._notifications.is_possible else []
        return Announcement(
            instance=self._instance,
            bridge=VERSION,
            openhab=str(jclass("org.openhab.core.OpenHAB").getVersion()),
            features=tuple(features),
            cloud_url=self._cloud.url,
            cloud_expires=self._cloud.expires,
        )

    def publish(self) -> None:
        """Publish it on the broker, retained."""
        self._last = self.current().encode()
        self._connection.publish(self._connection.topics.bridge, self._last, retain=True)

    @property
    def is_outdated(self) -> bool:
        """Whether the current announcement differs from the published one."""
        return bool(self._last) and self.current().encode() != self._last

    def is_from_another(self, text: str) -> bool:
        """Whether the announcement on the broker is not from this copy: a retained last will, or a copy that ended late."""
        try:
            announced = Announcement.decode(text)
        except BaseException:
            return True
        return announced is None or announced.instance != self._instance
