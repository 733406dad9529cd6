"""The pictures of Image items."""

from __future__ import annotations

import json
import re

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.content_types import Media, NoMediaError, read_raw_state
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.errors import Refusal
from twilio_binding.settings import OpenHABSettings

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BESIDE = 65_536
"""Maximum bytes of an item besides the content of its state, and of an item that is not an image."""


class OpenHABPictures:
    """Reads the states of Image items."""

    def __init__(self, server: OpenHABSettings) -> None:
        self._requests = OpenHABRequests(server)

    def picture(self, item: str, *, most: int) -> Media:
        """The state of an Image item, up to so many bytes.

        Raises `Refusal` if it has no picture, `DependencyDownError` if openHAB is down.
        """
        if not _NAME.fullmatch(item):
            raise Refusal("bad_item", f"{item!r:.60} is not an item name")
        longest = most * 4 // 3 + _BESIDE
        try:
            state = self._requests.read(f"/items/{item}/state", "text/plain", longest).decode("utf-8", "replace")
            kind = "" if state.startswith("data:") else _kind(self._requests, item)
        except OpenHABRefusedError:
            raise Refusal("unknown_item", f"openHAB has no item {item}") from None
        if kind not in ("", "Image"):
            raise Refusal("bad_item", f"{item} is a {kind} item, not an Image")
        if state in ("NULL", "UNDEF"):
            raise Refusal("no_picture", f"{item} has no picture now (its state is {state})")
        if len(state) > longest:
            raise Refusal("too_large", f"the picture of {item} has more than the {most} bytes that may be sent")
        try:
            media = read_raw_state(state)
        except NoMediaError as error:
            raise Refusal("no_picture", f"the state of {item} is {error}") from None
        except ValueError:
            raise Refusal("no_picture", f"the state of {item} is not a picture") from None
        if len(media.content) > most:
            raise Refusal("too_large", f"the picture of {item} has {len(media.content)} bytes; {most} may be sent")
        return media


def _kind(requests: OpenHABRequests, item: str) -> str:
    """The type of an item, or of a group's members."""
    try:
        found = json.loads(requests.read(f"/items/{item}", "application/json", _BESIDE))
        return str(found.get("groupType") if found["type"] == "Group" else found["type"])
    except (ValueError, KeyError, TypeError):
        raise DependencyDownError("openHAB's answer was cut off") from None
