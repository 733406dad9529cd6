"""The announcement of the script inside openHAB.

It is retained on the MQTT topic `<base>/bridge`, and is the answer to the call `hello`.
"""

from __future__ import annotations

from typing import Literal

from .json_fields import json_object, number, text
from .json_text import to_bytes
from .values import dataclass

VERSION = 1
"""The version of the protocol between service and script."""
PATH = "/twilio/bridge"
"""The path of the script's servlet on openHAB's port; calls are posted to `<PATH>/<call>`."""
GONE = b"{}"
"""The announcement of a script that was unloaded; also its last will."""

Feature = Literal["events", "actions", "inbox", "proxy", "cloud", "notifications"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """The announcement of the script. `instance` changes with each load of the script.

    `cloud_url` replaces `/twilio/callback`, "" for none; `cloud_expires` is in seconds since the epoch.
    """

    instance: str
    bridge: str
    openhab: str = ""
    path: str = PATH
    features: tuple[str, ...] = ()
    cloud_url: str = ""
    cloud_expires: float = 0.0
    version: int = VERSION

    def encode(self) -> bytes:
        """The announcement as JSON."""
        body: dict[str, object] = {
            "version": self.version,
            "instance": self.instance,
            "bridge": self.bridge,
            "openhab": self.openhab,
            "path": self.path,
            "features": self.features,
        }
        if self.cloud_url:
            body["cloud"] = {"url": self.cloud_url, "expires": round(self.cloud_expires * 1000)}
        return to_bytes(body)

    @classmethod
    def decode(cls, payload: bytes | str) -> Announcement | None:
        """Read an announcement; None if the script is gone (nothing, or an empty object). Raises `Refusal`."""
        body = json_object(payload) if payload else {}
        if not body:
            return None
        cloud, features = body.get("cloud"), body.get("features")
        cloud = cloud if isinstance(cloud, dict) else {}
        return cls(
            instance=text(body, "instance"),
            bridge=text(body, "bridge"),
            openhab=text(body, "openhab"),
            path=text(body, "path"),
            features=tuple(str(name) for name in features) if isinstance(features, list) else (),
            cloud_url=text(cloud, "url"),
            cloud_expires=number(cloud, "expires") / 1000,
            version=int(number(body, "version")),
        )
