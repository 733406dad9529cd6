"""Notifications of openHAB Cloud, which its connector sends to the apps of its users."""

from __future__ import annotations

from openhab_twilio.java.jvm import JavaObject, optional
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.notifications import CODE, Notification

_ACTION = "org.openhab.io.openhabcloud.NotificationAction"


class CloudNotifications:
    """Sends notifications that the service requests. The connector's class comes and goes with the add-on openHAB Cloud Connector."""

    @property
    def is_possible(self) -> bool:
        """Whether the connector is installed."""
        return optional(_ACTION) is not None

    def send(self, payload: bytes) -> bytes:
        """Pass a notification to the connector; raises `Refusal` if there is none."""
        notification = Notification.decode(payload)
        action: JavaObject | None = optional(_ACTION)
        if action is None:
            raise Refusal(CODE, "openHAB has no openHAB Cloud Connector; install that add-on")
        if notification.user:
            action.sendNotification(notification.user, notification.text)
        else:
            action.sendBroadcastNotification(notification.text)
        return b"{}"
