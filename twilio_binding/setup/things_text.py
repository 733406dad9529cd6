"""Writes an account and its phones into a `.things` file, without changing the text around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twilio_binding.dsl import DslError, parse_things
from twilio_binding.model.configuration import load_things
from twilio_binding.model.configuration.public_url import read_public_url
from twilio_binding.model.things import Account, Things
from twilio_binding.setup.errors import SetupError

_BRIDGE = "Bridge twilio:account:"
_NEW = f'{_BRIDGE}myaccount "Twilio Account" [ accountSid="" ] {{\n}}\n'
_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9_.]+)'


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountText:
    """The new content of a `.things` file for an account. `numbers` are E.164 numbers, each with a label."""

    account_sid: str
    auth_token: str
    public_url: str = ""
    use_cloud_webhook: bool = False
    numbers: Mapping[str, str]


def read(text: str, source: str = "twilio.things") -> Things:
    """The usable things in a text; raises `SetupError`, which names the `source`, if it is not a `.things` text."""
    try:
        return load_things(parse_things(text, source))[0]
    except DslError as error:
        raise SetupError(f"{error}; correct it, then run this again") from None


def written(text: str, wanted: AccountText) -> str:
    """The text with the account; "" makes a new text. Numbers are added, and never removed.

    Raises `SetupError` if the text has several accounts, or is written in a way that cannot be changed.
    """
    before = read(text)
    if len(before.accounts) > 1:
        raise SetupError("it contains several accounts; change it in an editor")
    base = text if _BRIDGE in text else f"{text}\n{_NEW}".lstrip("\n")
    head, opening, rest = base.partition(_BRIDGE)
    bridge, bracket, rest = rest.partition("]")
    for name, value in _parameters(wanted, next(iter(before.accounts.values()), None)):
        bridge = _set(bridge, name, value)
    after = head + opening + bridge + bracket + _with_phones(rest, _missing(before, wanted.numbers), before)
    if not _says(after, wanted):
        raise SetupError("setup cannot change a file written in this way; change it in an editor")
    return after


def _parameters(wanted: AccountText, before: Account | None) -> Sequence[tuple[str, str]]:
    """Name and literal of each parameter, "" to omit it; unchanged values stay as they are written."""
    url, cloud = f'"{wanted.public_url}"', "true" if wanted.use_cloud_webhook else ""
    literals = {
        "accountSid": f'"{wanted.account_sid}"',
        "authToken": f'"{wanted.auth_token}"',
        "publicUrl": url if wanted.public_url else "",
        "useCloudWebhook": cloud,
    }
    if before:
        same = {
            "accountSid": before.account_sid == wanted.account_sid,
            "authToken": before.auth_token == wanted.auth_token,
            "publicUrl": _has_url(before, wanted.public_url),
            "useCloudWebhook": before.use_cloud_webhook == wanted.use_cloud_webhook,
        }
        return [(name, literal) for name, literal in literals.items() if not same[name]]
    return [*literals.items()]


def _has_url(account: Account, url: str) -> bool:
    """Whether an account has this public URL, with user and password."""
    wanted = read_public_url(url) if url else ("", "")
    return (account.public_url, account.public_login) == wanted


def _set(bridge: str, name: str, literal: str) -> str:
    assigned = rf"\b{name}\s*=\s*{_VALUE}"
    if not literal:
        return re.sub(rf"{assigned}\s*,\s*|\s*,\s*{assigned}", "", bridge, count=1)
    if re.search(assigned, bridge):
        return re.sub(assigned, lambda _: f"{name}={literal}", bridge, count=1)
    return f"{bridge.rstrip()}, {name}={literal} "


def _missing(before: Things, numbers: Mapping[str, str]) -> dict[str, str]:
    known = {phone.phone_number for phone in before.phones.values()}
    return {number: label for number, label in numbers.items() if number not in known}


def _with_phones(rest: str, numbers: Mapping[str, str], before: Things) -> str:
    taken = {uid.rpartition(":")[2] for uid in before.phones}
    lines = ""
    for number, label in numbers.items():
        usual = ("myphone", *(f"myphone{count}" for count in range(2, 100)))
        name = next(name for name in usual if name not in taken)
        taken.add(name)
        lines += f'    Thing phone {name} "{_plain(label)}" [ phoneNumber="{number}" ]\n'
    if not lines:
        return rest
    inside, brace, after = rest.rpartition("}")
    return f"{inside.rstrip()}\n{lines}{brace}{after}" if brace else f"{rest.rstrip()} {{\n{lines}}}\n"


def _plain(label: str) -> str:
    return " ".join(label.replace("\\", "").replace('"', "").split()) or "Twilio Phone Number"


def _says(text: str, wanted: AccountText) -> bool:
    try:
        things = read(text)
    except SetupError:
        return False
    if len(things.accounts) != 1:
        return False
    account = next(iter(things.accounts.values()))
    if _parameters(wanted, account):
        return False
    return wanted.numbers.keys() <= {phone.phone_number for phone in things.phones.values()}
