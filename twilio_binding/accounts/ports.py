"""What the use cases for accounts and numbers need from other packages, and the values that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twilio_binding.model.incoming_numbers import IncomingNumber, Rival, Settings
from twilio_binding.model.things import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The stored webhooks of a number: the old values, and the ones that we wrote.

    `confirmed`: Twilio had our values afterwards. `left_alone`: the old values were restored, and we must not write ours.
    """

    before: Settings
    wrote: Settings
    confirmed: bool = False
    left_alone: bool = False


class Numbers(Protocol):
    """An account and its numbers at Twilio. Methods raise `TwilioError` or `OutcomeUnknownError`."""

    def account_status(self, account: Account) -> str:
        """The status of the account: `active`, `suspended` or `closed`."""

    def find(self, account: Account, phone_number: str) -> IncomingNumber | None:
        """The number in the account; None if the account does not have it."""

    def all(self, account: Account) -> Sequence[IncomingNumber]:
        """All numbers of the account."""

    def read(self, account: Account, sid: str) -> IncomingNumber:
        """The current settings of a number."""

    def write(self, account: Account, sid: str, settings: Settings) -> None:
        """Change settings of a number; the others stay as they are."""

    def rivals(self, account: Account, number: IncomingNumber) -> Sequence[Rival]:
        """What overrides the number's webhooks, as far as the account lets us read it; never raises."""


class KeptWebhooks(Protocol):
    """Stores the webhooks of numbers from before the service changed them."""

    def of(self, number_sid: str) -> Kept | None:
        """The stored webhooks of a number; None if the service never changed them."""

    def keep(self, number_sid: str, *, before: Settings, wrote: Settings) -> None:
        """Store the values that are about to be overwritten, unless we wrote them ourselves."""

    def confirm(self, number_sid: str) -> None:
        """Store that Twilio has our values."""

    def leave_alone(self, number_sid: str, *, leave: bool) -> None:
        """Store whether the service must not change the number."""
