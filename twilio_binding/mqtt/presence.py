"""Which of several services on one broker and base topic acts.

Each service that acts says so on `<base>/service`, retained. One that connects asks there whether another acts, and waits
for its word where it finds that of one before. The one that has acted for longer goes on; the other waits, asks now and
then, and acts once there is no answer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from twilio_binding.clock import milliseconds
from twilio_binding.protocol.json_text import from_json, to_json

_ANSWER = 5.0
"""Seconds for another service to answer, where it is not clear that there is none."""
_ASK = 5.0
"""Seconds between the questions of one that waits."""
_GONE = 16.0
"""Seconds without a word of the other until one that waits acts."""
_MOST = 2000

State = Literal["asking", "acting", "waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceClaim:
    """What a service says of itself.

    `instance` is new with each start. Services with the same `store` work together and are never rivals. `since` is when it began to
    act (milliseconds since 1970), 0 when it does not. `client` is its client id at the broker. `asks` others to answer.
    """

    instance: str
    store: str
    host: str = ""
    client: str = ""
    since: int = 0
    asks: bool = False

    @property
    def rank(self) -> tuple[float, str]:
        """The lowest acts."""
        return self.since or math.inf, self.instance

    def encode(self) -> bytes:
        """The claim as it travels."""
        body: dict[str, object] = {"instance": self.instance, "store": self.store, "host": self.host}
        body |= {"client": self.client}
        return to_json(body | {"since": self.since, "asks": self.asks}).encode()

    @classmethod
    def decode(cls, payload: bytes) -> ServiceClaim | None:
        """Read a claim; None when it is none."""
        try:
            body = from_json(payload[:_MOST])
        except ValueError:
            return None
        if not isinstance(body, dict) or not isinstance(body.get("instance"), str) or not body["instance"]:
            return None
        since = body.get("since")
        return cls(
            instance=body["instance"],
            store=str(body.get("store", "")),
            host="".join(character for character in str(body.get("host", ""))[:80] if character.isprintable()),
            client=str(body.get("client", "")),
            since=since if isinstance(since, int) and 0 <= since < 1e15 else 0,
            asks=body.get("asks") is True,
        )


class Presence:
    """Whether this service acts. `say(payload, retained)` publishes on `<base>/service`; `on_change` is told who acts.

    `on_namesake` is called when another service has our client id, as one with a copy of our data folder has.

    For the thread of the connection; `state`, `rival` and `is_heard` may be read from any.
    """

    def __init__(
        self,
        me: ServiceClaim,
        *,
        say: Callable[[bytes, bool], None],
        on_change: Callable[[State], None],
        on_namesake: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._me = me
        self._say = say
        self._on_change = on_change
        self._on_namesake = on_namesake
        self._clock = clock
        self._asked_at = 0.0
        self._heard_at = 0.0
        self.state: State = "asking"
        self.rival: ServiceClaim | None = None
        self.is_heard = False

    def connected(self) -> None:
        """A connection was made, and `<base>/service` subscribed to."""
        self.is_heard = False
        self._begin_to_ask()

    def heard(self, payload: bytes, *, retained: bool) -> None:
        """A message on `<base>/service`."""
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
            return  # kept by the broker from before this connection; who acts answers our question
        elif claim.asks:
            self._asked(claim)
        else:
            self._told(claim)

    def left(self) -> None:
        """Whoever acted has lost its connection, as its last will says; it may come back."""
        if self.state == "waiting":
            self._heard_at = min(self._heard_at, self._clock() - _GONE + _ANSWER)
            self._ask()

    def tick(self) -> None:
        """Some time has passed."""
        now = self._clock()
        deadline = {"asking": self._asked_at + _ANSWER, "waiting": self._heard_at + _GONE}.get(self.state, math.inf)
        if now > deadline:
            self._become("acting")
        elif self.state == "waiting" and now > self._asked_at + _ASK:
            self._ask()

    def tell(self) -> None:
        """Say that this service acts; it stands there for those who come later."""
        self._say(self._me.encode(), True)  # noqa: FBT003 - retained

    def _begin_to_ask(self) -> None:
        self.state, self.rival = "asking", None
        self._ask()

    def _ask(self) -> None:
        self._asked_at = self._clock()
        self._say(replace(self._me, asks=True).encode(), False)  # noqa: FBT003 - nothing that stands there

    def _withdrawn(self, *, is_empty: bool) -> None:
        """The one that acted has ended properly, or somebody has written nonsense there."""
        if self.state == "acting":
            self.tell()
        elif self.state == "waiting" and is_empty:
            self._begin_to_ask()

    def _found(self, claim: ServiceClaim) -> None:
        """Somebody acted some time ago; they answer if they still do."""
        if claim.client and claim.client == self._me.client:
            # Each of us would end the other's connection.
            self._me = replace(self._me, client="")
            self._on_namesake()
            return
        if self.state == "asking":
            self.rival, self._asked_at = claim, self._clock()
        elif self.state == "acting":
            self._ask()

    def _asked(self, claim: ServiceClaim) -> None:
        if self.state == "acting":
            self.tell()
        elif self.state == "asking" and claim.rank < self._me.rank:
            self._yield(claim)

    def _told(self, claim: ServiceClaim) -> None:
        if self.state == "acting" and claim.rank > self._me.rank:
            self.tell()
        else:
            self._yield(claim)

    def _yield(self, claim: ServiceClaim) -> None:
        self.rival, self._heard_at = claim, self._clock()
        if self.state != "waiting":
            self._become("waiting")

    def _become(self, state: State) -> None:
        self.state = state
        if state == "acting":
            self.rival = None
            self._me = replace(self._me, since=self._me.since or milliseconds(time.time()))
            self.tell()
        else:
            self._me = replace(self._me, since=0)
        self._on_change(state)
