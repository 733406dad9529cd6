"""The openHAB stand-in: `.items` files and what follows when they change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from lab.standins.client import OpenHABStandIn
from tests.integration.openhab_probe import SseListener, put_state, state_of
from tests.waiting import wait_until
from twilio_binding.sandbox.openhab import OpenHABOptions

_ADMIN = {"Authorization": "Bearer T"}
_ITEMS = """
String Last_SMS "Last SMS" { channel="twilio:phone:a:b:last-message-body" }
String Plain
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for `.items` files."""
    return tmp_path_factory.mktemp("items")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[OpenHABStandIn]:
    """A stand-in that watches the folder."""
    with OpenHABStandIn(OpenHABOptions(items=folder, token="T", watch_interval=0.05)) as standin:
        yield standin


@pytest.fixture
def openhab(server: OpenHABStandIn, folder: Path) -> OpenHABStandIn:
    """The stand-in as good as new, with one file."""
    (folder / "lab.items").write_text(_ITEMS)
    server.restart()
    server.reset()
    return server


def test_new_links_are_told_in_order(openhab: OpenHABStandIn, folder: Path) -> None:
    """A new file adds the item, then its link; removing it removes the link first."""
    channel = "twilio:phone:a:b:last-call-from"
    topics = [f"openhab/links/New-{channel}/added", f"openhab/links/New-{channel}/removed"]
    with SseListener(openhab.url, "openhab/items/*/added,openhab/items/*/removed,openhab/links/*") as listener:
        (folder / "new.items").write_text(f'String New {{ channel="{channel}"[profile="follow"] }}')
        assert listener.wait_for(topics[0]) == [
            {"channelUID": channel, "configuration": {"profile": "system:follow"}, "itemName": "New"}
        ]
        (folder / "new.items").unlink()
        listener.wait_for("openhab/items/New/removed")
    assert listener.topics == ["openhab/items/New/added", topics[0], topics[1], "openhab/items/New/removed"]


def test_changed_channel_of_a_link(openhab: OpenHABStandIn, folder: Path) -> None:
    """Another channel for an item is one link added and one removed, and the item keeps its state."""
    put_state(openhab.url, "Last_SMS", "kept")
    wait_until(lambda: state_of(openhab.url, "Last_SMS") == "kept")
    with SseListener(openhab.url, "openhab/items/*,openhab/links/*") as listener:
        (folder / "lab.items").write_text(_ITEMS.replace("last-message-body", "last-message-sid"))
        listener.wait_for("openhab/links/Last_SMS-twilio:phone:a:b:last-message-body/removed")
    assert listener.topics == [
        "openhab/links/Last_SMS-twilio:phone:a:b:last-message-sid/added",
        "openhab/links/Last_SMS-twilio:phone:a:b:last-message-body/removed",
    ]
    assert state_of(openhab.url, "Last_SMS") == "kept"


def test_changed_label_loses_the_state(openhab: OpenHABStandIn, folder: Path) -> None:
    """An edited item is reported as updated, and is a new object without a state; its link stays silently."""
    put_state(openhab.url, "Last_SMS", "gone soon")
    wait_until(lambda: state_of(openhab.url, "Last_SMS") == "gone soon")
    with SseListener(openhab.url, "openhab/items/*/updated,openhab/links/*") as listener:
        (folder / "lab.items").write_text(_ITEMS.replace('"Last SMS"', '"Other"'))
        listener.wait_for("openhab/items/Last_SMS/updated")
    assert listener.topics == ["openhab/items/Last_SMS/updated"]
    assert state_of(openhab.url, "Last_SMS") == "NULL"


def test_broken_file_takes_its_items_along(openhab: OpenHABStandIn, folder: Path) -> None:
    """A broken file loses all items and links until it is fixed."""
    (folder / "lab.items").write_text(_ITEMS + "String {")
    wait_until(lambda: put_state(openhab.url, "Plain", "x").status_code == 404)
    assert _links(openhab) == []
    (folder / "lab.items").write_text(_ITEMS)
    wait_until(lambda: put_state(openhab.url, "Plain", "x").status_code == 202)
    assert len(_links(openhab)) == 1


def test_change_of_a_profile_is_no_event(openhab: OpenHABStandIn, folder: Path) -> None:
    """Another profile for a link only appears in the list of links."""
    text = _ITEMS.replace('last-message-body" }', 'last-message-body"[profile="transform:MAP"] }')
    with SseListener(openhab.url, "openhab/links/*") as listener:
        (folder / "lab.items").write_text(text)
        wait_until(lambda: _links(openhab)[0]["configuration"] == {"profile": "transform:MAP"})
        openhab.faults.drop_streams()
        assert listener.ended.wait(30)
    assert listener.topics == []


def _links(openhab: OpenHABStandIn) -> list[dict[str, object]]:
    found: list[dict[str, object]] = requests.get(f"{openhab.url}/rest/links", headers=_ADMIN, timeout=30).json()
    return found


def test_how_states_are_shown(openhab: OpenHABStandIn, folder: Path) -> None:
    """The pattern in a label is not shown, but defines how the state is shown; metadata can define more."""
    described = '{ stateDescription="" [ pattern="%.2f °C", min=5, max=30, options="5=frost,21=warm" ] }'
    (folder / "shown.items").write_text(
        f'Number:Temperature Hall "Hall [%.1f %unit%]"\nNumber:Temperature Set "Set [%d]" {described}\nSwitch Plug "Plug"\n',
        encoding="utf-8",
    )
    url = f"{openhab.url}/rest/items"
    wait_until(lambda: requests.get(f"{url}/Plug", timeout=30).status_code == 200, 10)
    hall, set_, plug = (requests.get(f"{url}/{name}", timeout=30).json() for name in ("Hall", "Set", "Plug"))
    assert (hall["label"], hall["stateDescription"]["pattern"]) == ("Hall", "%.1f %unit%")
    assert set_["stateDescription"] == {
        "pattern": "%.2f °C",
        "minimum": 5,
        "maximum": 30,
        "readOnly": False,
        "options": [{"value": "5", "label": "frost"}, {"value": "21", "label": "warm"}],
    }
    assert "stateDescription" not in plug
