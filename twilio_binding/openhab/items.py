"""Items of openHAB: their states, and commands to them."""

from __future__ import annotations

from collections.abc import Mapping

from twilio_binding.model.sentences.catalogue import catalogue
from twilio_binding.model.sentences.items import any_item
from twilio_binding.model.sentences.states import ItemState, shown
from twilio_binding.model.watches import ReadState
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.rest import ITEM_SECONDS, TEXT
from twilio_binding.settings import OpenHABSettings


class OpenHABItems:
    """Methods raise `DependencyDownError` or `OpenHABRefusedError`."""

    def __init__(self, server: OpenHABSettings) -> None:
        self._requests = OpenHABRequests(server)

    def read(self, item: str) -> ReadState:
        """The state of an item as text, and when it last changed, which openHAB tells from version 5 on."""
        entry = self._requests.send("GET", f"/items/{item}?metadata=twilio", timeout=ITEM_SECONDS).decoded()
        changed = entry.get("lastStateChange")
        return ReadState(state_of(entry).value, changed / 1000 if isinstance(changed, int | float) else None)

    def told(self, item: str, language: str) -> str:
        """The state of an item in the form for people; "" if it has none."""
        entry = self._requests.send("GET", f"/items/{item}?metadata=twilio", timeout=ITEM_SECONDS).decoded()
        state = state_of(entry)
        return shown(any_item(entry), state, catalogue(language)) if state.is_known else ""

    def send_command(self, item: str, command: str) -> None:
        """Send a command to an item."""
        self._requests.send("POST", f"/items/{item}", command, content_type=TEXT, timeout=ITEM_SECONDS).checked()


def state_of(entry: Mapping[str, object]) -> ItemState:
    """The state in an entry of openHAB's list of items."""
    return ItemState(
        value=str(entry.get("state", "NULL")),
        transformed=str(entry.get("transformedState") or ""),
        unit=str(entry.get("unitSymbol") or ""),
    )
