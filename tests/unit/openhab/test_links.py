"""Item links that openHAB tells of one by one."""

from __future__ import annotations

import json
import threading
import time

from tests.standins import Answer, receiver
from twilio_binding.openhab import ItemLinks, OpenHABRequests, RestClient
from twilio_binding.settings import OpenHABSettings

_CHANNEL = "twilio:phone:a:p:last-message-body"
_ADDED, _REMOVED = "openhab/links/x/added", "openhab/links/x/removed"
_LINKS = "/rest/links"


def _event(item: str, channel: str = _CHANNEL) -> str:
    return json.dumps({"itemName": item, "channelUID": channel})


def _listed(*items: str) -> str:
    return f"[{','.join(map(_event, items))}]"


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
    """In a file with thousands of items, the last link costs as much as the first."""
    links = ItemLinks()
    began = time.thread_time()
    for number in range(10_000):
        links.follow(_ADDED, _event(f"Item{number}"))
    assert time.thread_time() - began < 2
    assert len(links.of(_CHANNEL)) == 10_000


def test_events_while_the_list_is_read() -> None:
    """They are newer than the list; the next list counts as a whole again."""
    may_answer = threading.Event()
    with receiver() as openhab:
        requests = OpenHABRequests(OpenHABSettings(url=openhab.url))
        links, rest = ItemLinks(), RestClient(requests)
        openhab.answer(_LINKS, Answer(body=_listed("Kept", "Old"), when=may_answer), _listed("Other"))
        reading = threading.Thread(target=links.read, args=(rest,))
        reading.start()
        openhab.wait(_LINKS)
        links.follow(_ADDED, _event("New"))
        links.follow(_REMOVED, _event("Old"))
        links.follow(_ADDED, _event("Brief"))
        links.follow(_REMOVED, _event("Brief"))
        may_answer.set()
        reading.join(20)
        assert [link.item for link in links.of(_CHANNEL)] == ["Kept", "New"]
        assert [len(links.of_item(item)) for item in ("Kept", "Old", "New", "Brief")] == [1, 0, 1, 0]
        assert links.take_added() == {_CHANNEL}
        links.read(rest)
        assert [link.item for link in links.of(_CHANNEL)] == ["Other"]
        requests.close()
