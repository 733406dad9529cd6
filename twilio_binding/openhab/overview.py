"""What openHAB tells of itself and of its items, for somebody who looks whether all is right."""

from __future__ import annotations

from typing import Any

from twilio_binding.openhab.http import OpenHABRequests


def root(requests: OpenHABRequests) -> dict[str, Any]:
    """What openHAB tells anybody of itself, such as its version. Raises `DependencyDownError` or `OpenHABRefusedError`."""
    return requests.send("GET", "/").decoded()


def item_types(requests: OpenHABRequests) -> dict[str, str]:
    """The type of each item by its name; a group has that of its members, "Group" for none. Raises as `root`."""
    listed = requests.send("GET", "/items?recursive=false&fields=name,type,groupType").entries()
    return {str(item.get("name")): str(item.get("groupType") or item.get("type")) for item in listed}
