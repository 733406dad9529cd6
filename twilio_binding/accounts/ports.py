"""What the care for accounts and numbers needs from the outside, and the values that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from twilio_binding.model.incoming_numbers import IncomingNumber, Rival, Settings
from twilio_binding.model.things import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What we know of a number's webhooks: as they were before us, and as we wrote them.

    `confirmed`: Twilio had them so afterwards. `left_alone`: they were put back, and are not to be written.
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
        """The number of the account, None when it has no such number."""

    def all(self, account: Account) -> Sequence[IncomingNumber]:
        """Every number of the account."""

    def read(self, account: Account, sid: str) -> IncomingNumber:
        """A number as it is now."""

    def write(self, account: Account, sid: str, settings: Settings) -> None:
        """Set settings of a number; the others stay as they are."""

    def rivals(self, account: Account, number: IncomingNumber) -> Sequence[Rival]:
        """What else takes the place of the number's webhooks, as far as we may ask; never raises."""


class KeptWebhooks(Protocol):
    """Remembers durably how the webhooks of numbers were before we changed them."""

    def of(self, number_sid: str) -> Kept | None:
        """What is remembered of a number, None when we never changed it."""

    def keep(self, number_sid: str, *, before: Settings, wrote: Settings) -> None:
        """Note, on disk, what is about to be overwritten, unless it is what we wrote ourselves."""

    def confirm(self, number_sid: str) -> None:
        """Note, on disk, that Twilio has what we wrote."""

    def leave_alone(self, number_sid: str, *, leave: bool) -> None:
        """Note, on disk, whether the number is left as it is."""
