"""Item links that openHAB tells of one by one."""

from __future__ import annotations

import json
import time

from twilio_binding.openhab import ItemLinks

_CHANNEL = "twilio:phone:a:p:last-message-body"
_ADDED, _REMOVED = "openhab/links/x/added", "openhab/links/x/removed"


def _event(item: str, channel: str = _CHANNEL) -> str:
    return json.dumps({"itemName": item, "channelUID": channel})


def test_one_after_the_other() -> None:
    """Links that come, come again and go are known by the name of their item, and so is which channels got one."""
    links = ItemLinks()
    for item in ("Kitchen", "Attic", "Kitchen"):
        links.follow(_ADDED, _event(item))
    assert [link.item for link in links.of(_CHANNEL)] == ["Attic", "Kitchen"]
    links.follow(_REMOVED, _event("Attic"))
    links.follow(_REMOVED, _event("Unknown"))
    assert [link.item for link in links.of(_CHANNEL)] == ["Kitchen"]
    assert links.take_added() == {_CHANNEL}
    assert links.take_added() == set()
    links.follow(_ADDED, _event("Kitchen", "mqtt:topic:x:1"))
    assert [link.item for link in links.all()] == ["Kitchen"]


def test_ten_thousand_at_once() -> None:
    """A file with thousands of items costs as much for its last link as for its first."""
    links = ItemLinks()
    began = time.thread_time()
    for number in range(10_000):
        links.follow(_ADDED, _event(f"Item{number}"))
    assert time.thread_time() - began < 2
    assert len(links.of(_CHANNEL)) == 10_000
