"""The configured things: accounts, their phones, contacts and alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from twilio_binding.model.alarms import Alarm
from twilio_binding.model.contacts import Contact
from twilio_binding.model.numbers import BadNumberError, parse_e164
from twilio_binding.model.uids import ThingUID
from twilio_binding.protocol.errors import Refusal

DEFAULT_GREETING = (
    '<Response><Gather numDigits="1" action="{gatherUrl}">'
    "<Say>Hello. This is the openHAB smart home system. Press any key.</Say>"
    "</Gather><Say>No input received. Goodbye.</Say></Response>"
)
DEFAULT_GATHER_RESPONSE = "<Response><Say>Thank you. Goodbye.</Say></Response>"

WaitForRule = Literal["auto", "always", "never"]
Strangers = Literal["greet", "reject", "ignore"]
CALLBACK = "/twilio/callback"
_WHATSAPP = "whatsapp:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A Twilio account, the bridge of its phones. Its repr contains no secrets.

    `cloud_url` replaces `/twilio/callback`; it is "" until openHAB Cloud provides it. `public_login` is the
    `user:password` that a proxy at the public URL requires.
    """

    uid: ThingUID
    label: str = "Twilio Account"
    account_sid: str
    auth_token: str = field(repr=False)
    secondary_auth_token: str = field(default="", repr=False)
    api_key_sid: str = ""
    api_key_secret: str = field(default="", repr=False)
    shared_key_id: str = ""
    shared_key_secret: str = field(default="", repr=False)
    public_url: str = ""
    public_login: str = field(default="", repr=False)
    auto_configure_webhooks: bool = True
    use_cloud_webhook: bool = False
    cloud_url: str = ""

    @property
    def cloud_base(self) -> str:
        """The base of callback URLs through openHAB Cloud; "" if it is not used, or there is no URL yet."""
        return self.cloud_url.rstrip("/") if self.use_cloud_webhook else ""

    @property
    def bases(self) -> tuple[str, ...]:
        """The bases of callback URLs, the preferred one first; empty while no public URL is known."""
        urls = dict.fromkeys((self.public_url, _with_plain_host(self.public_url))) if self.public_url else ()
        return tuple(filter(None, (self.cloud_base, *(url + CALLBACK for url in urls))))

    @property
    def base_url(self) -> str | None:
        """The base of new callback URLs, without user and password."""
        return next(iter(self.bases), None)

    @property
    def entry_url(self) -> str | None:
        """The same with the proxy's user and password, for Twilio."""
        return self.base_url and self.with_login(self.base_url)

    def with_login(self, url: str) -> str:
        """One of our URLs with the proxy's user and password, for Twilio."""
        if not self.public_login or not url.startswith(f"{self.public_url}/"):
            return url
        scheme, separator, rest = url.partition("://")
        return f"{scheme}{separator}{self.public_login}@{rest}"


def _with_plain_host(url: str) -> str:
    """A URL with its host in lower case, because many programs change it so."""
    scheme, separator, rest = url.partition("://")
    address, slash, path = rest.partition("/")
    return f"{scheme}{separator}{address.lower()}{slash}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone number of an account. `response_timeout` is in seconds, 1 to 14.

    Contacts use items by text with `commands`, and in calls with `menu`, where `speech` permits speaking. `interpreter`
    is openHAB's interpreter to ask next, "" for none.
    """

    uid: ThingUID
    label: str = "Twilio Phone Number"
    bridge: ThingUID
    phone_number: str = field(repr=False)
    voice_greeting: str = DEFAULT_GREETING
    gather_response: str = DEFAULT_GATHER_RESPONSE
    response_timeout: int = 10
    wait_for_rule: WaitForRule = "auto"
    commands: bool = False
    menu: bool = False
    speech: bool = False
    interpreter: str = ""
    strangers: Strangers = "greet"

    def callback_url(self, base: str | None, endpoint: str) -> str | None:
        """The URL at which Twilio reaches `endpoint` of this phone; None while no public URL is known."""
        return None if base is None else f"{base}/{self.uid}/{endpoint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenThing:
    """A thing whose configuration cannot be used, and why."""

    uid: str
    label: str
    bridge: str = ""
    reason: str
    phone_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """All configured things, by UID; `kept` says why a thing still has its earlier configuration."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    phones: Mapping[str, Phone] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    broken: tuple[BrokenThing, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def usable(self) -> frozenset[str]:
        """The UIDs of all usable things."""
        return frozenset((*self.accounts, *self.phones, *self.contacts, *self.alarms))

    @property
    def counts(self) -> dict[str, int]:
        """The number of things of each kind; contacts and alarms only if there are any."""
        counts = {"accounts": len(self.accounts), "phones": len(self.phones)}
        more = {"contacts": len(self.contacts), "alarms": len(self.alarms)}
        return counts | {kind: number for kind, number in more.items() if number}

    def phone(self, uid: str) -> Phone:
        """The phone with this UID; raises `Refusal` (`unknown_thing`)."""
        phone = self.phones.get(uid)
        if phone is None:
            raise Refusal("unknown_thing", f"unknown phone {uid:.100}")
        return phone

    def account_of(self, thing: Phone | Contact | Alarm) -> Account:
        """The account of a thing."""
        return self.accounts[thing.bridge]

    def contact_of_number(self, number: str, phone: Phone) -> Contact | None:
        """The contact with the number that wrote to or called a phone; None for a stranger.

        Of the contacts of the phone's account the one that this phone reaches comes first.
        """
        if not self.contacts:
            return None
        try:
            plain = parse_e164(number.removeprefix(_WHATSAPP))
        except BadNumberError:
            return None
        found = [one for one in self.contacts.values() if one.phone_number == plain and one.bridge == phone.bridge]
        return next((one for one in found if one.phone == phone.uid), found[0] if found else None)

    def contact(self, uid: str) -> Contact:
        """The contact with this UID; raises `Refusal` (`unknown_thing`)."""
        contact = self.contacts.get(uid)
        if contact is None:
            raise Refusal("unknown_thing", f"unknown contact {uid:.100}")
        return contact

    def alarm(self, uid: str) -> Alarm:
        """The alarm with this UID; raises `Refusal` (`unknown_thing`)."""
        alarm = self.alarms.get(uid)
        if alarm is None:
            raise Refusal("unknown_thing", f"unknown alarm {uid:.100}")
        return alarm

    def account(self, uid: str) -> Account:
        """The account with this UID; raises `Refusal` if there is none."""
        account = self.accounts.get(uid)
        if account is None:
            raise Refusal("unknown_thing", f"unknown account {uid:.100}")
        return account


class ThingsSource(Protocol):
    """The source of the configured things."""

    def current(self) -> Things:
        """The last good configuration."""
