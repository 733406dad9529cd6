"""The states of items that alarms watch, with the time of their last change."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lab.standins.client import OpenHABStandIn
from tests.waiting import wait_until
from twilio_binding.model.watches import ReadState
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.items import OpenHABItems
from twilio_binding.openhab.rest import TEXT
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.settings import OpenHABSettings


@pytest.mark.parametrize(("version", "tells"), [("5.1.0", True), ("4.3.0", False)])
def test_the_last_change_is_read_where_openhab_tells_it(tmp_path: Path, version: str, *, tells: bool) -> None:
    """It does from version 5 on; an item without a state has none, and an item that does not exist is an error."""
    (tmp_path / "test.items").write_text("Switch Smoke\nNumber:Temperature Heat\n", encoding="utf-8")
    with OpenHABStandIn(OpenHABOptions(items=tmp_path, version=version)) as openhab:
        settings = OpenHABSettings.model_validate({"url": openhab.url})
        items, requests = OpenHABItems(settings), OpenHABRequests(settings)
        assert items.read("Smoke") == ReadState("NULL", None)
        began = time.time()
        requests.send("PUT", "/items/Heat/state", "61.5 °C", content_type=TEXT).checked()
        wait_until(lambda: items.read("Heat").value == "61.5 °C")
        changed = items.read("Heat").changed
        assert changed is None if not tells else changed is not None and began - 1 < changed < time.time() + 1
        with pytest.raises(OpenHABRefusedError, match="no such item"):
            items.read("Missing")
        requests.close()
