"""What Twilio says of an account and its numbers, and where their webhooks go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

import structlog

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.incoming_numbers import METHODS, URLS, IncomingNumber, Rival, Settings, Traffic
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.meanings import answer_of

_log = structlog.get_logger(__name__)

_API = "https://api.twilio.com"
_MESSAGING = "https://messaging.twilio.com"
_ROUTES = "https://routes.twilio.com"
_MOST_SERVICES = 50
"""Messaging services that are looked into for a number, a request each."""
_STATUSES = ("active", "suspended", "closed")
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

    `page_size` is how many numbers are asked for at a time.
    """

    def __init__(self, clients: Clients, *, page_size: int = 1000) -> None:
        self._clients = clients
        self._page_size = str(page_size)

    def account_status(self, account: Account) -> str:
        """The status of the account: `active`, `suspended` or `closed`."""
        if account.api_key_sid:
            return self._status_by_key(account)
        url = f"{_API}/2010-04-01/Accounts/{account.account_sid}.json"
        status = answer_of(self._clients.of(account), "GET", url).get("status")
        if status not in _STATUSES:
            raise _unreadable()
        return str(status)

    def find(self, account: Account, phone_number: str) -> IncomingNumber | None:
        """The number of the account, None when it has no such number."""
        page = answer_of(self._clients.of(account), "GET", _numbers(account), query={"PhoneNumber": phone_number})
        # The filter finds parts of numbers as well.
        numbers = [_number(entry) for entry in _entries(page, "incoming_phone_numbers")]
        return next((number for number in numbers if number.phone_number == phone_number), None)

    def all(self, account: Account) -> list[IncomingNumber]:
        """Every number of the account."""
        query = {"PageSize": self._page_size}
        return [_number(entry) for entry in self._pages(account, _numbers(account), "incoming_phone_numbers", query)]

    def read(self, account: Account, sid: str) -> IncomingNumber:
        """A number as it is now."""
        return _number(answer_of(self._clients.of(account), "GET", _number_url(account, sid)))

    def write(self, account: Account, sid: str, settings: Settings) -> None:
        """Set settings of a number; the others stay as they are."""
        answer_of(self._clients.of(account), "POST", _number_url(account, sid), form=settings)

    def rivals(self, account: Account, number: IncomingNumber) -> list[Rival]:
        """What else takes the place of the number's webhooks, as far as we may ask; never raises."""
        looks = [partial(self._resolved, account, rival) for rival in number.rivals]
        looks += [partial(self._service_of, account, number), partial(self._region_of, account, number)]
        found = []
        for look in looks:
            try:
                found.append(look())
            except (TwilioError, OutcomeUnknownError) as error:
                # Other products of Twilio, for which the key or a proxy may have no leave.
                _log.debug("number.rivals_unknown", thing=account.uid, code=error.code)
        return [rival for rival in found if rival is not None]

    def _status_by_key(self, account: Account) -> str:
        # A standard API key may not read the account, but whoever may list its numbers is let in.
        try:
            page = answer_of(self._clients.of(account), "GET", _numbers(account), query={"PageSize": "1"})
        except TwilioError as error:
            if not error.forbidden:
                raise
        else:
            _entries(page, "incoming_phone_numbers")
        return "active"

    def _resolved(self, account: Account, rival: Rival) -> Rival | None:
        """Where the application sends what it gets."""
        sid = rival.name.rpartition(" ")[2]
        if not sid.startswith("AP"):
            return rival
        url = f"{_API}/2010-04-01/Accounts/{account.account_sid}/Applications/{sid}.json"
        try:
            answer = answer_of(self._clients.of(account), "GET", url)
        except (TwilioError, OutcomeUnknownError):
            return rival
        return replace(rival, url=str(answer.get("sms_url" if rival.traffic == "Texts" else "voice_url") or ""))

    def _service_of(self, account: Account, number: IncomingNumber) -> Rival | None:
        services = self._pages(account, f"{_MESSAGING}/v1/Services", "services", {"PageSize": "100"})
        for service in islice(services, _MOST_SERVICES):
            sid = str(service.get("sid"))
            if service.get("use_inbound_webhook_on_number") or not self._is_in_service(account, number, sid):
                continue
            url = str(service.get("inbound_request_url") or "")
            return Rival(
                traffic="Texts",
                name=f"the messaging service {sid}" + ("" if url else " (which drops them)"),
                remedy="let it use the number's own webhook (Integration, in the Twilio Console)",
                url=url,
            )
        return None

    def _is_in_service(self, account: Account, number: IncomingNumber, service: str) -> bool:
        url = f"{_MESSAGING}/v1/Services/{service}/PhoneNumbers/{number.sid}"
        try:
            answer_of(self._clients.of(account), "GET", url)
        except TwilioError as error:
            if error.code == "twilio.20404":
                return False
            raise
        return True

    def _region_of(self, account: Account, number: IncomingNumber) -> Rival | None:
        url = f"{_ROUTES}/v2/PhoneNumbers/{quote(number.phone_number)}"
        region = answer_of(self._clients.of(account), "GET", url).get("voice_region")
        if not isinstance(region, str) or not region or region == self._clients.region:
            return None
        own = self._clients.region
        return Rival(
            traffic="Calls",
            name=f"the region {region}",
            remedy=f"these webhooks are those of {own}; route the number to {own}, or name edge and region in twilio.api_url",
        )

    def _pages(
        self, account: Account, url: str, name: str, query: Mapping[str, str] | None
    ) -> Iterator[dict[str, Any]]:
        client, host = self._clients.of(account), url
        seen: set[str] = set()
        while True:
            page = answer_of(client, "GET", url, query=query)
            yield from _entries(page, name)
            meta = page.get("meta")
            following = page.get("next_page_uri") or (meta.get("next_page_url") if isinstance(meta, dict) else None)
            if not following:
                return
            # Only path and query: our credentials go nowhere else than where they went before.
            parts = urlsplit(str(following))
            url, query = urlsplit(host)._replace(path=parts.path, query=parts.query).geturl(), None
            if url in seen:
                raise OutcomeUnknownError("Twilio's pages lead in a circle")
            seen.add(url)


def _numbers(account: Account) -> str:
    return f"{_API}/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json"


def _number_url(account: Account, sid: str) -> str:
    return f"{_API}/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers/{sid}.json"


def _entries(page: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    entries = page.get(name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _unreadable()
    return entries


def _number(entry: Mapping[str, Any]) -> IncomingNumber:
    sid, phone_number = entry.get("sid"), entry.get("phone_number")
    if not isinstance(sid, str) or not isinstance(phone_number, str) or not sid or not phone_number:
        raise _unreadable()
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


def _unreadable() -> OutcomeUnknownError:
    return OutcomeUnknownError("Twilio's answer could not be read")
