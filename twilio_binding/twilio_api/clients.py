"""The SDK's clients, one for each account, for Twilio or another base URL."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from twilio_binding.model.things import Account

TIMEOUT = 15.0
"""Seconds for one request; Twilio answers sends within a few seconds."""
_MOST_AT_ONCE = 64
"""Maximum number of kept connections: more than the requests that are sent at once, when many alarms start together."""
_TWILIO = ".twilio.com"
_JSON = ("application/json", "application/scim+json")


class _HttpClient(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """Sends the SDK's requests over kept connections, also to another host.

    The SDK's own client formats log lines that nobody reads, and looks for proxies again before each request.
    """

    def __init__(self, api_url: str, told: Callable[[str], None]) -> None:
        super().__init__(logging.getLogger("twilio.http_client"), is_async=False, timeout=TIMEOUT)
        self._told = told
        self._base = urlsplit(api_url)
        self._surroundings: dict[str, Mapping[str, Any]] = {}
        self.session = requests.Session()
        self.session.mount(f"{self._base.scheme}://", HTTPAdapter(pool_maxsize=_MOST_AT_ONCE))
        if self._base.hostname in ("127.0.0.1", "localhost", "::1"):
            self.session.trust_env = False

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Response:
        """Send a request, and follow no redirects; only Twilio's own hosts are replaced."""
        parts = urlsplit(url)
        if (parts.hostname or "").endswith(_TWILIO) and self._base.netloc:
            url = urlunsplit(parts._replace(scheme=self._base.scheme, netloc=self._netloc(parts.hostname or "")))
        every = {**self.session.headers, **(headers or {})}
        is_json = every.get("Content-Type") in _JSON
        body = {"json": data} if is_json else {"data": data}
        prepared = requests.Request(method.upper(), url, every, params=params, auth=auth, **body).prepare()
        adapter = self.session.get_adapter(url)
        answer = adapter.send(prepared, timeout=timeout or self.timeout, **self._surroundings_of(url))
        self._told(answer.headers.get("Date", ""))
        return Response(answer.status_code, answer.text, answer.headers)

    def _surroundings_of(self, url: str) -> Mapping[str, Any]:
        """The proxies and certificates for a host that the environment names."""
        host = "//".join(urlsplit(url)[:2])
        found = self._surroundings.get(host)
        if found is None:
            found = self.session.merge_environment_settings(url, {}, None, None, None)
            self._surroundings[host] = found
        return found

    def _netloc(self, host: str) -> str:
        """The host of a Twilio product: at the same edge and region as the API, or at one test server."""
        product, base = host.partition(".")[0], self._base.netloc
        is_api = base.startswith("api.") and (self._base.hostname or "").endswith(_TWILIO)
        return f"{product}.{base.removeprefix('api.')}" if is_api else base


def is_twilio(url: str) -> bool:
    """Whether a URL leads to Twilio itself."""
    return (urlsplit(url).hostname or "").endswith(_TWILIO)


def login_of(account: Account) -> tuple[str, str]:
    """User and password for requests: those of the API key if there is one."""
    if account.api_key_sid:
        return account.api_key_sid, account.api_key_secret
    return account.account_sid, account.auth_token


class TwilioClock:
    """Twilio's time, from its answers. Between them, our monotonic clock continues it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ahead: float | None = None

    def told(self, date: str) -> None:
        """Note the `Date` of an answer; an invalid one changes nothing."""
        try:
            self._ahead = parsedate_to_datetime(date).timestamp() - time.monotonic()
        except (ValueError, TypeError, OverflowError):
            return

    @property
    def ahead(self) -> float | None:
        """The seconds by which Twilio's clock is ahead of the given one, None until Twilio has answered."""
        return None if self._ahead is None else self.now() - self._clock()

    def now(self) -> float:
        """Seconds since 1970; by our own clock until Twilio has answered."""
        return self._clock() if self._ahead is None else time.monotonic() + self._ahead


class Clients:
    """A client for each account, created when it is first needed. `api_url` replaces https://api.twilio.com."""

    def __init__(
        self,
        api_url: str = "https://api.twilio.com",
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._api_url = api_url
        self._lock = threading.Lock()
        self._clients: dict[Account, Client] = {}
        self.clock = TwilioClock(clock)

    @property
    def region(self) -> str:
        """The region of requests, `us1` unless the URL names another one."""
        pieces = (urlsplit(self._api_url).hostname or "").removesuffix(_TWILIO).split(".")
        return pieces[-1] if pieces[0] == "api" and len(pieces) > 1 else "us1"

    def of(self, account: Account) -> Client:
        """The client of an account."""
        with self._lock:
            client = self._clients.get(account)
            if client is None:
                client = self._clients[account] = self._new(account)
            return client

    def stop(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.http_client.session.close()
            self._clients.clear()

    def _new(self, account: Account) -> Client:
        # A non-empty environment keeps the SDK from reading that of the process.
        return Client(
            *login_of(account),
            account.account_sid,
            http_client=_HttpClient(self._api_url, self.clock.told),
            environment={"TWILIO_BINDING": "1"},
        )
