"""Chooses the active service among several on one broker and base topic.

The active service announces itself on `<base>/service`, retained. A service that connects asks there whether another is
active; if it finds an announcement, it waits for an answer. The service that has been active for longer stays active. The
other waits, asks from time to time, and becomes active when it gets no answer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, Protocol

from twilio_binding.clock import milliseconds
from twilio_binding.mqtt.claim import ServiceClaim
from twilio_binding.subscribers import Subscribers

_ANSWER = 5.0
"""Seconds for another service to answer, if there may be one."""
_ASK = 5.0
"""Seconds between the questions of a waiting service."""
_GONE = 16.0
"""Seconds of silence after which a waiting service becomes active."""

State = Literal["asking", "acting", "waiting"]


class Say(Protocol):
    """Publishes a claim."""

    def __call__(self, payload: bytes, *, retain: bool) -> None:
        """Publish; with `retain`, for later readers."""


class Presence:
    """Whether this service is active. `say` publishes on `<base>/service`.

    For the connection's thread; `state`, `rival` and `is_heard` can be read on any thread.
    """

    changed: Subscribers[State]
    """Notified when this service becomes active, or waits for another one."""
    namesake_found: Subscribers[[]]
    """Notified when another service has the same client id, for example with a copy of the data folder."""

    def __init__(self, me: ServiceClaim, *, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._me = me
        self._say = say
        self._clock = clock
        self._asked_at = 0.0
        self._heard_at = 0.0
        self.changed, self.namesake_found = Subscribers(), Subscribers()
        self.state: State = "asking"
        self.rival: ServiceClaim | None = None
        self.is_heard = False

    def connected(self) -> None:
        """Handle a connection on which `<base>/service` is subscribed."""
        self.is_heard = False
        self._become("asking")

    def heard(self, payload: bytes, *, retained: bool) -> None:
        """Handle a message on `<base>/service`."""
        claim = ServiceClaim.decode(payload) if payload else None
        if claim is None:
            self._withdrawn(is_empty=not payload)
        elif claim.instance == self._me.instance:
            self.is_heard = self.is_heard or not retained
            if self.state == "asking" and not retained and self.rival is None:
                self._become("acting")
        elif claim.store == self._me.store:
            return
        elif retained:
            self._found(claim)
        elif not self.is_heard:
            return  # retained from before this connection; an active service will answer our question
        else:
            self._answer(claim)

    def left(self) -> None:
        """Handle the last will of the active service: it lost its connection, but may come back."""
        if self.state == "waiting":
            self._heard_at = min(self._heard_at, self._clock() - _GONE + _ANSWER)
            self._ask()

    def tick(self) -> None:
        """Called regularly."""
        now = self._clock()
        deadline = {"asking": self._asked_at + _ANSWER, "waiting": self._heard_at + _GONE}.get(self.state, math.inf)
        if now > deadline:
            self._become("acting")
        elif self.state == "waiting" and now > self._asked_at + _ASK:
            self._ask()

    def tell(self) -> None:
        """Publish that this service is active, retained for later ones."""
        self._say(self._me.encode(), retain=True)

    def _ask(self) -> None:
        self._asked_at = self._clock()
        self._say(replace(self._me, asks=True).encode(), retain=False)

    def _withdrawn(self, *, is_empty: bool) -> None:
        """The active service has stopped properly, or somebody published something invalid."""
        if self.state == "acting":
            self.tell()
        elif self.state == "waiting" and is_empty:
            self._become("asking")

    def _found(self, claim: ServiceClaim) -> None:
        """A service was active some time ago; it answers if it still is."""
        if claim.client and claim.client == self._me.client:
            # Otherwise the two services would end each other's connections.
            self._me = replace(self._me, client="")
            self.namesake_found.notify()
            return
        if self.state == "asking":
            self.rival, self._asked_at = claim, self._clock()
        elif self.state == "acting":
            self._ask()

    def _answer(self, claim: ServiceClaim) -> None:
        """Another service asks, or is active: of two, the one with the lower rank continues."""
        if self.state == "acting" and (claim.asks or claim.rank > self._me.rank):
            self.tell()
        elif not claim.asks or (self.state == "asking" and claim.rank < self._me.rank):
            self._yield(claim)

    def _yield(self, claim: ServiceClaim) -> None:
        self.rival, self._heard_at = claim, self._clock()
        if self.state != "waiting":
            self._become("waiting")

    def _become(self, state: State) -> None:
        self.state = state
        if state == "asking":
            self.rival = None
            self._ask()
            return
        if state == "acting":
            self.rival = None
            self._me = replace(self._me, since=self._me.since or milliseconds(time.time()))
            self.tell()
        else:
            self._me = replace(self._me, since=0)
        self.changed.notify(state)
