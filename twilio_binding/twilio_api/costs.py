"""Reads what an account has spent."""

from __future__ import annotations

from contextlib import suppress
from math import isfinite

from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.costs import PERIODS, Costs, Period, Spent
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.account_facts import TwilioAccounts
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.pages import entries_of_all, unreadable

_LARGEST_PAGE = "1000"


class TwilioCosts:
    """Reads balances and usage records."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._accounts = TwilioAccounts(clients)

    def of(self, account: Account) -> Costs:
        """The costs of an account, without its subaccounts. Raises `TwilioError` or `OutcomeUnknownError`."""
        spent = tuple(self._spent(account, period) for period in PERIODS)
        balance = None
        with suppress(TwilioError, OutcomeUnknownError):  # a subaccount has none
            balance = self._accounts.balance(account)
        return Costs(balance=balance, spent=spent)

    def _spent(self, account: Account, period: Period) -> Spent:
        url = f"https://api.twilio.com/2010-04-01/Accounts/{account.account_sid}/Usage/Records/{period}.json"
        query = {"PageSize": _LARGEST_PAGE, "IncludeSubaccounts": "false"}
        prices: dict[str, float] = {}
        currency = ""
        for record in entries_of_all(self._clients, account, url, "usage_records", query):
            prices[str(record.get("category"))] = _price(record.get("price"))
            currency = str(record.get("price_unit") or currency).upper()
        if "totalprice" not in prices:
            raise unreadable()
        return Spent(total=prices.pop("totalprice"), currency=currency, by=prices)


def _price(value: object) -> float:
    """A price in Twilio's answer, a text or a number; a category without a price costs nothing."""
    try:
        price = float(value) if isinstance(value, str | int | float) else 0.0
    except ValueError:
        raise unreadable() from None
    if not isfinite(price):
        raise unreadable()
    return price
