"""What an account has spent at Twilio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Period = Literal["Today", "ThisMonth", "LastMonth"]
"""A period in Twilio's words. Days and months are in UTC."""
PERIODS: tuple[Period, ...] = ("Today", "ThisMonth", "LastMonth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The balance of an account; below zero, nothing is sent."""

    amount: float
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an account spent in a period: in total, and `by` Twilio's usage categories, such as `sms` and `calls`.

    A category may be part of another one, so that their sum is not the total.
    """

    total: float
    currency: str
    by: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The balance of an account, None if Twilio reports none, and what it spent in each of `PERIODS`."""

    balance: Balance | None
    spent: tuple[Spent, ...]
