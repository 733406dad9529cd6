"""HTTP for runs of the relay rule and calls of the script. Callers wait for them, so connections stay open and little is done around them."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import CA_FILE, TIMEOUT
from twilio_binding.protocol.signing import HEADER
from twilio_binding.tls import explain

_JSON = "application/json"


class KeptConnections:
    """Posts to paths below `root` on connections that `create` makes; keeps those that are not in use. Thread-safe."""

    def __init__(self, create: Callable[[], HTTPConnection], root: str) -> None:
        self._create = create
        self._root = root
        self._idle: deque[HTTPConnection] = deque()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Status, body and the script's signature of the answer, "" if it has none; raises `DependencyDownError` if there is no answer."""
        connection = self._connection()
        try:
            connection.request("POST", f"{self._root}{path}", body, {**headers, "Content-Type": _JSON})
            answer = connection.getresponse()
            found = answer.status, answer.read(), answer.headers.get(HEADER, "")
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            raise DependencyDownError(f"openHAB does not answer ({explain(error, CA_FILE)})") from None
        self._idle.append(connection)
        return found

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> HTTPConnection:
        """A connection that nobody uses; one that is closed opens itself again."""
        try:
            connection = self._idle.pop()
        except IndexError:
            return self._create()
        if connection.sock is not None and _is_over(connection.sock):
            connection.close()
        return connection


def _is_over(kept: socket.socket) -> bool:
    """Whether the other side has ended a connection, or sent something that nobody asked for."""
    kept.settimeout(0)
    try:
        kept.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        kept.settimeout(TIMEOUT)
        return False
    except OSError:
        pass
    return True
