"""What a program around the stand-in may change about it; by default nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from twilio_binding.sandbox.openhab.rest.answers import Reply
from twilio_binding.sandbox.openhab.rest.request import RestRequest
from twilio_binding.sandbox.openhab.streams import StreamConnection


class OpenHABClient(StreamConnection, Protocol):
    """The connection of a client, as far as requests that are never answered need it too."""

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
        """Respond to a request: `answer` carries it out, `send` makes its result a WSGI response."""
        del request, client
        return send(answer())

    def loses(self, kind: str, name: str) -> bool:
        """Whether an event (`name` is its topic), a run or a state (its path) or a script (its text) has no effect."""
        del kind, name
        return False

    def reset(self) -> None:
        """Forget what was set."""
