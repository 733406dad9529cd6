"""Topics of openHAB's event stream with the states of items."""

from __future__ import annotations

import re

_UPDATED = re.compile(r"openhab/items/([^/]+)/(?:[^/]+/)?stateupdated")


def state_topic(item: str) -> str:
    """A pattern for the topics with updates of an item. Those of a group end with the member that was updated and `stateupdated`."""
    return f"openhab/items/{item}/*stateupdated"


def update_topic(item: str) -> str:
    """The topic with updates of an item that is no group."""
    return f"openhab/items/{item}/stateupdated"


def updated_item(topic: str) -> str:
    """The item of which an event tells the state; "" for another event."""
    found = _UPDATED.fullmatch(topic)
    return found[1] if found else ""
