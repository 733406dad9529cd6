"""Wires the use cases for accounts and numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twilio_binding.accounts.checks import AccountChecks
from twilio_binding.accounts.descriptions import Description
from twilio_binding.accounts.discovery import Discovery, Inbox
from twilio_binding.accounts.number_overview import NumberOverview
from twilio_binding.accounts.number_webhooks import ConfigureNumber
from twilio_binding.accounts.ports import KeptWebhooks, Numbers
from twilio_binding.accounts.requests import AccountRequests
from twilio_binding.model.things import ThingsSource


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNews:
    """Receives changes: the descriptions of all things, and the numbers that are no things yet."""

    things: Callable[[Description], None]
    inbox: Callable[[Inbox], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUseCases:
    """Checks of accounts and phones, discovery, requests about both, and the overview of numbers."""

    checks: AccountChecks
    discovery: Discovery
    requests: AccountRequests
    numbers: NumberOverview


def build_accounts(
    things: ThingsSource, numbers: Numbers, kept: KeptWebhooks, *, publish: AccountNews, hindrance: Callable[[], str]
) -> AccountUseCases:
    """Build the use cases, not started yet. `hindrance` is why no thing works in openHAB, "" if they work."""
    webhooks = ConfigureNumber(numbers, kept)
    discovery = Discovery(things, numbers, on_change=publish.inbox)
    checks = AccountChecks(
        things,
        check=numbers.account_status,
        configure=webhooks.check,
        discover=discovery.look,
        on_change=publish.things,
        hindrance=hindrance,
    )
    requests = AccountRequests(things, discovery=discovery, numbers=webhooks, tell=checks.phone_changed)
    overview = NumberOverview(things, webhooks, discovery)
    return AccountUseCases(checks=checks, discovery=discovery, requests=requests, numbers=overview)
