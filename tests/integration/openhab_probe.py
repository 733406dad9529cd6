"""Observes an openHAB server from outside: plain requests, and a listener that keeps the raw frames."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import requests

from tests.waiting import wait_until

_TIMEOUT = 15.0


def put_state(url: str, item: str, text: str, *, timeout: float = _TIMEOUT) -> requests.Response:
    """Set the state of an item as an anonymous user."""
    headers = {"Content-Type": "text/plain"}
    return requests.put(f"{url}/rest/items/{item}/state", data=text.encode(), headers=headers, timeout=timeout)


def state_of(url: str, item: str) -> str:
    """The state of an item as text."""
    return requests.get(f"{url}/rest/items/{item}/state", timeout=_TIMEOUT).text


class SseListener:
    """Collects the frames of one stream in a thread; `frames` are the raw texts, `events` the decoded messages."""

    def __init__(self, url: str, topics: str = "*", path: str = "/rest/events", token: str = "") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=_TIMEOUT)
        query = f"?topics={quote(topics, safe='*/,:')}" if topics else ""
        self._connection.request("GET", path + query, headers={"Authorization": f"Bearer {token}"} if token else {})
        self.answer = self._connection.getresponse()
        self._socket = self._connection.sock or self.answer.fp.raw._sock  # type: ignore[attr-defined]
        self.frames: list[str] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="sse-listener", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(2)
        self._thread.join(_TIMEOUT)
        self.answer.close()
        self._connection.close()

    @property
    def events(self) -> list[tuple[str, object]]:
        """Topic and decoded payload of every message so far."""
        found = [json.loads(frame.split("data: ", 1)[1]) for frame in list(self.frames) if "event: message" in frame]
        return [(event["topic"], json.loads(event["payload"])) for event in found]

    @property
    def topics(self) -> list[str]:
        """The topics so far."""
        return [topic for topic, _ in self.events]

    def wait_for(self, topic: str, count: int = 1) -> list[object]:
        """Wait for this many events of a topic; returns their payloads. Fails after fifteen seconds."""

        def found() -> list[object]:
            return [payload for name, payload in self.events if name == topic]

        wait_until(lambda: len(found()) >= count, _TIMEOUT, f"{topic} among {self.topics}")
        return found()

    def _read(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
            lines: list[str] = []
            while line := self.answer.readline():
                text = line.decode()
                lines.append(text)
                if text == "\n":
                    self.frames.append("".join(lines))
                    lines = []
        self.ended.set()
