"""The status of each thing, as openHAB would show it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from twilio_binding.flows.ports import OutcomeUnknownError, ThingsSource, TwilioError
from twilio_binding.model import channels
from twilio_binding.model.things import Account, Phone

_log = structlog.get_logger(__name__)

_AGAIN = 3600.0
_PAUSES = (5.0, 15.0, 60.0, 300.0, 900.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Status, detail and text."""

    status: str = "UNKNOWN"
    detail: str = "NONE"
    text: str = ""

    @property
    def is_online(self) -> bool:
        """Whether the thing works."""
        return self.status == "ONLINE"


ONLINE = Status(status="ONLINE")
_BRIDGE_OFFLINE = Status(status="OFFLINE", detail="BRIDGE_OFFLINE")
_UNINITIALIZED = Status(status="UNINITIALIZED", detail="BRIDGE_UNINITIALIZED")


class Statuses:
    """Asks Twilio about each account, again with growing pauses while that fails, and tells all things' statuses.

    `check` returns the account's status at Twilio or raises; `on_change` is given the descriptions of all things.
    """

    def __init__(
        self,
        things: ThingsSource,
        *,
        check: Callable[[Account], str],
        on_change: Callable[[list[dict[str, object]]], None],
    ) -> None:
        self._things = things
        self._check = check
        self._on_change = on_change
        self._accounts: dict[Account, Status] = {}
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
        """The configuration changed."""
        self._wake.set()

    def of_account(self, account: Account) -> Status:
        """The status of an account."""
        return self._accounts.get(account, Status())

    def of_phone(self, phone: Phone) -> Status:
        """The status of a phone: it works when its account does."""
        account = self._things.current().accounts.get(phone.bridge)
        status = self.of_account(account) if account is not None else _UNINITIALIZED
        if status.is_online:
            return ONLINE
        return _BRIDGE_OFFLINE if status.status == "OFFLINE" else Status()

    def describe(self) -> list[dict[str, object]]:
        """All things with status, properties and channels, without their secrets."""
        things = self._things.current()
        accounts = [
            _described(account.uid, account.label, "", self.of_account(account)) for account in things.accounts.values()
        ]
        phones = [
            _described(phone.uid, phone.label, phone.bridge, self.of_phone(phone))
            | {"properties": _properties(things.account_of(phone), phone), "channels": channels.describe(phone.uid)}
            for phone in things.phones.values()
        ]
        broken = [
            _described(thing.uid, thing.label, thing.bridge, _misconfigured(thing.reason)) for thing in things.broken
        ]
        return accounts + phones + broken

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            for account in tuple(self._things.current().accounts.values()):
                self._ask(account)
            try:
                self._on_change(self.describe())
            except Exception:
                _log.exception("statuses.not_told")
            all_well = all(self.of_account(known).is_online for known in self._things.current().accounts.values())
            failures = 0 if all_well else failures + 1
            woken = self._wake.wait(_PAUSES[min(failures, len(_PAUSES)) - 1] if failures else _AGAIN)
            self._wake.clear()
            failures = 0 if woken else failures

    def _ask(self, account: Account) -> None:
        try:
            answer = self._check(account)
            status = ONLINE if answer == "active" else _misconfigured("Account is not active")
        except TwilioError as error:
            status = _of_error(error)
        except OutcomeUnknownError as error:
            status = Status(status="OFFLINE", detail="COMMUNICATION_ERROR", text=f"Request failed: {error}")
        except Exception:
            _log.exception("account.check_failed", thing=account.uid)
            status = Status(status="OFFLINE", detail="COMMUNICATION_ERROR", text="Request failed")
        if status != self._accounts.get(account):
            _log.info("account.status", thing=account.uid, status=status.status, text=status.text or None)
        self._accounts[account] = status


def _of_error(error: TwilioError) -> Status:
    if error.code == "twilio.20003":
        return _misconfigured("Invalid Account SID or Auth Token")
    if error.code == "twilio_away":
        return Status(status="OFFLINE", detail="COMMUNICATION_ERROR", text=f"Request failed: {error}")
    text = f"Twilio API error ({error.code.removeprefix('twilio.')}): {error}"
    return Status(status="OFFLINE", detail="COMMUNICATION_ERROR", text=text)


def _misconfigured(text: str) -> Status:
    return Status(status="OFFLINE", detail="CONFIGURATION_ERROR", text=text)


def _described(uid: str, label: str, bridge: str, status: Status) -> dict[str, object]:
    described: dict[str, object] = {
        "uid": uid,
        "label": label,
        "status": status.status,
        "statusDetail": status.detail,
        "description": status.text,
        "properties": {},
        "channels": [],
    }
    if bridge:
        described["bridgeUID"] = bridge
    return described


def _properties(account: Account, phone: Phone) -> dict[str, str]:
    urls = {
        "smsWebhookUrl": phone.callback_url(account.base_url, "sms"),
        "voiceWebhookUrl": phone.callback_url(account.base_url, "voice"),
        "statusCallbackUrl": phone.callback_url(account.base_url, "status"),
    }
    return {name: url for name, url in urls.items() if url is not None}
