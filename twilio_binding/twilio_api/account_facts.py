"""Facts about an account besides its numbers: kind, balance, verified numbers, and the status of a message."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from twilio_binding.model.costs import Balance
from twilio_binding.model.things import Account
from twilio_binding.twilio_api.clients import Clients
from twilio_binding.twilio_api.meanings import answer_of
from twilio_binding.twilio_api.pages import entries_of, unreadable

_STATUSES = ("active", "suspended", "closed")
_ACCOUNTS = "https://api.twilio.com/2010-04-01/Accounts"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """Status (`active`, `suspended`, `closed`) and kind (`Trial`, `Full`) of an account, "" if unknown."""

    status: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageState:
    """The status of a message in Twilio's words, and its error code, "" for none."""

    status: str
    error: str = ""


class TwilioAccounts:
    """Reads facts about accounts. Every method raises `TwilioError` or `OutcomeUnknownError`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def facts(self, account: Account) -> AccountFacts:
        """Status and kind; a standard API key may not read them. Raises if the status is unknown."""
        # The answer contains the auth token, so nothing else is taken from it.
        answer = answer_of(self._clients.of(account), "GET", f"{_ACCOUNTS}/{account.account_sid}.json")
        status = _text(answer.get("status"))
        if status not in _STATUSES:
            raise unreadable()
        return AccountFacts(status=status, kind=_text(answer.get("type")))

    def balance(self, account: Account) -> Balance | None:
        """The balance; None if Twilio reports none, for example for a subaccount."""
        answer = answer_of(self._clients.of(account), "GET", f"{_ACCOUNTS}/{account.account_sid}/Balance.json")
        try:
            amount = float(_text(answer.get("balance")))
        except ValueError:
            return None
        return Balance(amount=amount, currency=_text(answer.get("currency"))) if isfinite(amount) else None

    def verified(self, account: Account) -> list[str]:
        """The verified numbers of other people; a trial account reaches no others."""
        url = f"{_ACCOUNTS}/{account.account_sid}/OutgoingCallerIds.json"
        page = answer_of(self._clients.of(account), "GET", url, query={"PageSize": "50"})
        return [_text(entry.get("phone_number")) for entry in entries_of(page, "outgoing_caller_ids")]

    def message(self, account: Account, sid: str) -> MessageState:
        """The status of a message."""
        url = f"{_ACCOUNTS}/{account.account_sid}/Messages/{sid}.json"
        answer = answer_of(self._clients.of(account), "GET", url)
        return MessageState(status=_text(answer.get("status")), error=_text(answer.get("error_code")))


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""
