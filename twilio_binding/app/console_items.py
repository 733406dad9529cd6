"""Builds what the console shows about items used by text and phone; at the first visit, even if no phone uses items."""

from __future__ import annotations

import time

from twilio_binding.app.stores import Stores
from twilio_binding.clock import local_now, local_time
from twilio_binding.openhab import OpenHABConnection
from twilio_binding.openhab.usable_items import UsableItems
from twilio_binding.people.item_desk import ItemDesk
from twilio_binding.settings import Settings
from twilio_binding.store.item_commands import SqliteItemCommands


def build_item_desk(settings: Settings, stores: Stores, openhab: OpenHABConnection) -> ItemDesk:
    """The desk, with its own list of items."""
    clock = stores.timeline.now
    return ItemDesk(
        UsableItems(settings.openhab, is_down=lambda: openhab.status.state.is_down),
        SqliteItemCommands(stores.database, clock=clock),
        language=lambda: openhab.locale.language,
        now=local_now,
        wall=lambda moment: local_time(moment + time.time() - clock()),
    )
