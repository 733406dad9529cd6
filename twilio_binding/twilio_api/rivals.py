"""Finds what overrides a number's webhooks at Twilio: applications, messaging services, regions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from urllib.parse import quote

import structlog

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.incoming_numbers import IncomingNumber, Rival
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.meanings import answer_of
from twilio_binding.twilio_api.pages import entries_of_all

_log = structlog.get_logger(__name__)

_API = "https://api.twilio.com"
_MESSAGING = "https://messaging.twilio.com"
_ROUTES = "https://routes.twilio.com"
_MOST_SERVICES = 50
"""Maximum number of messaging services to check for a number, with one request each."""


class Rivals:
    """Finds what overrides webhooks, as far as the account's key permits."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def of(self, account: Account, number: IncomingNumber) -> list[Rival]:
        """What overrides the number's webhooks, as far as the account lets us read it; never raises."""
        looks = [partial(self._resolved, account, rival) for rival in number.rivals]
        looks += [partial(self._service_of, account, number), partial(self._region_of, account, number)]
        found = []
        for look in looks:
            try:
                found.append(look())
            except (TwilioError, OutcomeUnknownError) as error:
                # Other products of Twilio, which the key or a proxy may not permit.
                _log.debug("number.rivals_unknown", thing=account.uid, code=error.code)
        return [rival for rival in found if rival is not None]

    def _resolved(self, account: Account, rival: Rival) -> Rival | None:
        """The target of the application."""
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
        services = entries_of_all(self._clients, account, f"{_MESSAGING}/v1/Services", "services", {"PageSize": "100"})
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
            remedy=f"these webhooks belong to {own}; route the number to {own}, or set edge and region in twilio.api_url",
        )
