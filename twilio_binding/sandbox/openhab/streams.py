"""Server-sent events: the open streams, their topics, and their frames."""

from __future__ import annotations

import json
import queue
import re
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Protocol

from twilio_binding.sandbox.openhab.events import BusEvent, gson

HEADERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nContent-Encoding: identity\r\n"
    b"Transfer-Encoding: chunked\r\nServer: Jetty(9.4.58.v20250814)\r\n\r\n"
)
BACKLOG = 10_000
_BATCH = 100
_LOOK = 0.5
_ALLOWED = re.compile(r"[\w*/,:\s-]*", re.ASCII)


class StreamConnection(Protocol):
    """The socket of a client, for streams."""

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises OSError if the client is disconnected."""

    def hung_up(self) -> bool:
        """Whether the client has closed its side."""

    def close(self) -> None:
        """Close both sides."""


def topic_filter(topics: str) -> Callable[[str], bool] | None:
    """The filter for a list of topics; None if it has a character with which openHAB never answers."""
    if not _ALLOWED.fullmatch(topics):
        return None
    parts = [part.strip().replace("*", ".*") for part in topics.split(",") if part.strip()]
    if not parts:
        return lambda _: True
    pattern = re.compile("|".join(f"(?:{part})" for part in parts))
    return lambda topic: pattern.fullmatch(topic) is not None


class Stream:
    """One open stream. `offer` never blocks; `serve` sends until the client or the server ends the stream."""

    def __init__(self, wants: Callable[[str], bool]) -> None:
        self.wants = wants
        self.uuid = str(uuid.uuid4())
        self._frames: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._connection: StreamConnection | None = None
        self._tail = b""
        self._end_mark = b""

    def offer(self, frame: bytes) -> None:
        """Queue a frame. If too many frames are waiting, the connection is closed."""
        if self._frames.qsize() >= BACKLOG:
            self.end()
        else:
            self._frames.put(frame)

    def end(self, *, tail: bytes = b"") -> None:
        """Send the bytes `tail`, and close the stream."""
        if tail:
            self._tail = tail
            self._frames.put(None)
        elif self._connection is not None:
            self._frames.put(None)
            self._connection.close()

    def serve(self, connection: StreamConnection) -> None:
        """Send the headers, then each frame as soon as it is queued."""
        self._connection = connection
        connection.send(HEADERS)
        while True:
            try:
                frame = self._frames.get(timeout=_LOOK)
            except queue.Empty:
                if connection.hung_up():
                    return
                continue
            if frame is None or not self._send(connection, frame):
                break
        if self._tail:
            connection.send(self._end_mark + self._tail)

    def _send(self, connection: StreamConnection, frame: bytes) -> bool:
        """Send this frame and those that are queued. Returns whether the stream continues."""
        batch = [frame]
        more = True
        while more and len(batch) < _BATCH and not self._frames.empty():
            following = self._frames.get()
            if following is None:
                more = False
            else:
                batch.append(following)
        connection.send(b"".join(chunk for each in batch for chunk in self._chunks(each)))
        return more

    def _chunks(self, frame: bytes) -> Iterable[bytes]:
        """The chunks of a frame as openHAB sends them: text and blank line separately, the end of a chunk with the next one."""
        for part in (frame.removesuffix(b"\n\n"), b"\n\n"):
            yield self._end_mark + b"%X\r\n%s" % (len(part), part)
            self._end_mark = b"\r\n"


class StateStream(Stream):
    """A stream of `/rest/events/states`: the state changes of the items that the client chose."""

    def __init__(self) -> None:
        super().__init__(lambda _: False)
        self.items: frozenset[str] = frozenset()
        self.offer(f"event: ready\nid: 0\ndata: {self.uuid}\n\n".encode())

    def show(self, states: dict[str, dict[str, str]]) -> None:
        """Send the states of some items."""
        self.offer(f"data: {gson(states)}\n\n".encode())


class Hub:
    """All open streams. One timer sends the `alive` event to all of them."""

    def __init__(self, alive_interval: float, loses: Callable[[str], bool]) -> None:
        self._interval = alive_interval
        self._loses = loses
        self._streams: set[Stream] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.published = 0

    def start(self) -> None:
        """Start the timer of the `alive` event."""
        self._thread = threading.Thread(target=self._alive, name="openhab-alive", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the timer and every stream."""
        self._stop.set()
        self.drop()
        if self._thread is not None:
            self._thread.join()

    def serve(self, stream: Stream, connection: StreamConnection) -> None:
        """Serve `stream` on `connection` until the client or the server ends it."""
        self._streams.add(stream)
        try:
            stream.serve(connection)
        finally:
            self._streams.discard(stream)

    def publish(self, event: BusEvent) -> None:
        """Send an event to all streams with its topic."""
        self.published += 1
        takers = [stream for stream in tuple(self._streams) if stream.wants(event.topic)]
        if not takers or self._loses(event.topic):
            return
        frame = event.frame()
        for stream in takers:
            stream.offer(frame)

    def show_state(self, item: str, state: dict[str, str]) -> None:
        """Send the new state of `item` to the state streams with this item."""
        for stream in tuple(self._streams):
            if isinstance(stream, StateStream) and item in stream.items:
                stream.show({item: state})

    def state_stream(self, identity: str) -> StateStream | None:
        """The state stream with this id, or None."""
        streams = (stream for stream in tuple(self._streams) if isinstance(stream, StateStream))
        return next((stream for stream in streams if stream.uuid == identity), None)

    def drop(self, *, tail: bytes = b"") -> int:
        """End all streams after the bytes `tail`. Returns their number."""
        streams = tuple(self._streams)
        for stream in streams:
            stream.end(tail=tail)
        return len(streams)

    def __len__(self) -> int:
        return len(self._streams)

    def _alive(self) -> None:
        body = json.dumps({"type": "ALIVE", "interval": 10}, separators=(",", ":"))
        frame = f"event: alive\ndata: {body}\n\n".encode()
        while not self._stop.wait(self._interval):
            if not self._loses("alive"):
                _offer_all(tuple(self._streams), frame)


def _offer_all(streams: Iterable[Stream], frame: bytes) -> None:
    for stream in streams:
        stream.offer(frame)
