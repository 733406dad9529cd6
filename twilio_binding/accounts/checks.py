"""Checks accounts and phones at Twilio, and retries what failed: when, is decided here. Sets the statuses of accounts.

What a check of a phone does, and the texts of its status, are in `number_webhooks`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import structlog

from twilio_binding.accounts.descriptions import Description
from twilio_binding.accounts.statuses import Statuses
from twilio_binding.clock import left
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.statuses import ONLINE, Status, misconfigured, unreached
from twilio_binding.model.things import Account, Phone, ThingsSource

_log = structlog.get_logger(__name__)

_AGAIN = 3600.0
"""Seconds until an account is checked again if nothing is wrong."""
_PAUSES = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds until it is checked again after the first, second ... failure in a row."""
_LONGEST = 3600.0


@dataclass(slots=True)
class _Watch:
    """When an account is checked next (monotonic clock), and how many checks in a row have failed."""

    due: float = 0.0
    failures: int = 0


class AccountChecks:
    """Checks each account, its phones and its other numbers, each account on its own thread.

    `check` returns the account's status at Twilio or raises. If it is `active`, `configure` returns the status of each
    of its phones, and `discover` searches its numbers. `on_change` gets the descriptions of all things. `hindrance` is
    why no thing works in openHAB, "" if they work.
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
        self._check = check
        self._on_change = on_change
        self._publishing = threading.RLock()
        self.statuses = Statuses(things, hindrance=hindrance)
        self._watches: dict[Account, _Watch] = {}
        self._stopping = threading.Event()
        self._look = _PhoneChecks(things, self.statuses, self._stopping, configure=configure, discover=discover)
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="account-check", daemon=True)

    def start(self) -> None:
        """Start checking."""
        self._thread.start()

    def stop(self, until: float = inf) -> None:
        """Stop checking."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(left(until, 1))  # the thread may be waiting for Twilio, and nothing depends on the answer

    def refresh(self) -> None:
        """Check everything again, because the configuration changed."""
        self._wake.set()

    def phone_changed(self, account: Account, phone: Phone, status: Status) -> None:
        """Take over the status of a phone that a request has found out."""
        self.statuses.note_phone(account, phone, status)
        self.publish()

    def _run(self) -> None:
        self._wake.clear()  # the first round covers the configuration of the start
        while not self._stopping.is_set():
            self.publish()
            for account, watch in self._watched():
                if watch.due <= time.monotonic() and not self._stopping.is_set():
                    self._ask(account, watch)
                    self.publish()
            due = min((watch.due for watch in self._watches.values()), default=time.monotonic() + _AGAIN)
            if self._wake.wait(max(0.0, due - time.monotonic())):
                self._wake.clear()
                self._watches.clear()

    def _watched(self) -> list[tuple[Account, _Watch]]:
        accounts = tuple(self._things.current().accounts.values())
        self._watches = {account: self._watches.get(account) or _Watch() for account in accounts}
        self.statuses.keep_only(accounts)
        return list(self._watches.items())

    def _ask(self, account: Account, watch: _Watch) -> None:
        """Do one round: the account, its phones, its other numbers."""
        wait, is_fine = 0.0, False
        try:
            status = self._status_of(account)
            self.statuses.note_account(account, status)
            is_fine = status.is_online and self._look.at(account)
        except TwilioError as error:
            # "Too many requests" does not worsen a status, but an account that was never online stays offline.
            wait = min(error.retry_after, _LONGEST)
            if not self.statuses.is_known(account):
                self.statuses.note_account(account, status_of_error(error))
            _log.info("account.asked_too_often", thing=account.uid, seconds=wait or None)
        watch.failures = 0 if is_fine else watch.failures + 1
        pause = _PAUSES[min(watch.failures, len(_PAUSES)) - 1] if watch.failures else _AGAIN
        watch.due = time.monotonic() + max(pause, wait)

    def _status_of(self, account: Account) -> Status:
        try:
            answer = self._check(account)
        except TwilioError as error:
            if error.is_too_many:
                raise
            return status_of_error(error)
        except OutcomeUnknownError as error:
            return unreached(f"Request failed: {error}")
        except Exception:
            self._look.failed("account.check_failed", account.uid)
            return unreached("Request failed")
        return ONLINE if answer == "active" else misconfigured("Account is not active")

    def publish(self) -> None:
        """Pass the current descriptions of all things to `on_change`; the newest are passed last."""
        with self._publishing:
            try:
                self._on_change(self.statuses.describe())
            except Exception:
                _log.exception("statuses.not_told")


class _PhoneChecks:
    """Checks the phones and the other numbers of an account that is online."""

    def __init__(
        self,
        things: ThingsSource,
        statuses: Statuses,
        stopping: threading.Event,
        *,
        configure: Callable[[Account, Phone], Status],
        discover: Callable[[Account], object],
    ) -> None:
        self._things = things
        self._statuses = statuses
        self._stopping = stopping
        self._configure = configure
        self._discover = discover

    def at(self, account: Account) -> bool:
        """Check an account's phones and search its numbers; returns whether everything is fine."""
        owners: dict[str, Phone] = {}
        for phone in self._things.current().phones.values():
            if phone.bridge == account.uid and not self._stopping.is_set():
                status = self._status_of(account, phone, owners.setdefault(phone.phone_number, phone))
                self._statuses.note_phone(account, phone, status)
        is_fine = all(self._statuses.of_phone(phone).is_online for phone in owners.values())
        return self._is_discovered(account) and is_fine

    def failed(self, event: str, thing: str) -> None:
        """Log an unexpected error, unless the process is stopping and closed what the check needs."""
        if not self._stopping.is_set():
            _log.exception(event, thing=thing)

    def _status_of(self, account: Account, phone: Phone, owner: Phone) -> Status:
        if owner is not phone:
            return misconfigured(f"{owner.uid} has the same number; configure only one thing for each number")
        try:
            return self._configure(account, phone)
        except TwilioError:
            raise
        except Exception:
            self.failed("phone.check_failed", phone.uid)
            return unreached("The number's webhooks could not be checked")

    def _is_discovered(self, account: Account) -> bool:
        if self._stopping.is_set():
            return False
        try:
            self._discover(account)
        except TwilioError as error:
            if error.is_too_many:
                raise
            if error.forbidden:
                return True  # another try would give the same answer
            _log.warning("discovery.failed", thing=account.uid, code=error.code, error=str(error))
        except OutcomeUnknownError as error:
            _log.warning("discovery.failed", thing=account.uid, error=str(error))
        except Exception:
            self.failed("discovery.failed", account.uid)
        else:
            return True
        return False


def status_of_error(error: TwilioError) -> Status:
    """The status of an account after an error from Twilio."""
    if error.inactive:
        return misconfigured("Account is not active")
    if error.code == "twilio.20003":
        return misconfigured("Invalid Account SID or Auth Token")
    if error.code == "twilio_away" or error.code.startswith("twilio.http_"):
        return unreached(f"Request failed: {error}")
    return unreached(f"Twilio API error ({error.code.removeprefix('twilio.')}): {error}")
