"""The announcement of a service on `<base>/service`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from twilio_binding.protocol.json_text import from_json, to_json

_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceClaim:
    """The announcement of a service.

    `instance` is new with each start. Services with the same `store` belong together, and are never rivals. `since` is
    when it became active (milliseconds since 1970), 0 if it is not. `client` is its client id at the broker. `asks`:
    others should answer.
    """

    instance: str
    store: str
    host: str = ""
    client: str = ""
    since: int = 0
    asks: bool = False

    @property
    def rank(self) -> tuple[float, str]:
        """The service with the lowest rank is active."""
        return self.since or math.inf, self.instance

    def encode(self) -> bytes:
        """The claim as bytes."""
        body: dict[str, object] = {"instance": self.instance, "store": self.store, "host": self.host}
        body |= {"client": self.client}
        return to_json(body | {"since": self.since, "asks": self.asks}).encode()

    @classmethod
    def decode(cls, payload: bytes) -> ServiceClaim | None:
        """Read a claim; None if it is invalid."""
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
