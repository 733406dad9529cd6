"""Descriptions of all things for publication: status, properties and channels, without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from twilio_binding.clock import in_turns
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.statuses import Status, misconfigured, without_bridge
from twilio_binding.model.things import Account, BrokenThing, Phone, Things
from twilio_binding.protocol import thing_types
from twilio_binding.protocol.parameters import ACCOUNT

Description = list[dict[str, object]]


class StatusSource(Protocol):
    """Returns the status of things of each kind."""

    def of_account(self, account: Account) -> Status:
        """The status of an account."""

    def of_phone(self, phone: Phone) -> Status:
        """The status of a phone."""

    def of_contact(self, contact: Contact) -> Status:
        """The status of a contact."""

    def of_alarm(self, alarm: Alarm) -> Status:
        """The status of an alarm."""


def describe(things: Things, status: StatusSource) -> Description:
    """Describe all things, also those that cannot be used; other threads continue meanwhile."""
    described = []
    for thing in in_turns(_all(things, status)):
        texts = (things.kept.get(str(thing["uid"])), thing["description"])
        thing["description"] = ". ".join(str(text) for text in texts if text)
        described.append(thing)
    return described


def _all(things: Things, status: StatusSource) -> Iterator[dict[str, object]]:
    for account in things.accounts.values():
        yield _described(account.uid, account.label, "", status.of_account(account))
    for phone in things.phones.values():
        properties = _properties(things.account_of(phone), phone)
        yield _described(phone.uid, phone.label, phone.bridge, status.of_phone(phone)) | {"properties": properties}
    for contact in things.contacts.values():
        yield _described(contact.uid, contact.label, contact.bridge, status.of_contact(contact))
    for alarm in things.alarms.values():
        yield _described(alarm.uid, alarm.label, alarm.bridge, status.of_alarm(alarm))
    for broken in things.broken:
        yield _described(broken.uid, broken.label, broken.bridge, _of_broken(broken, things))


def _of_broken(thing: BrokenThing, things: Things) -> Status:
    if thing_types.type_of(thing.uid) in (None, ACCOUNT) or thing.bridge in things.accounts:
        return misconfigured(thing.reason)
    return without_bridge(thing.reason, bridge_exists=any(other.uid == thing.bridge for other in things.broken))


def _described(uid: str, label: str, bridge: str, status: Status) -> dict[str, object]:
    described: dict[str, object] = {
        "uid": uid,
        "label": label,
        "status": status.status,
        "statusDetail": status.detail,
        "description": status.text,
        "properties": {},
        "channels": thing_types.describe(uid),
    }
    if bridge:
        described["bridgeUID"] = bridge
    return described


def _properties(account: Account, phone: Phone) -> dict[str, str]:
    urls = {
        "smsWebhookUrl": phone.callback_url(account.base_url, "sms"),
        "voiceWebhookUrl": phone.callback_url(account.base_url, "voice"),
        "statusCallbackUrl": phone.callback_url(account.base_url, "status"),
    }
    return {name: url for name, url in urls.items() if url is not None}
