"""Numbers of an account at Twilio, their webhooks, and what these should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from twilio_binding.model.things import Phone

URLS = ("SmsUrl", "VoiceUrl", "StatusCallback")
METHODS = ("SmsMethod", "VoiceMethod", "StatusCallbackMethod")
Settings = Mapping[str, str]
"""Settings of a number by Twilio's parameter names, those of `URLS` and `METHODS`."""
Traffic = Literal["Texts", "Calls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What gets the texts or calls of a number instead of its own webhooks; `url` is where it sends them, if known."""

    traffic: Traffic
    name: str
    remedy: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.traffic} do not arrive here: {self.name} gets them; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingNumber:
    """A number at Twilio. `rivals` are those in the settings of the number itself."""

    sid: str
    phone_number: str = field(repr=False)
    friendly_name: str = field(default="", repr=False)
    settings: Settings = field(default_factory=dict)
    traffic: frozenset[Traffic] = frozenset(("Texts", "Calls"))
    rivals: tuple[Rival, ...] = ()


def wanted_settings(phone: Phone, base: str) -> dict[str, str]:
    """The settings with which everything arrives at this phone."""
    settings = dict.fromkeys(METHODS, "POST")
    for name, endpoint in zip(URLS, ("sms", "voice", "status"), strict=True):
        settings[name] = phone.callback_url(base, endpoint) or ""
    return settings


def differing(settings: Settings, wanted: Settings) -> dict[str, str]:
    """The settings in `wanted` that differ from those of a number."""
    return {name: value for name, value in wanted.items() if not same(settings.get(name, ""), value)}


def same(one: str, other: str) -> bool:
    """Whether two values mean the same; Twilio may write a colon as %3A, and a method in either case."""
    return one == other or unquote(one) == unquote(other) or one.upper() == other.upper() == "POST"
