"""Sets the webhooks of a phone's number at Twilio, restores the old ones on request, and says so in the phone's status.

When a phone is checked again, and a failure retried, is decided in `checks`.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass

import structlog

from twilio_binding.accounts.ports import KeptWebhooks, Numbers
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.incoming_numbers import (
    URLS,
    IncomingNumber,
    Settings,
    Traffic,
    differing,
    same,
    wanted_settings,
)
from twilio_binding.model.statuses import ONLINE, Status, misconfigured, online, unreached
from twilio_binding.model.things import Account, Phone
from twilio_binding.protocol.errors import Refusal

_log = structlog.get_logger(__name__)

_WEBHOOKS: dict[Traffic, str] = {"Texts": "SmsUrl", "Calls": "VoiceUrl"}
_NOT_OURS = (
    "The account does not have this phone number; check phoneNumber, and the account's numbers in the Twilio Console"
)
_NO_URL = "No public URL is known; the number's webhooks still point to the last one"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWebhooks:
    """Settings of a number by Twilio's names: their values `now`, `before` the service, and as `ours`.

    `ours` is empty while no public URL is known. `left_alone`: the old values were restored, and we must not write
    ours.
    """

    now: Settings
    before: Settings
    ours: Settings
    left_alone: bool = False


class ConfigureNumber:
    """Compares a number's webhooks with what they should be, and writes the differences if the account allows it.

    A change by somebody else is corrected once per process. If it happens again, the change stays, and the phone's
    status says so: two programs that want the same number would otherwise overwrite each other forever.
    """

    def __init__(self, numbers: Numbers, kept: KeptWebhooks) -> None:
        self._numbers = numbers
        self._kept = kept
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._put_right: dict[str, Settings] = {}

    def check(self, account: Account, phone: Phone) -> Status:
        """Check a phone whose account works, set its webhooks, and return its status; raises only if we ask too often."""
        with self._locks[phone.uid]:
            return self._find_and_check(account, phone, asked=False)

    def set_again(self, account: Account, phone: Phone) -> Status:
        """Set the number's webhooks, even if they were restored or changed by somebody else."""
        with self._locks[phone.uid]:
            self._kept.leave_alone(self._number(account, phone).sid, leave=False)
            self._put_right.pop(phone.uid, None)
            return self._find_and_check(account, phone, asked=True)

    def restore(self, account: Account, phone: Phone) -> dict[str, str]:
        """Restore the old webhooks and keep them until `set_again`; returns what was restored.

        What somebody else changed since stays as it is. Raises `Refusal` when we never changed anything, or when
        Twilio does not keep it.
        """
        with self._locks[phone.uid]:
            number = self._number(account, phone)
            kept = self._kept.of(number.sid)
            if kept is None:
                raise Refusal("nothing_kept", "this service has never changed the webhooks of this number")
            self._kept.leave_alone(number.sid, leave=True)
            ours = {name for name, value in kept.wrote.items() if same(number.settings.get(name, ""), value)}
            # Twilio does not accept an empty method.
            back = {name: kept.before[name] for name in ours & kept.before.keys()}
            back = {name: value for name, value in sorted(back.items()) if value or not name.endswith("Method")}
            left = self._write(account, number, back) if back else {}
            if left:
                text = f"Twilio accepted {_names(left)} but kept other values; the service no longer changes them"
                raise Refusal("not_restored", text)
            _log.info("webhooks.restored", thing=phone.uid, settings=sorted(back))
            return back

    def look(self, account: Account, phone: Phone) -> NumberWebhooks:
        """The current webhooks of a number, for people; raises `TwilioBindingError`."""
        number = self._number(account, phone)
        kept = self._kept.of(number.sid)
        return NumberWebhooks(
            now=number.settings,
            before=kept.before if kept else {},
            ours=wanted_settings(phone, account.base_url) if account.base_url else {},
            left_alone=kept is not None and kept.left_alone,
        )

    def _number(self, account: Account, phone: Phone) -> IncomingNumber:
        number = self._numbers.find(account, phone.phone_number)
        if number is None:
            raise Refusal("unknown_number", _NOT_OURS)
        return number

    def _find_and_check(self, account: Account, phone: Phone, *, asked: bool) -> Status:
        try:
            number = self._numbers.find(account, phone.phone_number)
            return misconfigured(_NOT_OURS) if number is None else self._check(account, phone, number, asked=asked)
        except TwilioError as error:
            return _of_refusal(error, "checked")
        except OutcomeUnknownError as error:
            return unreached(f"The number's webhooks could not be checked: {error}")

    def _check(self, account: Account, phone: Phone, number: IncomingNumber, *, asked: bool) -> Status:
        kept = self._kept.of(number.sid)
        if account.entry_url is None:
            return ONLINE if kept is None or kept.left_alone else online(_NO_URL)
        wanted = wanted_settings(phone, account.entry_url)
        missing = differing(number.settings, wanted)
        if kept is not None and kept.left_alone:
            return online(f"Its webhooks were restored, and the service no longer changes them; {_again(phone)}")
        if missing and account.auto_configure_webhooks:
            is_ours = kept is not None and kept.confirmed and not asked
            foreign = differing(number.settings, kept.wrote) if kept is not None and is_ours else {}
            failure = self._set(account, phone, number, wanted, foreign)
            if failure is not None:
                return failure
        elif not missing and kept is not None and not kept.confirmed:
            self._kept.confirm(number.sid)
        return self._judge(account, number, wanted)

    def _set(
        self, account: Account, phone: Phone, number: IncomingNumber, wanted: Settings, foreign: Settings
    ) -> Status | None:
        """Set what differs; `foreign` was changed by somebody else. Returns the phone's status if that fails."""
        missing = differing(number.settings, wanted)
        if foreign and self._put_right.get(phone.uid) == wanted:
            return misconfigured(
                f"Another program keeps changing {_names(foreign)} of the number; stop it, then {_again(phone)}"
            )
        if foreign:
            self._put_right[phone.uid] = wanted
            _log.warning("webhooks.changed_by_somebody_else", thing=phone.uid, settings=sorted(foreign))
        self._kept.keep(number.sid, before={name: number.settings.get(name, "") for name in missing}, wrote=wanted)
        try:
            left = self._write(account, number, missing)
        except TwilioError as error:
            return _of_refusal(error, "set")
        except OutcomeUnknownError as error:
            return unreached(f"The number's webhooks could not be set: {error}")
        if left:
            return misconfigured(
                f"The number's webhooks could not be set: Twilio accepted {_names(left)} but kept other values"
            )
        self._kept.confirm(number.sid)
        _log.info("webhooks.set", thing=phone.uid, settings=sorted(missing))
        return None

    def _write(self, account: Account, number: IncomingNumber, settings: Settings) -> Settings:
        """Write settings and read them back; returns those that differ afterwards."""
        self._numbers.write(account, number.sid, settings)
        return differing(self._numbers.read(account, number.sid).settings, settings)

    def _judge(self, account: Account, number: IncomingNumber, wanted: Settings) -> Status:
        """Whether texts and calls arrive here, now that the webhooks are set."""
        rivals = [one for one in self._numbers.rivals(account, number) if one.traffic in number.traffic]
        away = [rival for rival in rivals if not same(rival.url, wanted[_WEBHOOKS[rival.traffic]])]
        texts = [str(rival) for rival in away]
        if not account.auto_configure_webhooks:
            elsewhere = {_WEBHOOKS[rival.traffic] for rival in rivals}
            missing = {name: url for name, url in wanted.items() if name not in elsewhere and name in URLS}
            missing = differing(number.settings, missing)
            if missing:
                texts.append(
                    f"autoConfigureWebhooks is off, and {_names(missing)} of the number at Twilio does not point to this service"
                )
            return online(". ".join(texts))
        is_cut_off = bool(number.traffic) and number.traffic == {rival.traffic for rival in away}
        return misconfigured(". ".join(texts)) if is_cut_off else online(". ".join(texts))


def _again(phone: Phone) -> str:
    return f"`twilio-binding configure {phone.uid}` sets them again"


def _names(settings: Settings) -> str:
    return ", ".join(sorted(settings))


def _of_refusal(error: TwilioError, verb: str) -> Status:
    if error.is_too_many:
        raise error
    if error.forbidden and verb == "checked":
        return online(
            "The API key is not allowed to read the account's numbers, so the service does not manage the number's webhooks"
        )
    text = f"The number's webhooks could not be {verb}: "
    if error.retryable:
        return unreached(text + str(error))
    return misconfigured(f"{text}Twilio API error ({error.code.removeprefix('twilio.')}): {error}")
