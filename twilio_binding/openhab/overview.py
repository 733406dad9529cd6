"""The types of openHAB's items, for the doctor."""

from __future__ import annotations

from twilio_binding.openhab.http import OpenHABRequests


def item_types(requests: OpenHABRequests) -> dict[str, str]:
    """The type of each item by name; a group has that of its members, or "Group".

    Raises `DependencyDownError` or `OpenHABRefusedError`.
    """
    listed = requests.send("GET", "/items?recursive=false&fields=name,type,groupType").entries()
    return {str(item.get("name")): str(item.get("groupType") or item.get("type")) for item in listed}
