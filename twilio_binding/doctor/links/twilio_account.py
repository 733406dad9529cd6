"""The accounts at Twilio: credentials, status, kind and balance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.masking import mask_number
from twilio_binding.model.things import Account
from twilio_binding.twilio_api import AccountFacts, TwilioAccounts, TwilioNumbers

_LITTLE = 2.0
_TOKENS = "copy accountSid and authToken (or apiKeySid and apiKeySecret) again from the Twilio Console"
_TRIAL = "Twilio lets it send only to verified numbers"
_TRIAL_CURE = (
    "upgrade the account in the Twilio Console, or verify each number there; "
    "a trial's texts begin with a line of Twilio's, its calls with an announcement"
)


def look(case: Case) -> Iterator[LinkResult]:
    """Asks for each account."""
    if not case.things.accounts:
        yield skipped("no account is configured")
    for account in case.things.accounts.values():
        yield from _one(case, account)


def cure_of(error: TwilioError | OutcomeUnknownError) -> str:
    """What to do about an error of Twilio."""
    if error.code == "twilio.20003":
        return _TOKENS
    if isinstance(error, TwilioError) and error.inactive:
        return "see the Twilio Console for the reason; you can reopen the account only there"
    if error.code == "twilio_away":
        return "check the internet connection, DNS and the proxy of this machine, and twilio.api_url"
    if error.code.startswith("twilio.http_"):
        return "a proxy or captive portal answers in Twilio's place: let this machine reach https://api.twilio.com"
    if isinstance(error, TwilioError) and error.is_too_many:
        return "wait a minute, and run the doctor again"
    return "check https://status.twilio.com and twilio.api_url, and run the doctor again"


def _one(case: Case, account: Account) -> Iterator[LinkResult]:
    accounts = TwilioAccounts(case.clients)
    try:
        known = _facts(case, accounts, account)
    except (TwilioError, OutcomeUnknownError) as error:
        yield failed(str(error), cure_of(error), {"code": error.code}, about=account.uid)
        return
    if known.status != "active":
        yield failed(
            f"the account is {known.status}: Twilio neither sends nor receives anything",
            "see the Twilio Console for the reason; you can reopen the account only there",
            {"account_status": known.status},
            about=account.uid,
        )
        return
    case.accounts_up.add(account.uid)
    facts = {"account_status": known.status, "account_type": known.kind}
    if known.kind == "Trial":
        yield from _trial(accounts, account, facts)
    else:
        yield ok(f"the account is active{', of type ' + known.kind if known.kind else ''}", facts, about=account.uid)
    yield from _balance(accounts, account)


def _facts(case: Case, accounts: TwilioAccounts, account: Account) -> AccountFacts:
    """Status and kind. The kind is unknown with a standard API key, which cannot read the account."""
    if not account.api_key_sid:
        return accounts.facts(account)
    status = TwilioNumbers(case.clients).account_status(account)
    with suppress(TwilioError, OutcomeUnknownError):
        return accounts.facts(account)
    return AccountFacts(status=status)


def _trial(accounts: TwilioAccounts, account: Account, facts: dict[str, str]) -> Iterator[LinkResult]:
    verified: list[str] = []
    known = ""
    with suppress(TwilioError, OutcomeUnknownError):
        verified = [mask_number(number) for number in accounts.verified(account)]
        known = f" ({', '.join(verified) or 'there are none'})"
    yield warning(
        f"this is a trial account: {_TRIAL}{known}", _TRIAL_CURE, facts | {"verified": verified}, about=account.uid
    )


def _balance(accounts: TwilioAccounts, account: Account) -> Iterator[LinkResult]:
    try:
        balance = accounts.balance(account)
    except (TwilioError, OutcomeUnknownError):
        balance = None  # an API key or a subaccount may not be allowed to read it
    if balance is None:
        return
    told, facts = (
        f"balance {balance.amount:.2f} {balance.currency}",
        {"balance": balance.amount, "currency": balance.currency},
    )
    cure = "top the account up in the Twilio Console, and turn on auto-recharge, so that alarms can always be sent"
    if balance.amount <= 0:
        yield failed(f"{told}: Twilio sends nothing", cure, facts, about=account.uid)
    elif balance.amount < _LITTLE:
        yield warning(f"{told}: little is left", cure, facts, about=account.uid)
    else:
        yield ok(told, facts, about=account.uid)


LINK = Link(
    id="twilio-account",
    title="Twilio: account",
    look=look,
    seconds=lambda case: 10.0 + 50.0 * len(case.things.accounts),
)
