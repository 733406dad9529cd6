"""Effects of commands to items, as openHAB's event stream tells them."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from tests.unit.people.house import house
from tests.waiting import wait_until


@pytest.mark.parametrize("topic", ["openhab/items/All/stateupdated", "openhab/items/All/Lamp/stateupdated"])
def test_the_effect_on_a_group_is_told(tmp_path: Path, topic: str) -> None:
    """The state of a group comes with the name of a member; a command to the group has its effect then."""
    with house(tmp_path, All="OFF", Lamp="OFF") as home:
        found: list[bool] = []
        effects = {"All": lambda state: state == "told"}
        thread = threading.Thread(target=lambda: found.append(home.items.carry_out("All", "ON", effects, 20)))
        thread.start()
        wait_until(lambda: home.commands)
        home.items.follow("openhab/items/Lamp/stateupdated", json.dumps({"value": "told"}))
        home.items.follow("openhab/items/All/statechanged", json.dumps({"value": "told"}))
        home.items.follow(topic, json.dumps({"value": "told"}))
        thread.join()
    assert found == [True]
