"""The current status of each thing. The texts come from `checks` (accounts) and `number_webhooks` (phones)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog

from twilio_binding.accounts.descriptions import Description, StatusSource, describe
from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.statuses import (
    BRIDGE_OFFLINE,
    ONLINE,
    UNKNOWN,
    Status,
    misconfigured,
    online,
    unreached,
    without_bridge,
)
from twilio_binding.model.things import Account, Phone, ThingsSource

_log = structlog.get_logger(__name__)


class Statuses:
    """The last known statuses of accounts and phones. Changes are logged.

    `hindrance` is why no thing works in openHAB, "" if they work.
    """

    def __init__(self, things: ThingsSource, *, hindrance: Callable[[], str] = lambda: "") -> None:
        self._things = things
        self._hindrance = hindrance
        self.doubt_of_alarm: Callable[[Alarm], str] = lambda _: ""
        """Why an alarm cannot do everything that it should, "" if it can; it is online anyway."""
        self._accounts: dict[Account, Status] = {}
        self._phones: dict[tuple[Account, Phone], Status] = {}

    def of_account(self, account: Account) -> Status:
        """The status of an account."""
        return self._accounts.get(account, UNKNOWN)

    def of_phone(self, phone: Phone) -> Status:
        """The status of a phone: it is online if its account is, and its webhooks are set."""
        account = self._things.current().accounts.get(phone.bridge)
        of_account = self._of_account_of(phone)
        return self._phones.get((account, phone), UNKNOWN) if account and of_account.is_online else of_account

    def of_contact(self, contact: Contact) -> Status:
        """The status of a contact: it is online if its account and its phone are."""
        of_account = self._of_account_of(contact)
        phone = self._things.current().phones.get(contact.phone)
        if phone is None or not of_account.is_online:
            return of_account
        of_phone = self.of_phone(phone)
        if of_phone.status != "OFFLINE":
            return ONLINE if of_phone.is_online else UNKNOWN
        text = f"{phone.uid} is offline" + (f": {of_phone.text}" if of_phone.text else "")
        return misconfigured(text) if of_phone.detail == "CONFIGURATION_ERROR" else unreached(text)

    def of_alarm(self, alarm: Alarm) -> Status:
        """The status of an alarm: it is online if its account is."""
        status = self._of_account_of(alarm)
        doubt = "; ".join(filter(None, (alarm.doubt, self.doubt_of_alarm(alarm))))
        return online(doubt) if doubt and status.is_online else status

    def _of_account_of(self, thing: Phone | Contact | Alarm) -> Status:
        """The status of a thing because of the status of its account."""
        account = self._things.current().accounts.get(thing.bridge)
        if account is None:
            return without_bridge("", bridge_exists=False)
        status = self.of_account(account)
        if status.is_online:
            return ONLINE
        return BRIDGE_OFFLINE if status.status == "OFFLINE" else UNKNOWN

    def is_known(self, account: Account) -> bool:
        """Whether an account has been checked at least once."""
        return account in self._accounts

    def note_account(self, account: Account, status: Status) -> None:
        """Set the status of an account."""
        if status != self._accounts.get(account):
            _log.info("account.status", thing=account.uid, status=status.status, text=status.text or None)
        self._accounts[account] = status

    def note_phone(self, account: Account, phone: Phone, status: Status) -> None:
        """Set the status of a phone."""
        if status != self._phones.get((account, phone)):
            _log.info("phone.status", thing=phone.uid, status=status.status, text=status.text or None)
        self._phones[account, phone] = status

    def keep_only(self, accounts: Iterable[Account]) -> None:
        """Remove everything that is no longer configured, with its secrets."""
        kept = set(accounts)
        self._accounts = {account: status for account, status in self._accounts.items() if account in kept}
        self._phones = {pair: status for pair, status in self._phones.items() if pair[0] in kept}

    def describe(self) -> Description:
        """All things with status, properties and channels, without secrets."""
        hindrance = self._hindrance()
        source = _Hindered(self, misconfigured(hindrance[:1].upper() + hindrance[1:])) if hindrance else self
        return describe(self._things.current(), source)


@dataclass(frozen=True, slots=True)
class _Hindered:
    """The statuses while no thing works in openHAB; worse statuses are kept."""

    statuses: StatusSource
    hindrance: Status

    def of_account(self, account: Account) -> Status:
        status = self.statuses.of_account(account)
        return self.hindrance if status.is_online else status

    def of_phone(self, phone: Phone) -> Status:
        return _with_bridge_offline(self.statuses.of_phone(phone))

    def of_contact(self, contact: Contact) -> Status:
        return _with_bridge_offline(self.statuses.of_contact(contact))

    def of_alarm(self, alarm: Alarm) -> Status:
        return _with_bridge_offline(self.statuses.of_alarm(alarm))


def _with_bridge_offline(status: Status) -> Status:
    return BRIDGE_OFFLINE if status.is_online else status
