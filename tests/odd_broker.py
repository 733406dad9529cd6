"""A broker for MQTT 5 that answers as the test says, unlike any real one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

Answer = Callable[[str], int]


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + int.from_bytes(data[at : at + 2])
    return data[at + 2 : end].decode(), end


def packet(kind: int, body: bytes) -> bytes:
    """A packet of MQTT: its first byte, the length of the rest, and the rest."""
    rest = len(body)
    length = b""
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (128 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


class OddBroker:
    """Accepts one client after the other, and returns what it publishes. `suback` and `puback` give codes for a topic.

    `properties` are those of CONNACK; `subscribed` may send more to a client after its SUBACK.
    """

    def __init__(
        self,
        *,
        suback: Answer = lambda _: 1,
        puback: Answer = lambda _: 0,
        properties: bytes = b"",
        subscribed: Callable[[socket.socket], object] = lambda _: None,
    ) -> None:
        self.suback, self.puback, self._subscribed = suback, puback, subscribed
        self._properties = properties
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        self.published: list[str] = []
        self._ends: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._accept, name="odd-broker", daemon=True)]

    def __enter__(self) -> Self:
        """Start."""
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop."""
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(30)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._ends.append(client)
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), client.makefile("rb") as stream:
            while head := stream.read(1):
                length = shift = 0
                while True:
                    digit = stream.read(1)[0]
                    length |= (digit & 127) << shift
                    shift += 7
                    if digit < 128:
                        break
                self._answer(client, head[0], stream.read(length))

    def _answer(self, client: socket.socket, head: int, body: bytes) -> None:
        kind = head & 0xF0
        if kind == 0x10:
            client.sendall(packet(0x20, b"\0\0" + bytes([len(self._properties)]) + self._properties))
        elif kind == 0x80:
            at, codes = 3, b""
            while at < len(body):
                topic, at = _text(body, at)
                at += 1
                codes += bytes([self.suback(topic)])
            client.sendall(packet(0x90, body[:2] + b"\0" + codes))
            self._subscribed(client)
        elif kind == 0x30:
            topic, at = _text(body, 0)
            self.published.append(topic)
            code = self.puback(topic)
            client.sendall(packet(0x40, body[at : at + 2] + bytes([code, 0])))
            if code < 0x80:
                client.sendall(packet(0x30, body[:at] + b"\0" + body[at + 3 :]))
        elif kind == 0xC0:
            client.sendall(b"\xd0\0")
