"""Notes on settings that are valid but probably wrong: placeholders and values of the example."""

from __future__ import annotations

import re
from collections.abc import Iterator

from twilio_binding.model.configuration.public_url import doubts
from twilio_binding.model.things import Account, Things

_PLACEHOLDER = re.compile(r"[.…xX*_<>\s-]*|.*(\.{3}|…|<.*>|\byour[ _-]).*|.*x{6,}", re.IGNORECASE | re.DOTALL)
_EXAMPLE_SID = re.compile(r"AC0+[0-9]")


def notes(openhab_token: str, things: Things) -> Iterator[str]:
    """One line for each note, with what to do."""
    if not openhab_token:
        yield "openhab.token is empty; create an API token in openHAB as an administrator. The service needs it for links and rules"
    elif _is_placeholder(openhab_token):
        yield "openhab.token is a placeholder; replace it with an API token that an administrator has created in openHAB"
    for account in things.accounts.values():
        for text in _notes_on(account):
            yield f"{account.uid}: {text}"


def _notes_on(account: Account) -> Iterator[str]:
    if _EXAMPLE_SID.fullmatch(account.account_sid):
        yield "accountSid is that of the example; replace it with the Account SID from the Twilio Console"
    secrets = {
        "authToken": account.auth_token,
        "secondaryAuthToken": account.secondary_auth_token,
        "apiKeySecret": account.api_key_secret,
        "sharedKeySecret": account.shared_key_secret,
    }
    for name, secret in secrets.items():
        if secret and _is_placeholder(secret):
            yield f"{name} is a placeholder; replace it with the value from the Twilio Console"
    if account.public_url == "https://my.domain.com":
        yield "publicUrl is that of the example; replace it with the URL at which Twilio reaches you"
    elif account.public_url and (text := doubts(account.public_url)):
        yield f"publicUrl: {text}"
    elif not account.bases and account.use_cloud_webhook:
        yield "publicUrl is not set: texts and calls come in only while openHAB Cloud provides a URL"
    elif not account.bases:
        yield "publicUrl is not set: you can send, but not receive texts, calls and statuses"


def _is_placeholder(secret: str) -> bool:
    return _PLACEHOLDER.fullmatch(secret) is not None
