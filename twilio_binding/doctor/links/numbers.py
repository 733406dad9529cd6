"""The numbers at Twilio: whether the account has them, and whether their webhooks point here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.links.twilio_account import cure_of
from twilio_binding.doctor.results import LinkResult, failed, ok, skipped, warning
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.masking import mask_number
from twilio_binding.model.incoming_numbers import URLS, IncomingNumber, differing, same, wanted_settings
from twilio_binding.model.things import CALLBACK, Account, Phone
from twilio_binding.twilio_api import TwilioNumbers

_NAMES = {"SmsUrl": "texts", "VoiceUrl": "calls", "StatusCallback": "call statuses"}


def look(case: Case) -> Iterator[LinkResult]:
    """Reads the numbers of each account that accepts the credentials."""
    accounts = [account for uid, account in case.things.accounts.items() if uid in case.accounts_up]
    if not accounts:
        yield skipped("not tested: Twilio accepted no account")
    for account in accounts:
        numbers = TwilioNumbers(case.clients)
        try:
            listed = numbers.all(account)
        except (TwilioError, OutcomeUnknownError) as error:
            if isinstance(error, TwilioError) and error.forbidden:
                cause = "the API key may not read the account's numbers, so their webhooks are not checked"
                yield warning(cause, "use a standard key, or the auth token", about=account.uid)
            else:
                yield failed(str(error), cure_of(error), {"code": error.code}, about=account.uid)
            continue
        yield from _of_account(case, account, numbers, {number.phone_number: number for number in listed})


def _of_account(
    case: Case, account: Account, numbers: TwilioNumbers, listed: Mapping[str, IncomingNumber]
) -> Iterator[LinkResult]:
    phones = [phone for phone in case.things.phones.values() if phone.bridge == account.uid]
    shown = ", ".join(mask_number(number) for number in listed) or "none"
    for phone in phones:
        number = listed.get(phone.phone_number)
        if number is None:
            yield failed(
                f"the account does not have the number {mask_number(phone.phone_number)}; it has {shown}",
                "correct phoneNumber, or check in the Twilio Console whether the number is in another account",
                {"numbers": [mask_number(one) for one in listed]},
                about=phone.uid,
            )
            continue
        yield from _webhooks(case, account, phone, number)
        for rival in numbers.rivals(account, number):
            wanted = wanted_settings(phone, account.entry_url or "")
            if rival.traffic in number.traffic and not same(
                rival.url, wanted["SmsUrl" if rival.traffic == "Texts" else "VoiceUrl"]
            ):
                yield failed(
                    f"{rival.traffic.lower()} do not arrive here: {rival.name} gets them", rival.remedy, about=phone.uid
                )
    ours = {phone.phone_number for phone in phones}
    for number in listed.values():
        if number.phone_number not in ours:
            yield from _other(account, number)


def _webhooks(case: Case, account: Account, phone: Phone, number: IncomingNumber) -> Iterator[LinkResult]:
    if account.entry_url is None:
        yield ok(
            f"{mask_number(phone.phone_number)} belongs to the account; without a public URL, you cannot receive texts and calls",
            about=phone.uid,
        )
        return
    wanted = wanted_settings(phone, account.entry_url)
    missing = differing(number.settings, wanted)
    urls = {name: number.settings.get(name, "") for name in URLS if name in missing}
    if not missing:
        yield ok(f"the webhooks of {mask_number(phone.phone_number)} point to this service", about=phone.uid)
    elif not urls:
        yield warning(
            "the webhooks use GET instead of POST", f"`twilio-binding configure {phone.uid}`", about=phone.uid
        )
    for name, url in urls.items():
        cure = f"run `twilio-binding configure {phone.uid}`"
        if not account.auto_configure_webhooks:
            cure = f"autoConfigureWebhooks is off: set {name} to {_plain(wanted[name])} in the Twilio Console"
        elif not case.is_running:
            cure = f"start the service, which sets it; if another program has changed it, also {cure}"
        facts = {"setting": name, "leads_to": _host(url)}
        is_only_late = account.auto_configure_webhooks and not case.is_running and name != "StatusCallback"
        result = warning if is_only_late or name == "StatusCallback" else failed
        yield result(f"{_NAMES[name]} do not arrive here: {_whose(url)}", cure, facts, about=phone.uid)


def _other(account: Account, number: IncomingNumber) -> Iterator[LinkResult]:
    """A number that is not a thing, although its webhooks point here: its texts and calls are refused."""
    base = account.base_url or ""
    dead = [name for name in URLS if base and _plain(number.settings.get(name, "")).startswith(f"{base}/")]
    if dead:
        yield warning(
            f"{mask_number(number.phone_number)} is not a thing, but its {_NAMES[dead[0]]} are sent here and refused",
            "add it as a Thing phone (`twilio-binding discover` prints the line), or clear its webhooks in the Twilio Console",
            {"settings": dead},
            about=account.uid,
        )


def _whose(url: str) -> str:
    """Where a webhook points that does not point here."""
    if not url:
        return "no webhook is set"
    if f"{CALLBACK}/" in unquote(url):
        return f"the webhook points to {_host(url)}: an old address, or another service"
    if _host(url).endswith(".twilio.com"):
        return f"the webhook still points to Twilio's example ({_host(url)})"
    return f"the webhook points to another server ({_host(url)})"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return "an invalid address"


def _plain(url: str) -> str:
    """A URL without user and password."""
    scheme, separator, rest = url.partition("://")
    address, slash, path = rest.partition("/")
    return f"{scheme}{separator}{address.rpartition('@')[2]}{slash}{path}"


LINK = Link(
    id="numbers", title="Twilio: numbers", look=look, seconds=lambda case: 10.0 + 60.0 * len(case.things.accounts)
)
