"""Numbers that were found and are not things yet, as entries of openHAB's inbox."""

from __future__ import annotations

import re
from collections.abc import Iterable

from twilio_binding.model.incoming_numbers import IncomingNumber
from twilio_binding.model.things import Account, Things


def entries(account: Account, numbers: Iterable[IncomingNumber], things: Things) -> list[dict[str, object]]:
    """An entry for each number of the account that is not a thing, with a line for a `.things` file.

    A number whose UID belongs to another thing gets no entry.
    """
    taken = {phone.phone_number for phone in things.phones.values()} | {broken.phone_number for broken in things.broken}
    uids = things.phones.keys() | {broken.uid for broken in things.broken}
    found = (_entry(account, number) for number in numbers if number.phone_number not in taken)
    return [entry for entry in found if entry["thingUID"] not in uids]


def _entry(account: Account, number: IncomingNumber) -> dict[str, object]:
    uid = account.uid.child("phone", re.sub(r"[^A-Za-z0-9]", "", number.phone_number))
    label = f"Twilio: {number.friendly_name.strip() or number.phone_number}"
    return {
        "thingUID": uid,
        "thingTypeUID": "twilio:phone",
        "bridgeUID": account.uid,
        "label": label,
        "properties": {"phoneNumber": number.phone_number},
        "representationProperty": "phoneNumber",
        "flag": "NEW",
        "line": f'Thing {uid} {_quoted(label)} ({account.uid}) [ phoneNumber="{number.phone_number}" ]',
    }


def _quoted(text: str) -> str:
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
