"""openHAB's event stream (SSE), which reconnects until it is stopped."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import inf
from typing import Protocol

import sseclient
import structlog
import urllib3

from twilio_binding.clock import Backoff, in_turns, left
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import CA_FILE, judge
from twilio_binding.settings import OpenHABSettings
from twilio_binding.tls import explain, trusting

_log = structlog.get_logger(__name__)

TOPICS = "openhab/links/*,openhab/channels/twilio:*,openhab/rules/*,openhab/things/twilio:*,openhab/system/startlevel"
_SILENCE = 25.0
"""Seconds without a frame after which the connection is dead: openHAB sends one every ten seconds."""
_PIECE = 65536
_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
_CLOSED = 0.3
"""Seconds until a closed port is tried again: a try costs little, and openHAB may have started."""

Handler = Callable[[str, str], None]


class Follower(Protocol):
    """Follows the part of the event stream whose topics begin with `topic`."""

    topic: str

    def follow(self, topic: str, payload: str) -> bool:
        """Handle an event; returns whether others must react to it."""


def followed_by(followers: Sequence[Follower], on_news: Callable[[], None]) -> Handler:
    """Passes events to those that follow them."""

    def handle(topic: str, payload: str) -> None:
        for follower in followers:
            if topic.startswith(follower.topic) and follower.follow(topic, payload):
                on_news()

    return handle


class EventStream:
    """Calls `on_open` when connected, `on_event(topic, payload)` for each event, `on_lost(reason)` when disconnected.

    `topics` is called on each connection. Call `drop` when it would return something else.
    """

    silence = _SILENCE
    """Seconds without a frame after which the connection is dead."""

    def __init__(
        self,
        server: OpenHABSettings,
        *,
        on_open: Callable[[], None],
        on_event: Handler,
        on_lost: Callable[[str], None] = lambda _: None,
        topics: Callable[[], str] = lambda: TOPICS,
        name: str = "openhab-events",
    ) -> None:
        self._url = f"{server.url}/rest/events?topics="
        self._topics = topics
        token = server.token.get_secret_value()
        context = trusting(server.ca_file) if server.url.startswith("https:") else None
        timeout = urllib3.Timeout(connect=5, read=self.silence)
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False, ssl_context=context)
        self._headers = {"Accept": "text/event-stream"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._on_open, self._on_event, self._on_lost = on_open, on_event, on_lost
        self._stopping = threading.Event()
        self._response: urllib3.BaseHTTPResponse | None = None
        self._is_closed = False
        """Whether the port was closed at the last attempt."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    def stop(self, until: float = inf) -> None:
        """Disconnect and stop."""
        self.end()
        if self._thread.ident is not None:
            self._thread.join(left(until, 2))

    def end(self) -> None:
        """Begin to stop."""
        self._stopping.set()
        self.drop()

    def drop(self) -> None:
        """Close the connection; it is opened again."""
        response = self._response
        if response is not None:
            _shut_down(response)

    def _run(self) -> None:
        backoff = Backoff(*_PAUSES)
        while not self._stopping.is_set():
            opened, reason = self._connect()
            if self._stopping.is_set():
                return
            if opened:
                backoff.succeeded()
            self._on_lost(reason)
            self._stopping.wait(_CLOSED if self._is_closed else backoff.failed())

    def _connect(self) -> tuple[bool, str]:
        """Read one connection to its end; returns whether it was ever open, and why it ended."""
        opened, topics = False, self._topics()
        self._is_closed = False
        try:
            response = self._pool.request("GET", self._url + topics, headers=self._headers, preload_content=False)
            try:
                if response.status != 200:
                    judge(response.status, b"", "the event stream", has_token="Authorization" in self._headers)
                self._response = response
                opened = True
                if topics != self._topics():
                    return True, "other events are wanted now"
                self._on_open()
                # As the bytes arrive. Jetty sends the end mark of a chunk together with the next chunk, and `stream` would wait
                # for that mark: every event would come one event late, by up to ten seconds.
                self._read(iter(partial(response.read1, _PIECE), b""))
            finally:
                response.close()
        except DependencyDownError as error:
            return False, str(error)
        except (urllib3.exceptions.HTTPError, OSError, AttributeError, ValueError) as error:
            # AttributeError and ValueError are urllib3's errors for a response that another thread closed.
            self._is_closed = isinstance(error.__cause__, ConnectionRefusedError)
            what = "openHAB's event stream broke off" if opened else "openHAB does not answer"
            return opened, f"{what} ({explain(error, CA_FILE)})"
        else:
            return opened, "openHAB closed the event stream"
        finally:
            self._response = None

    def _read(self, chunks: Iterator[bytes]) -> None:
        # Thousands arrive at once when openHAB reads a file: others run in between, but not between the few of a call.
        for event in in_turns(sseclient.SSEClient(chunks).events()):
            if self._stopping.is_set():
                return
            if event.event != "message":
                continue
            try:
                frame = json.loads(event.data)
                topic, payload = frame["topic"], frame["payload"]
            except (ValueError, KeyError, TypeError):
                continue  # the last frame of a connection may be incomplete
            try:
                self._on_event(topic, payload)
            except Exception:
                _log.exception("openhab.event_failed", topic=topic)


def _shut_down(response: urllib3.BaseHTTPResponse) -> None:
    """Wake the reader; closing alone would wait for it."""
    connection = getattr(response, "_connection", None)
    socket = getattr(connection, "sock", None)
    try:
        if socket is not None:
            socket.shutdown(2)
    except OSError:
        pass
