"""The status of each account and phone as openHAB would show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from twilio_binding.accounts.descriptions import Description, describe
from twilio_binding.model.statuses import BRIDGE_OFFLINE, UNKNOWN, Status, misconfigured, without_bridge
from twilio_binding.model.things import Account, Phone, ThingsSource

_log = structlog.get_logger(__name__)


class Statuses:
    """What was found out last about accounts and phones. A change is logged.

    `hindrance` is what keeps all things from working in openHAB, "" for nothing.
    """

    def __init__(self, things: ThingsSource, *, hindrance: Callable[[], str] = lambda: "") -> None:
        self._things = things
        self._hindrance = hindrance
        self._accounts: dict[Account, Status] = {}
        self._phones: dict[tuple[Account, Phone], Status] = {}

    def of_account(self, account: Account) -> Status:
        """The status of an account."""
        return self._accounts.get(account, UNKNOWN)

    def of_phone(self, phone: Phone) -> Status:
        """The status of a phone: it is online if its account is, and its webhooks are set."""
        account = self._things.current().accounts.get(phone.bridge)
        if account is None:
            return without_bridge("", bridge_exists=False)
        status = self.of_account(account)
        if status.is_online:
            return self._phones.get((account, phone), UNKNOWN)
        return BRIDGE_OFFLINE if status.status == "OFFLINE" else UNKNOWN

    def is_known(self, account: Account) -> bool:
        """Whether anything was found out about an account."""
        return account in self._accounts

    def note_account(self, account: Account, status: Status) -> None:
        """Take over what was found out about an account."""
        if status != self._accounts.get(account):
            _log.info("account.status", thing=account.uid, status=status.status, text=status.text or None)
        self._accounts[account] = status

    def note_phone(self, account: Account, phone: Phone, status: Status) -> None:
        """Take over what was found out about a phone."""
        if status != self._phones.get((account, phone)):
            _log.info("phone.status", thing=phone.uid, status=status.status, text=status.text or None)
        self._phones[account, phone] = status

    def keep_only(self, accounts: Iterable[Account]) -> None:
        """Forget what is no longer configured, with its secrets."""
        kept = set(accounts)
        self._accounts = {account: status for account, status in self._accounts.items() if account in kept}
        self._phones = {pair: status for pair, status in self._phones.items() if pair[0] in kept}

    def describe(self) -> Description:
        """All things with status, properties and channels, without their secrets."""
        hindrance = self._hindrance()
        if not hindrance:
            return describe(self._things.current(), of_account=self.of_account, of_phone=self.of_phone)
        hindered = misconfigured(hindrance[:1].upper() + hindrance[1:])

        def of_account(account: Account) -> Status:
            status = self.of_account(account)
            return hindered if status.is_online else status

        def of_phone(phone: Phone) -> Status:
            status = self.of_phone(phone)
            return BRIDGE_OFFLINE if status.is_online else status

        return describe(self._things.current(), of_account=of_account, of_phone=of_phone)
