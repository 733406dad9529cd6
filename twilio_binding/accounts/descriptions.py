"""All things as the outside sees them: status, properties and channels, without their secrets."""

from __future__ import annotations

from collections.abc import Callable

from twilio_binding.model.statuses import Status, misconfigured, without_bridge
from twilio_binding.model.things import Account, BrokenThing, Phone, Things
from twilio_binding.protocol import channels

Description = list[dict[str, object]]


def describe(
    things: Things, *, of_account: Callable[[Account], Status], of_phone: Callable[[Phone], Status]
) -> Description:
    """Accounts, phones, and what cannot be used."""
    accounts = [_described(account.uid, account.label, "", of_account(account)) for account in things.accounts.values()]
    phones = [
        _described(phone.uid, phone.label, phone.bridge, of_phone(phone))
        | {"properties": _properties(things.account_of(phone), phone), "channels": channels.describe(phone.uid)}
        for phone in things.phones.values()
    ]
    broken = [
        _described(thing.uid, thing.label, thing.bridge, _of_broken(thing, things)) | _channels_of(thing)
        for thing in things.broken
    ]
    described = accounts + phones + broken
    for thing in described:
        texts = (things.kept.get(str(thing["uid"])), thing["description"])
        thing["description"] = ". ".join(str(text) for text in texts if text)
    return described


def _of_broken(thing: BrokenThing, things: Things) -> Status:
    if not _is_phone(thing) or thing.bridge in things.accounts:
        return misconfigured(thing.reason)
    return without_bridge(thing.reason, bridge_exists=any(other.uid == thing.bridge for other in things.broken))


def _channels_of(thing: BrokenThing) -> dict[str, object]:
    return {"channels": channels.describe(thing.uid)} if _is_phone(thing) else {}


def _is_phone(thing: BrokenThing) -> bool:
    return thing.uid.startswith("twilio:phone:")


def _described(uid: str, label: str, bridge: str, status: Status) -> dict[str, object]:
    described: dict[str, object] = {
        "uid": uid,
        "label": label,
        "status": status.status,
        "statusDetail": status.detail,
        "description": status.text,
        "properties": {},
        "channels": [],
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
