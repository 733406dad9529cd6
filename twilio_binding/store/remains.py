"""Whether the database contains data of optional features: contacts, alarms, commands to items."""

from __future__ import annotations

from twilio_binding.store.database import Database

_PEOPLE_OR_ALARMS = """
    SELECT EXISTS (SELECT 1 FROM alarm_records) OR EXISTS (SELECT 1 FROM contact_sends) OR EXISTS (SELECT 1 FROM questions)
"""
_ITEM_COMMANDS = "SELECT EXISTS (SELECT 1 FROM item_commands) OR EXISTS (SELECT 1 FROM asked_back)"


def has_people_or_alarms(database: Database) -> bool:
    """Whether an alarm ever ran, or something was sent to a contact, and that is still stored."""
    return bool(database.read(_PEOPLE_OR_ALARMS)[0][0])


def has_item_commands(database: Database) -> bool:
    """Whether anybody ever used items by text or phone, and that is still stored."""
    return bool(database.read(_ITEM_COMMANDS)[0][0])
