"""The questions of `twilio-binding setup` about the Twilio account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from twilio_binding.cli.questions import BACK, Asker, Prompt, explain, tell
from twilio_binding.model.configuration import doubts
from twilio_binding.model.configuration.checks import account_sid as wrong_sid
from twilio_binding.model.configuration.public_url import read_public_url
from twilio_binding.model.incoming_numbers import IncomingNumber
from twilio_binding.model.numbers import BadNumberError, parse_e164
from twilio_binding.model.things import Account, Things
from twilio_binding.plurals import counted
from twilio_binding.settings import Settings
from twilio_binding.settings.sections import TwilioSettings
from twilio_binding.setup import addresses, probes, things_text
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.probes import CredentialsRefusedError, NotReachedError
from twilio_binding.setup.things_text import AccountText

_TOKEN, _NUMBER = "--auth-token-file", "--number"
_WAYS = {
    "url": "a public URL of your own: a reverse proxy or tunnel that leads to this service (docs/public-url.md)",
    "cloud": "openHAB Cloud: no open port and no domain; needs the script and openHAB 5.2 or newer",
    "none": "none: you can send, but not receive texts or calls",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAccount:
    """The answers given as options."""

    sid: str | None = None
    token: str | None = None
    numbers: tuple[str, ...] = ()
    way: str | None = None
    public_url: str | None = None


@dataclass(slots=True, kw_only=True)
class AccountQuestions:
    """Asks about the account, its numbers, and how Twilio reaches the service.

    `file` contains the current `things`. `has_cloud`: Twilio can reach the service through openHAB Cloud.
    """

    asker: Asker
    given: GivenAccount
    settings: Settings
    file: Path
    things: Things
    has_cloud: bool
    secrets: set[str] = field(default_factory=set)
    before: Account | None = field(init=False)
    numbers_before: Sequence[str] = field(init=False)
    sid: str = field(init=False, default="")
    token: str = field(init=False, default="")
    known: Sequence[IncomingNumber] | None = field(init=False, default=None)
    chosen: dict[str, str] = field(init=False, default_factory=dict)
    way: str = field(init=False, default="")
    public_url: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.before = next(iter(self.things.accounts.values()), None)
        self.numbers_before = [phone.phone_number for phone in self.things.phones.values()]

    def written(self, text: str) -> str:
        """The new text of the `.things` file; raises `SetupError`."""
        wanted = AccountText(
            account_sid=self.sid,
            auth_token=self.token,
            public_url=self.public_url if self.way == "url" else "",
            use_cloud_webhook=self.way == "cloud",
            numbers=self.chosen,
        )
        try:
            return things_text.written(text, wanted)
        except SetupError as error:
            raise SetupError(f"{self.file}: {error}") from None

    def ask_sid(self) -> None:
        """The Account SID."""
        if (at := self.settings.twilio.api_url) != TwilioSettings().api_url:
            explain(f"  Twilio is asked at {at} (twilio.api_url).")
        if self.asker.is_interactive and self.given.sid is None:
            explain("  The first page of https://console.twilio.com shows the Account SID and the Auth Token.")

        def check(value: str) -> str:
            if reason := wrong_sid(value):
                raise SetupError(reason)
            return value

        question = Prompt(
            text="Account SID",
            option="--account-sid",
            given=self.given.sid,
            understand=_account_sid,
            default=self.before.account_sid if self.before else "",
            governs=(_TOKEN, _NUMBER),
        )
        self.sid = self.asker.answer(question, check)

    def ask_token(self) -> None:
        """The Auth Token, which shows the numbers of the account: None if Twilio is not reached."""
        self.known = None

        def check(value: str) -> str:
            if not value.isascii() or not value.isprintable() or set(value) & set('"\\ '):
                raise SetupError("an Auth Token consists of letters and digits only; copy it again")
            self.known = self._numbers_at_twilio(value)
            count = len(self.known)
            tell(f"Twilio accepts the credentials; the account has {counted(count, 'number')}")
            return value

        old = self.before.auth_token if self.before and self.before.account_sid == self.sid else ""
        question = Prompt(text="Auth Token", option=_TOKEN, given=self.given.token, default=old, is_secret=True)
        self.token = self.asker.answer(question, check)
        self.secrets |= {self.token, self.before.auth_token if self.before else ""}

    def _numbers_at_twilio(self, token: str) -> Sequence[IncomingNumber]:
        try:
            return probes.numbers(self.settings, self.sid, token)
        except CredentialsRefusedError as error:
            if not self.asker.is_interactive:
                raise
            raise SetupError(f"{error}. If {self.sid} is not your Account SID, enter {BACK} to change it") from None

    def ask_numbers(self) -> None:
        """The numbers that become things, with their labels."""
        known = self.known
        labels = {one.phone_number: one.friendly_name for one in known or ()}
        if known is not None and not known:
            tell("the account has no number; buy one in the Twilio Console, then run this again", sign="!")
            self.chosen = {}
            return
        if self.asker.is_interactive and not self.given.numbers:
            for place, (number, label) in enumerate(labels.items(), 1):
                explain(f"  {place}) {number}" + (f"  {label}" if label and label != number else ""))

        def check(text: str) -> str:
            return ",".join(_chosen(text, list(labels), is_known=known is not None))

        usual = [number for number in self.numbers_before if number in labels] or list(labels)[:1]
        if not self.asker.is_interactive and len(labels) > 1 and not self.numbers_before:
            usual = []
        question = Prompt(
            text="Numbers to use: list numbers such as 1,2, or all" if labels else "Your number at Twilio",
            option=_NUMBER,
            given=",".join(self.given.numbers) or None,
            default=",".join(usual or self.numbers_before),
        )
        chosen = self.asker.answer(question, check).split(",")
        self.chosen = {number: labels.get(number) or "My Twilio Number" for number in chosen}

    def ask_way(self) -> None:
        """How Twilio reaches the service."""
        ways = [way for way in _WAYS if way != "cloud" or self.has_cloud]
        if self.asker.is_interactive and not (self.given.way or self.given.public_url):
            explain("  How does Twilio reach the service to deliver texts and calls?")
        if self.given.way == "cloud" and not self.has_cloud and not self.given.public_url:
            raise click.ClickException(
                "--way: choose one of url, none; cloud needs the script and openHAB 5.2 or newer"
            )
        if self.given.public_url and self.given.way not in (None, "url"):
            raise click.ClickException("--public-url works only with --way url")
        question = Prompt(
            text="Way to reach the service",
            option="--way",
            given="url" if self.given.public_url else self.given.way,
            default=self._way_before(),
        )
        self.way = self.asker.choose(question, [(name, _WAYS[name]) for name in ways])

    def _way_before(self) -> str:
        if self.before and self.before.public_url:
            return "url"
        return "cloud" if self.before and self.before.use_cloud_webhook and self.has_cloud else "none"

    def ask_public_url(self) -> None:
        """The public URL, if that is the way."""
        if self.way != "url":
            return
        before = self.before.with_login(f"{self.before.public_url}/").rstrip("/") if self.before else ""

        def check(url: str) -> str:
            if '"' in url or not url.isascii():
                raise SetupError(
                    "a URL must be ASCII and contain no quotes; write a host name with other letters as xn--..."
                )
            plain, _ = read_public_url(url)
            if doubt := doubts(plain):
                raise NotReachedError(doubt)
            return url.rstrip("/")

        question = Prompt(
            text="Public URL, such as https://my.domain.com",
            option="--public-url",
            given=self.given.public_url,
            default=before,
            understand=addresses.public_url,
        )
        self.public_url = self.asker.answer(question, check)


ACCOUNT_STEPS = (
    AccountQuestions.ask_sid,
    AccountQuestions.ask_token,
    AccountQuestions.ask_numbers,
    AccountQuestions.ask_way,
    AccountQuestions.ask_public_url,
)
"""The questions about the account, in order."""


def _account_sid(text: str) -> str:
    """The SID as Twilio writes it, with small letters after AC."""
    sid = addresses.unquoted(text)
    return sid[:2].upper() + sid[2:].lower() if sid.isascii() else sid


def _chosen(text: str, numbers: Sequence[str], *, is_known: bool) -> list[str]:
    """The chosen numbers: `all`, positions in the list, or numbers; raises `SetupError`."""
    if text.strip().lower() == "all" and numbers:
        return list(numbers)
    chosen = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        if word.isascii() and word.isdigit() and 0 < int(word) <= len(numbers):
            chosen.append(numbers[int(word) - 1])
            continue
        try:
            number = parse_e164(word)
        except BadNumberError as error:
            raise SetupError(_choices(len(numbers)) if numbers else str(error)) from None
        if is_known and number not in numbers:
            raise SetupError(f"the account does not have the number {number}; it has {', '.join(numbers)}")
        chosen.append(number)
    if not chosen:
        raise SetupError("choose at least one number")
    return list(dict.fromkeys(chosen))


def _choices(count: int) -> str:
    places = "1" if count == 1 else f"1 to {count}"
    return f"choose {places} from the list, all, or write a number of the account with + and its country code"
