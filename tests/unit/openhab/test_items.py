"""Typed values of items, read by python-openhab over the service's own connection."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.standins.client import OpenHABStandIn
from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab import OpenHABRequests
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.registries.items import ItemValues
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.settings import OpenHABSettings

_ITEMS = """
String Text
Number Count
Number:Temperature Outside
DateTime Moment
Image Picture
Group:Number:AVG Together
"""
_TOKEN = "oh.items.0123456789"


@pytest.fixture
def openhab(tmp_path: Path) -> Iterator[OpenHABStandIn]:
    """An openHAB with an item of each type."""
    (tmp_path / "test.items").write_text(_ITEMS, encoding="utf-8")
    with OpenHABStandIn(OpenHABOptions(items=tmp_path, token=_TOKEN)) as standin:
        yield standin


@pytest.fixture
def requests(openhab: OpenHABStandIn) -> Iterator[OpenHABRequests]:
    """The connection."""
    found = OpenHABRequests(OpenHABSettings.model_validate({"url": openhab.url, "token": _TOKEN}))
    yield found
    found.close()


@pytest.mark.parametrize("item", ["Text", "Count", "Outside", "Moment", "Picture", "Together"])
def test_no_value(requests: OpenHABRequests, item: str) -> None:
    """An item without a state has no value, whatever its type."""
    assert ItemValues(requests).value(item) is None


@pytest.mark.parametrize(
    ("item", "state", "value"),
    [("Text", "grün", "grün"), ("Text", "", ""), ("Count", "3", 3), ("Outside", "21.5 °C", 21.5)],
)
def test_value(requests: OpenHABRequests, item: str, state: str, value: object) -> None:
    """A state is read as a value of the item's type."""
    assert not requests.send("PUT", f"/items/{item}/state", state, content_type="text/plain").checked()
    values = ItemValues(requests)
    wait_until(lambda: values.value(item) == value, 5, "openHAB to apply the state")


def test_no_item(requests: OpenHABRequests) -> None:
    """An item that openHAB does not have is refused as everywhere."""
    with pytest.raises(OpenHABRefusedError, match="no such item"):
        ItemValues(requests).value("Nothing")


def test_openhab_down(openhab: OpenHABStandIn, requests: OpenHABRequests) -> None:
    """OpenHAB that does not answer is down, and no error of the library gets through."""
    openhab.faults.down()
    with pytest.raises(DependencyDownError):
        ItemValues(requests).value("Text")


def test_loaded_when_first_needed() -> None:
    """The service starts without python-openhab, which takes memory and time."""
    program = "import sys, twilio_binding.app.service; print('openhab' in sys.modules, 'httpx' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "False False\n"
