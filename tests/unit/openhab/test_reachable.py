"""The list of items for commands by text, where openHAB does not answer: who texts does not wait one after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.standins import Answer, Receiver, receiver
from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab import OpenHABRequests
from twilio_binding.openhab.registries.reachable import ReachableRegistry
from twilio_binding.settings import OpenHABSettings

_ITEMS = "/rest/items"
_CUT_OFF = 0


@pytest.fixture
def openhab() -> Iterator[Receiver]:
    """A server in the place of openHAB."""
    with receiver() as server:
        yield server


@pytest.fixture
def registry(openhab: Receiver) -> Iterator[ReachableRegistry]:
    """The list of that server."""
    requests = OpenHABRequests(OpenHABSettings(url=openhab.url))
    yield ReachableRegistry(requests)
    requests.close()


def _fails(registry: ReachableRegistry, *, fresh: bool = False) -> bool:
    try:
        registry.current(fresh=fresh)
    except DependencyDownError:
        return True
    return False


def test_a_failure_counts_for_all(openhab: Receiver, registry: ReachableRegistry) -> None:
    """OpenHAB is asked once for all that wait, and for callers a moment later; after that it is asked again."""
    gives_up = threading.Event()
    openhab.answer(_ITEMS, Answer(status=_CUT_OFF, when=gives_up))
    failed: list[bool] = []
    waiting = [threading.Thread(target=lambda: failed.append(_fails(registry))) for _ in range(4)]
    for one in waiting:
        one.start()
    openhab.wait(_ITEMS)
    gives_up.set()
    for one in waiting:
        one.join(20)
    assert failed == [True] * 4
    assert _fails(registry, fresh=True)
    assert len(openhab.asked) == 1
    openhab.answer(_ITEMS, "[]")
    wait_until(lambda: not _fails(registry))
    assert len(openhab.asked) == 2


def test_openhab_that_is_back(openhab: Receiver, registry: ReachableRegistry) -> None:
    """When it is known to be back, it is asked at once."""
    openhab.answer(_ITEMS, Answer(status=_CUT_OFF))
    assert _fails(registry)
    openhab.answer(_ITEMS, "[]")
    assert _fails(registry)
    registry.try_again()
    assert not _fails(registry)
