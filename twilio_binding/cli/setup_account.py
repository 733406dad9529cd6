"""The questions of `twilio-binding setup` about the Twilio account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from twilio_binding.cli.questions import Asker, Prompt, explain, tell
from twilio_binding.model.configuration import doubts
from twilio_binding.model.configuration.checks import account_sid as wrong_sid
from twilio_binding.model.configuration.public_url import read_public_url
from twilio_binding.model.incoming_numbers import IncomingNumber
from twilio_binding.model.numbers import parse_e164
from twilio_binding.model.things import Account, Things
from twilio_binding.plurals import counted
from twilio_binding.settings import Settings
from twilio_binding.setup import addresses, probes, things_text
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.probes import CredentialsRefusedError, NotReachedError
from twilio_binding.setup.things_text import AccountText

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

    def __post_init__(self) -> None:
        self.before = next(iter(self.things.accounts.values()), None)
        self.numbers_before = [phone.phone_number for phone in self.things.phones.values()]

    def ask(self, text: str) -> str:
        """Ask everything; returns the new text of the `.things` file. Raises `SetupError`."""
        sid, token, numbers = self._account()
        chosen = self._numbers(numbers)
        way, public_url = self._way()
        wanted = AccountText(
            account_sid=sid,
            auth_token=token,
            public_url=public_url,
            use_cloud_webhook=way == "cloud",
            numbers=chosen,
        )
        try:
            return things_text.written(text, wanted)
        except SetupError as error:
            raise SetupError(f"{self.file}: {error}") from None

    def _account(self) -> tuple[str, str, Sequence[IncomingNumber] | None]:
        """SID, token, and the numbers, None if Twilio was not reached."""
        if self.asker.is_interactive and self.given.sid is None:
            explain("  The first page of https://console.twilio.com shows the Account SID and the Auth Token.")
        found: list[Sequence[IncomingNumber]] = []

        def check_sid(value: str) -> str:
            if reason := wrong_sid(value):
                raise SetupError(reason)
            return value

        sid_question = Prompt(
            text="Account SID",
            option="--account-sid",
            given=self.given.sid,
            understand=_account_sid,
            default=self.before.account_sid if self.before else "",
        )
        sid = self.asker.answer(sid_question, check_sid)
        old = self.before.auth_token if self.before and self.before.account_sid == sid else ""

        def check_token(value: str) -> str:
            if not value.isascii() or not value.isprintable() or set(value) & set('"\\ '):
                raise SetupError("an Auth Token consists of letters and digits only; copy it again")
            found.append(self._numbers_at_twilio(sid, value))
            count = len(found[-1])
            tell(f"Twilio accepts the credentials; the account has {counted(count, 'number')}")
            return value

        token_question = Prompt(
            text="Auth Token", option="--auth-token-file", given=self.given.token, default=old, is_secret=True
        )
        token = self.asker.answer(token_question, check_token)
        self.secrets |= {token, self.before.auth_token if self.before else ""}
        return sid, token, found[-1] if found else None

    def _numbers_at_twilio(self, sid: str, token: str) -> Sequence[IncomingNumber]:
        try:
            return probes.numbers(self.settings, sid, token)
        except CredentialsRefusedError as error:
            if not self.asker.is_interactive:
                raise
            raise SetupError(f"{error}. If {sid} is not your Account SID, press Ctrl-C and start again") from None

    def _numbers(self, known: Sequence[IncomingNumber] | None) -> dict[str, str]:
        """The numbers that become things, with their labels."""
        labels = {one.phone_number: one.friendly_name for one in known or ()}
        if known is not None and not known:
            tell("the account has no number; buy one in the Twilio Console, then run this again", sign="!")
            return {}
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
            option="--number",
            given=",".join(self.given.numbers) or None,
            default=",".join(usual or self.numbers_before),
        )
        chosen = self.asker.answer(question, check).split(",")
        return {number: labels.get(number) or "My Twilio Number" for number in chosen}

    def _way(self) -> tuple[str, str]:
        """How Twilio reaches the service, and the public URL."""
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
        way = self.asker.choose(question, [(name, _WAYS[name]) for name in ways])
        return way, self._public_url() if way == "url" else ""

    def _way_before(self) -> str:
        if self.before and self.before.public_url:
            return "url"
        return "cloud" if self.before and self.before.use_cloud_webhook and self.has_cloud else "none"

    def _public_url(self) -> str:
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
        return self.asker.answer(question, check)


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
        number = parse_e164(word)
        if is_known and number not in numbers:
            raise SetupError(f"the account does not have the number {number}; it has {', '.join(numbers)}")
        chosen.append(number)
    if not chosen:
        raise SetupError("choose at least one number")
    return list(dict.fromkeys(chosen))
