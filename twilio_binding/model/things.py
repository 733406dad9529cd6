"""The configured things: accounts and their phones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from twilio_binding.model.uids import ThingUID

DEFAULT_GREETING = (
    '<Response><Gather numDigits="1" action="{gatherUrl}">'
    "<Say>Hello. This is the openHAB smart home system. Press any key.</Say>"
    "</Gather><Say>No input received. Goodbye.</Say></Response>"
)
DEFAULT_GATHER_RESPONSE = "<Response><Say>Thank you. Goodbye.</Say></Response>"

WaitForRule = Literal["auto", "always", "never"]
CALLBACK = "/twilio/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A Twilio account, the bridge of its phones. Its secrets are not part of its repr.

    `cloud_url` stands for `/twilio/callback`; it is "" while openHAB Cloud has not given one.
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
    auto_configure_webhooks: bool = True
    use_cloud_webhook: bool = False
    cloud_url: str = ""

    @property
    def cloud_base(self) -> str:
        """What callback URLs begin with that go through openHAB Cloud; "" when it is not used, or has given no URL."""
        return self.cloud_url.rstrip("/") if self.use_cloud_webhook else ""

    @property
    def bases(self) -> tuple[str, ...]:
        """What callback URLs begin with, the preferred one first; empty while no public URL is known."""
        public = self.public_url + CALLBACK if self.public_url else ""
        return tuple(filter(None, (self.cloud_base, public)))

    @property
    def base_url(self) -> str | None:
        """What new callback URLs begin with."""
        return next(iter(self.bases), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone number of an account. `response_timeout` is in seconds, 1 to 14."""

    uid: ThingUID
    label: str = "Twilio Phone Number"
    bridge: ThingUID
    phone_number: str = field(repr=False)
    voice_greeting: str = DEFAULT_GREETING
    gather_response: str = DEFAULT_GATHER_RESPONSE
    response_timeout: int = 10
    wait_for_rule: WaitForRule = "auto"

    def callback_url(self, base: str | None, endpoint: str) -> str | None:
        """Where Twilio reaches `endpoint` of this phone; None while no public URL is known."""
        return None if base is None else f"{base}/{self.uid}/{endpoint}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenThing:
    """A thing that cannot be used as it is configured, and why."""

    uid: str
    label: str
    bridge: str = ""
    reason: str
    phone_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """All things of the configuration, by UID; `kept` tells why a thing is as it was configured before, and not now."""

    accounts: Mapping[str, Account] = field(default_factory=dict)
    phones: Mapping[str, Phone] = field(default_factory=dict)
    broken: tuple[BrokenThing, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    def account_of(self, phone: Phone) -> Account:
        """The account of a phone."""
        return self.accounts[phone.bridge]
