"""Keeps the status of each thing as openHAB would show it, by asking Twilio now and then."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from twilio_binding.accounts.descriptions import Description, describe
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.statuses import (
    BRIDGE_OFFLINE,
    ONLINE,
    UNKNOWN,
    Status,
    misconfigured,
    unreached,
    without_bridge,
)
from twilio_binding.model.things import Account, Phone, ThingsSource

_log = structlog.get_logger(__name__)

_AGAIN = 3600.0
_PAUSES = (5.0, 15.0, 60.0, 300.0, 900.0)
_LONGEST = 3600.0


@dataclass(slots=True)
class _Watch:
    """When an account is asked next, on the monotonic clock, and how often in a row something was wrong."""

    due: float = 0.0
    failures: int = 0


class Statuses:
    """Asks Twilio about each account, again with growing pauses while something is wrong, and tells all statuses.

    `check` returns the account's status at Twilio or raises. Where that is `active`, `configure` returns the status
    of each of its phones, and `discover` looks through its numbers. `on_change` is given the descriptions of all things.
    `hindrance` is what keeps all of them from working in openHAB, "" for nothing.
    """

    def __init__(
        self,
        things: ThingsSource,
        *,
        check: Callable[[Account], str],
        configure: Callable[[Account, Phone], Status],
        discover: Callable[[Account], object],
        on_change: Callable[[Description], None],
        hindrance: Callable[[], str] = lambda: "",
    ) -> None:
        self._things = things
        self._hindrance = hindrance
        self._check = check
        self._configure = configure
        self._discover = discover
        self._on_change = on_change
        self._accounts: dict[Account, Status] = {}
        self._phones: dict[tuple[Account, Phone], Status] = {}
        self._watches: dict[Account, _Watch] = {}
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="account-check", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(1)  # it may be asking Twilio, and nothing hangs on the answer

    def refresh(self) -> None:
        """The configuration changed: ask about everything again."""
        self._wake.set()

    def of_account(self, account: Account) -> Status:
        """The status of an account."""
        return self._accounts.get(account, UNKNOWN)

    def of_phone(self, phone: Phone) -> Status:
        """The status of a phone: it works when its account and its webhooks do."""
        things = self._things.current()
        account = things.accounts.get(phone.bridge)
        if account is None:
            return without_bridge("", bridge_exists=False)
        status = self.of_account(account)
        if status.is_online:
            return self._phones.get((account, phone), UNKNOWN)
        return BRIDGE_OFFLINE if status.status == "OFFLINE" else UNKNOWN

    def phone_changed(self, account: Account, phone: Phone, status: Status) -> None:
        """Somebody else has found out how a phone is."""
        self._phones[account, phone] = status
        self._tell()

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

    def tell(self) -> None:
        """Tell all statuses again: the hindrance changed."""
        self._tell()

    def _run(self) -> None:
        self._wake.clear()  # the configuration of the start is what the first round is about
        while not self._stopping.is_set():
            self._tell()
            for account, watch in self._watched():
                if watch.due <= time.monotonic() and not self._stopping.is_set():
                    self._ask(account, watch)
                    self._tell()
            due = min((watch.due for watch in self._watches.values()), default=time.monotonic() + _AGAIN)
            if self._wake.wait(max(0.0, due - time.monotonic())):
                self._wake.clear()
                self._watches.clear()

    def _watched(self) -> list[tuple[Account, _Watch]]:
        """The accounts that are configured now; what was known of others is forgotten, their secrets with it."""
        accounts = tuple(self._things.current().accounts.values())
        self._watches = {account: self._watches.get(account) or _Watch() for account in accounts}
        self._accounts = {account: status for account, status in self._accounts.items() if account in self._watches}
        self._phones = {pair: status for pair, status in self._phones.items() if pair[0] in self._watches}
        return list(self._watches.items())

    def _ask(self, account: Account, watch: _Watch) -> None:
        """One round: the account, its phones, its other numbers."""
        wait, is_well = 0.0, False
        try:
            status = self._status_of(account)
            self._note(account, status)
            is_well = status.is_online and self._look_after(account)
        except TwilioError as error:
            # Asking too often makes nothing worse than it was, but what was never known cannot be called well.
            wait = min(error.retry_after, _LONGEST)
            if account not in self._accounts:
                self._note(account, _of_error(error))
            _log.info("account.asked_too_often", thing=account.uid, seconds=wait or None)
        watch.failures = 0 if is_well else watch.failures + 1
        pause = _PAUSES[min(watch.failures, len(_PAUSES)) - 1] if watch.failures else _AGAIN
        watch.due = time.monotonic() + max(pause, wait)

    def _status_of(self, account: Account) -> Status:
        try:
            answer = self._check(account)
        except TwilioError as error:
            if error.is_too_many:
                raise
            return _of_error(error)
        except OutcomeUnknownError as error:
            return unreached(f"Request failed: {error}")
        except Exception:
            self._failed("account.check_failed", account.uid)
            return unreached("Request failed")
        return ONLINE if answer == "active" else misconfigured("Account is not active")

    def _look_after(self, account: Account) -> bool:
        """The phones of an account that works, and its other numbers; whether all is well."""
        things = self._things.current()
        owners: dict[str, Phone] = {}
        for phone in things.phones.values():
            if phone.bridge == account.uid and not self._stopping.is_set():
                status = self._status_of_phone(account, phone, owners.setdefault(phone.phone_number, phone))
                if status != self._phones.get((account, phone)):
                    _log.info("phone.status", thing=phone.uid, status=status.status, text=status.text or None)
                self._phones[account, phone] = status
        is_well = all(self.of_phone(phone).is_online for phone in owners.values())
        return self._discovered(account) and is_well

    def _status_of_phone(self, account: Account, phone: Phone, owner: Phone) -> Status:
        if owner is not phone:
            return misconfigured(f"{owner.uid} has the same number; a number has one thing, to which its webhooks lead")
        try:
            return self._configure(account, phone)
        except TwilioError:
            raise
        except Exception:
            self._failed("phone.check_failed", phone.uid)
            return unreached("The number's webhooks could not be checked")

    def _discovered(self, account: Account) -> bool:
        if self._stopping.is_set():
            return False
        try:
            self._discover(account)
        except TwilioError as error:
            if error.is_too_many:
                raise
            if error.forbidden:
                return True  # and asking again would not change that
            _log.warning("discovery.failed", thing=account.uid, code=error.code, error=str(error))
        except OutcomeUnknownError as error:
            _log.warning("discovery.failed", thing=account.uid, error=str(error))
        except Exception:
            self._failed("discovery.failed", account.uid)
        else:
            return True
        return False

    def _note(self, account: Account, status: Status) -> None:
        if status != self._accounts.get(account):
            _log.info("account.status", thing=account.uid, status=status.status, text=status.text or None)
        self._accounts[account] = status

    def _failed(self, event: str, thing: str) -> None:
        if not self._stopping.is_set():  # at the end what it needs may be closed already
            _log.exception(event, thing=thing)

    def _tell(self) -> None:
        try:
            self._on_change(self.describe())
        except Exception:
            _log.exception("statuses.not_told")


def _of_error(error: TwilioError) -> Status:
    if error.inactive:
        return misconfigured("Account is not active")
    if error.code == "twilio.20003":
        return misconfigured("Invalid Account SID or Auth Token")
    if error.code == "twilio_away" or error.code.startswith("twilio.http_"):
        return unreached(f"Request failed: {error}")
    return unreached(f"Twilio API error ({error.code.removeprefix('twilio.')}): {error}")
