"""The channels of a phone."""

from __future__ import annotations

STATES = {
    "last-message-body": "String",
    "last-message-from": "String",
    "last-message-date": "DateTime",
    "last-message-media-url": "String",
    "last-message-sid": "String",
    "last-call-from": "String",
    "last-call-status": "String",
    "last-call-date": "DateTime",
    "last-dtmf-digits": "String",
}
"""State channels and their item types."""

TRIGGERS = (
    "sms-received",
    "whatsapp-received",
    "call-received",
    "dtmf-received",
    "message-status",
    "call-status-update",
)

_ACRONYMS = {"sid": "SID", "dtmf": "DTMF", "url": "URL", "sms": "SMS", "whatsapp": "WhatsApp"}


def label(channel: str) -> str:
    """The id in title case."""
    return " ".join(_ACRONYMS.get(word, word.capitalize()) for word in channel.split("-"))


def describe(thing: str) -> list[dict[str, str]]:
    """The channels of a phone as they are published."""
    states = [
        {"uid": f"{thing}:{channel}", "id": channel, "kind": "STATE", "itemType": item, "label": label(channel)}
        for channel, item in STATES.items()
    ]
    triggers = [
        {"uid": f"{thing}:{channel}", "id": channel, "kind": "TRIGGER", "label": label(channel)} for channel in TRIGGERS
    ]
    return states + triggers
