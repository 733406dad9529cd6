"""All things as the outside sees them: status, properties and channels, without their secrets."""

from __future__ import annotations

from typing import Protocol

from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.statuses import Status, misconfigured, without_bridge
from twilio_binding.model.things import Account, BrokenThing, Phone, Things
from twilio_binding.protocol import thing_types
from twilio_binding.protocol.parameters import ACCOUNT

Description = list[dict[str, object]]


class StatusSource(Protocol):
    """Tells the status of each kind of thing."""

    def of_account(self, account: Account) -> Status:
        """The status of an account."""

    def of_phone(self, phone: Phone) -> Status:
        """The status of a phone."""

    def of_contact(self, contact: Contact) -> Status:
        """The status of a contact."""

    def of_alarm(self, alarm: Alarm) -> Status:
        """The status of an alarm."""


def describe(things: Things, status: StatusSource) -> Description:
    """All things, and what cannot be used."""
    described = [
        *(_described(one.uid, one.label, "", status.of_account(one)) for one in things.accounts.values()),
        *(
            _described(one.uid, one.label, one.bridge, status.of_phone(one))
            | {"properties": _properties(things.account_of(one), one)}
            for one in things.phones.values()
        ),
        *(_described(one.uid, one.label, one.bridge, status.of_contact(one)) for one in things.contacts.values()),
        *(_described(one.uid, one.label, one.bridge, status.of_alarm(one)) for one in things.alarms.values()),
        *(_described(one.uid, one.label, one.bridge, _of_broken(one, things)) for one in things.broken),
    ]
    for thing in described:
        texts = (things.kept.get(str(thing["uid"])), thing["description"])
        thing["description"] = ". ".join(str(text) for text in texts if text)
    return described


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
