"""Fetches from a source: each hop is checked, credentials stay with their host, size and time are limited."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from requests.hooks import dispatch_hook
from urllib3.exceptions import HTTPError

from twilio_binding.media.ports import NotMediaError, SourceError
from twilio_binding.model.content_types import Media, NoMediaError, is_stream, read_media
from twilio_binding.sources.hops import FAILED, Hop, first_hop
from twilio_binding.sources.pinned import PinnedAdapter, TimeOverError, Watch
from twilio_binding.sources.reach import Reach

SECONDS = 15.0
_CONNECTING = 4.0
"""Seconds to connect to one address: a camera that is off does not answer, but another address may."""
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_PIECE = 16384
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "openHAB", "Connection": "close"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """User and password for a host, by Basic or Digest."""

    user: str
    password: str = field(repr=False)


class SourceFetcher:
    """Fetches at most `most` bytes within `seconds`. `credentials` are by host, or by `host:port`."""

    def __init__(
        self,
        reach: Reach,
        *,
        credentials: Mapping[str, Credentials],
        unverified: Sequence[str] = (),
        most: int,
        seconds: float = SECONDS,
    ) -> None:
        self._reach = reach
        self._credentials = {host.lower(): each for host, each in credentials.items()}
        self._unverified = frozenset(host.lower() for host in unverified)
        self._most = most
        self._seconds = seconds
        self._lock = threading.Lock()
        self._watches: set[Watch] = set()
        self._is_stopped = False

    def stop(self) -> None:
        """Cut all running fetches, and begin no more."""
        with self._lock:
            self._is_stopped = True
            watches = tuple(self._watches)
        for watch in watches:
            watch.cut()

    def check(self, url: str) -> None:
        """Check whether a URL can be allowed; raises `SourceError`. Names are resolved by the fetch."""
        self._reach.check(first_hop(url))

    def fetch(self, url: str) -> Media:
        """The current content of `url`; raises `SourceError`, and `NotMediaError` if it is not media."""
        hop = first_hop(url)
        with self._watched() as watch:
            for _ in range(_MOST_REDIRECTS + 1):
                found = self._visit(hop, watch)
                if isinstance(found, Media):
                    return found
                hop = found
        raise SourceError(FAILED, f"{hop.host}: more than {_MOST_REDIRECTS} redirects")

    @contextmanager
    def _watched(self) -> Iterator[Watch]:
        watch = Watch(self._seconds)
        try:
            with self._lock:
                self._watches.add(watch)
                if self._is_stopped:
                    raise SourceError(FAILED, "the service ends")
            yield watch
        finally:
            watch.stop()
            with self._lock:
                self._watches.discard(watch)

    def _visit(self, hop: Hop, watch: Watch) -> Media | Hop:
        """Visit one host: returns its content, or the redirect."""
        refused: Exception | None = None
        for address in self._reach.addresses(hop):
            adapter = PinnedAdapter(hop.host, address, watch)
            try:
                response = self._ask(adapter, hop, watch)
                try:
                    return self._read(hop, response, watch)
                finally:
                    response.close()
            except requests.ConnectionError as error:
                refused = error  # another address may work
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise _failed(hop, error, watch) from None
            finally:
                adapter.close()
        raise _failed(hop, refused or OSError(), watch)

    def _ask(self, adapter: PinnedAdapter, hop: Hop, watch: Watch) -> requests.Response:
        known = self._known_to(hop)
        if known is None:
            return self._send(adapter, hop, watch, None)
        user, password = known.user.encode(), known.password.encode()
        response = self._send(adapter, hop, watch, HTTPDigestAuth(known.user, known.password))
        challenge = response.headers.get("WWW-Authenticate", "").lower()
        if response.status_code == 401 and "basic" in challenge and "digest" not in challenge:
            response.close()
            return self._send(adapter, hop, watch, HTTPBasicAuth(user, password))
        return response

    def _known_to(self, hop: Hop) -> Credentials | None:
        if hop.is_downgraded:
            return None
        configured = self._credentials.get(f"{hop.host}:{hop.port}") or self._credentials.get(hop.host)
        return configured or (Credentials(user=hop.user, password=hop.password) if hop.user else None)

    def _send(self, adapter: PinnedAdapter, hop: Hop, watch: Watch, auth: AuthBase | None) -> requests.Response:
        prepared = requests.Request("GET", hop.url, headers=_HEADERS | {"Host": hop.netloc}, auth=auth).prepare()
        left = watch.left()
        patience = min(left, _CONNECTING), left
        how: dict[str, Any] = {"stream": True, "timeout": patience, "verify": hop.host not in self._unverified}
        response = adapter.send(prepared, proxies={}, **how)
        if response.status_code == 401:
            # The authentication code would otherwise read this body to its end, however long it is.
            response.close()
            response.raw = io.BytesIO()
            answered: requests.Response = dispatch_hook("response", prepared.hooks, response, **how)  # type: ignore[no-untyped-call]
            return answered
        return response

    def _read(self, hop: Hop, response: requests.Response, watch: Watch) -> Media | Hop:
        if response.status_code in _REDIRECTS and "Location" in response.headers:
            return hop.redirected(response.headers["Location"])
        if response.status_code != 200:
            raise SourceError(f"Source returned {response.status_code}", f"{hop.host} answers {response.status_code}")
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
            raise SourceError(FAILED, f"{hop.host} sends a compressed body, which was not requested")
        given_type = response.headers.get("Content-Type")
        if is_stream(given_type):
            raise NotMediaError(FAILED, f"{hop.host} sends a stream instead of a picture; use its URL for a snapshot")
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > self._most:
            raise SourceError(FAILED, f"{hop.host} has more than {self._most} bytes")
        content = bytearray()
        for piece in response.raw.stream(_PIECE, decode_content=False):
            watch.left()
            content += piece
            if len(content) > self._most:
                raise SourceError(FAILED, f"{hop.host} has more than {self._most} bytes")
        watch.left()  # a body without a length ends where the watch has cut it
        try:
            return read_media(given_type, bytes(content))
        except NoMediaError as error:
            hint = "it may ask for a password (media.credentials), or have another URL for a snapshot"
            raise NotMediaError(FAILED, f"{hop.host} sends {error}; {hint}") from None


def _failed(hop: Hop, error: Exception, watch: Watch) -> SourceError:
    if watch.is_over or isinstance(error, (TimeOverError, requests.Timeout)):
        return SourceError(FAILED, f"{hop.host} takes too long")
    return SourceError(FAILED, f"{hop.host} cannot be fetched from ({type(error).__name__})")
