"""The pictures of Image items."""

from __future__ import annotations

import json
import re
from typing import Any

from twilio_binding.flows.ports import NeighbourAwayError
from twilio_binding.model.media import Media, read_raw_state
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.express import Express
from twilio_binding.protocol import Refusal

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BESIDE = 65_536
"""Bytes that an item's JSON may have beside its state in Base64, and the state before it."""


class OpenHABPictures:
    """Reads the states of Image items."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def picture(self, item: str, *, most: int) -> Media:
        """The state of an Image item, of at most so many bytes.

        Raises `Refusal` when it has none, `NeighbourAwayError` when openHAB cannot be asked.
        """
        if not _NAME.fullmatch(item):
            raise Refusal("bad_item", f"{item!r:.60} is no item name")
        found = self._item(item, most * 8 // 3 + _BESIDE)
        kind = str(found.get("groupType") if found.get("type") == "Group" else found.get("type"))
        if kind != "Image":
            raise Refusal("bad_item", f"{item} is a {kind} item, not an Image")
        state = str(found.get("state", "NULL"))
        if state in ("NULL", "UNDEF"):
            raise Refusal("no_picture", f"{item} has no picture now (its state is {state})")
        try:
            media = read_raw_state(state)
        except ValueError:
            raise Refusal("no_picture", f"the state of {item} is no picture") from None
        if len(media.content) > most:
            raise Refusal("too_large", f"the picture of {item} has {len(media.content)} bytes; {most} may be sent")
        return media

    def _item(self, item: str, most: int) -> dict[str, Any]:
        express = Express(self._url, self._token)
        try:
            content = express.get_item(item, most)
        except OpenHABRefusedError:
            raise Refusal("unknown_item", f"openHAB has no item {item}") from None
        finally:
            express.close()
        if len(content) > most:
            raise Refusal("too_large", f"the picture of {item} is too large to be sent")
        try:
            found = json.loads(content)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise NeighbourAwayError("openHAB's answer was cut off")
        return found
