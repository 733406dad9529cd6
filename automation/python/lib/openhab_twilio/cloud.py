"""openHAB Cloud's webhook for our callbacks, from openHAB 5.2."""

from __future__ import annotations

from .callbacks import PATH
from .jvm import Services, jclass, optional, warning, words

_SERVICE = "org.openhab.core.io.rest.WebhookService"
_DAY = 86_400.0
_AGAIN = 300.0
_PATIENCE = 15
"""Seconds for the cloud to answer."""


class CloudWebhook:
    """Requests, renews and withdraws the webhook; `url` is "" while there is none. Used from one thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._due = 0.0
        self.url = ""
        self.expires = 0.0

    @property
    def is_possible(self) -> bool:
        """Whether this openHAB has the service."""
        return optional(_SERVICE) is not None and self._services.find(_SERVICE) is not None

    def tend(self, *, wanted: bool, now: float) -> bool:
        """Do what is due; whether the URL changed."""
        before = self.url
        service = self._services.find(_SERVICE) if wanted or self.url else None
        if self.url and now >= self.expires:
            self.url = ""
        if service is not None and not wanted:
            self.url, self._due = "", 0.0
            service.removeWebhook(PATH)
        elif service is not None and now >= self._due:
            self._request(service, now)
        return self.url != before

    def _request(self, service: object, now: float) -> None:
        seconds = jclass("java.util.concurrent.TimeUnit").SECONDS
        try:
            webhook = service.requestWebhook(PATH).get(_PATIENCE, seconds)  # type: ignore[attr-defined]
        except BaseException as error:
            self._due = now + _AGAIN
            warning(f"openHAB Cloud gave no webhook: {words(error)}")
            return
        self.url = str(webhook.url().toString()).rstrip("/")
        self.expires = float(webhook.expiresAt().toEpochMilli()) / 1000
        self._due = now + _DAY
