"""openHAB Cloud's webhook for our callbacks (openHAB 5.2 and newer)."""

from __future__ import annotations

from openhab_twilio.binding.callbacks import PATH
from openhab_twilio.java.jvm import JavaObject, jclass, optional, warning, words
from openhab_twilio.java.services import Services

_SERVICE = "org.openhab.core.io.rest.WebhookService"
_DAY = 86_400.0
_AGAIN = 60.0
"""Seconds until the cloud is asked again; its connector lets a request wait as long for a connection."""
_SOON = 2
"""Seconds in which a connected cloud answers; there is no wait for one that is not connected."""


class CloudWebhook:
    """Requests, renews and withdraws the webhook; `url` is "" while there is none. For one thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._due = 0.0
        self._asked: JavaObject | None = None
        self._hindrance = ""
        self.url = ""
        self.expires = 0.0

    @property
    def is_possible(self) -> bool:
        """Whether this openHAB has the service."""
        return optional(_SERVICE) is not None and self._services.find(_SERVICE) is not None

    def tend(self, *, wanted: bool, now: float) -> bool:
        """Request or renew the webhook if it is due; returns whether the URL changed."""
        before = self.url
        is_ours = bool(self.url) or self._asked is not None
        service = self._services.find(_SERVICE) if wanted or is_ours else None
        if self.url and now >= self.expires:
            self.url = ""
        if service is None:
            self._asked = None
        elif not wanted:
            self.url, self._due, self._asked = "", 0.0, None
            service.removeWebhook(PATH)
        else:
            self._request(service, now)
        return self.url != before

    def _request(self, service: JavaObject, now: float) -> None:
        if now >= self._due:
            self._due = now + _AGAIN
            self._asked = service.requestWebhook(PATH)
            self._wait(self._asked)
        if self._asked is not None and self._asked.isDone():
            asked, self._asked = self._asked, None
            self._take(asked, now)

    def _wait(self, asked: JavaObject) -> None:
        try:
            asked.get(_SOON, jclass("java.util.concurrent.TimeUnit").SECONDS)
        except BaseException:
            return  # the caller sees the outcome

    def _take(self, asked: JavaObject, now: float) -> None:
        try:
            webhook = asked.get()
            self.url = str(webhook.url().toString()).rstrip("/")
            self.expires = float(webhook.expiresAt().toEpochMilli()) / 1000
            self._due = now + _DAY
            self._hindrance = ""
        except BaseException as error:
            before, self._hindrance = self._hindrance, words(error)
            if self._hindrance != before:
                warning(f"openHAB Cloud has not provided a webhook yet: {self._hindrance}")
