"""Where a program can change the behavior of the stand-in. By default, nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from twilio_binding.sandbox.openhab.rest.answers import Reply
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.streams import StreamConnection


class OpenHABClient(StreamConnection, Protocol):
    """The connection of a client, for streams and for requests that are never answered."""

    def wait(self) -> None:
        """Wait until the client hangs up or the server closes the connection."""


class Hooks:
    """Called for each request, and before each run, state and event takes effect."""

    def respond(
        self,
        request: RestRequest,
        client: OpenHABClient,
        answer: Callable[[], Reply],
        send: Callable[[Reply], Iterable[bytes]],
    ) -> Iterable[bytes]:
        """Respond to a request. `answer` carries out the request, `send` turns its result into a WSGI response."""
        del request, client
        return send(answer())

    def loses(self, kind: str, name: str) -> bool:
        """Whether something has no effect. `name` is the topic of an event, the path of a run or state, or the text of a script."""
        del kind, name
        return False

    def reset(self) -> None:
        """Return to the default behavior."""
