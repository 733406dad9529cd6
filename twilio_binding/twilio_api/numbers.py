"""Reads an account and its numbers at Twilio, and sets their webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from twilio_binding.errors import TwilioError
from twilio_binding.model.incoming_numbers import METHODS, URLS, IncomingNumber, Rival, Settings, Traffic
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.account_facts import TwilioAccounts
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.meanings import answer_of
from twilio_binding.twilio_api.pages import entries_of, entries_of_all, unreadable
from twilio_binding.twilio_api.rivals import Rivals

_API = "https://api.twilio.com"
_FIELDS = dict(
    zip(
        URLS + METHODS,
        ("sms_url", "voice_url", "status_callback", "sms_method", "voice_method", "status_callback_method"),
        strict=True,
    )
)
_OWN_RIVALS: tuple[tuple[str, Traffic, str], ...] = (
    ("sms_application_sid", "Texts", "the application"),
    ("voice_application_sid", "Calls", "the application"),
    ("trunk_sid", "Calls", "the SIP trunk"),
)
_AT_THE_NUMBER = "remove it from the number in the Twilio Console"


class TwilioNumbers:
    """Accounts and their numbers. Every method raises `TwilioError` or `OutcomeUnknownError`, unless it says otherwise.

    `page_size` is the number of entries in a request.
    """

    def __init__(self, clients: Clients, *, page_size: int = 1000) -> None:
        self._clients = clients
        self._page_size = str(page_size)
        self._rivals = Rivals(clients)

    def account_status(self, account: Account) -> str:
        """The status of the account: `active`, `suspended` or `closed`."""
        if account.api_key_sid:
            return self._status_by_key(account)
        return TwilioAccounts(self._clients).facts(account).status

    def find(self, account: Account, phone_number: str) -> IncomingNumber | None:
        """The number in the account; None if the account does not have it."""
        page = answer_of(self._clients.of(account), "GET", _numbers(account), query={"PhoneNumber": phone_number})
        # The filter also finds parts of numbers.
        numbers = [_number(entry) for entry in entries_of(page, "incoming_phone_numbers")]
        return next((number for number in numbers if number.phone_number == phone_number), None)

    def all(self, account: Account) -> list[IncomingNumber]:
        """All numbers of the account."""
        query = {"PageSize": self._page_size}
        return [
            _number(entry)
            for entry in entries_of_all(self._clients, account, _numbers(account), "incoming_phone_numbers", query)
        ]

    def read(self, account: Account, sid: str) -> IncomingNumber:
        """The current settings of a number."""
        return _number(answer_of(self._clients.of(account), "GET", _number_url(account, sid)))

    def write(self, account: Account, sid: str, settings: Settings) -> None:
        """Change settings of a number; the others stay as they are."""
        answer_of(self._clients.of(account), "POST", _number_url(account, sid), form=settings)

    def rivals(self, account: Account, number: IncomingNumber) -> list[Rival]:
        """What overrides the number's webhooks, as far as the account lets us read it; never raises."""
        return self._rivals.of(account, number)

    def _status_by_key(self, account: Account) -> str:
        # A standard API key cannot read the account, but listing the numbers proves that it is valid.
        try:
            page = answer_of(self._clients.of(account), "GET", _numbers(account), query={"PageSize": "1"})
        except TwilioError as error:
            if not error.forbidden:
                raise
        else:
            entries_of(page, "incoming_phone_numbers")
        return "active"


def _numbers(account: Account) -> str:
    return f"{_API}/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json"


def _number_url(account: Account, sid: str) -> str:
    return f"{_API}/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers/{sid}.json"


def _number(entry: Mapping[str, Any]) -> IncomingNumber:
    sid, phone_number = entry.get("sid"), entry.get("phone_number")
    if not isinstance(sid, str) or not isinstance(phone_number, str) or not sid or not phone_number:
        raise unreadable()
    able = entry.get("capabilities")
    able = able if isinstance(able, dict) else {}
    kinds: dict[Traffic, bool] = {
        "Texts": bool(able.get("sms", True) or able.get("mms", True)),
        "Calls": bool(able.get("voice", True)),
    }
    return IncomingNumber(
        sid=sid,
        phone_number=phone_number,
        friendly_name=str(entry.get("friendly_name") or ""),
        settings={name: str(entry.get(key) or "") for name, key in _FIELDS.items()},
        traffic=frozenset(kind for kind, is_able in kinds.items() if is_able),
        rivals=tuple(_own_rivals(entry)),
    )


def _own_rivals(entry: Mapping[str, Any]) -> Iterator[Rival]:
    for key, traffic, name in _OWN_RIVALS:
        if entry.get(key):
            yield Rival(traffic=traffic, name=f"{name} {entry[key]}", remedy=_AT_THE_NUMBER)
