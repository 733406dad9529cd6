"""The sections of the settings, such as `[openhab]`: names, defaults, and checks of values."""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from twilio_binding.protocol.broker_url import read_broker_url
from twilio_binding.settings.values import CAFile, ListenAddress, Positive, Token, WebAddress, split_address


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenHABSettings(_Section):
    """The openHAB server."""

    url: WebAddress = Field("http://127.0.0.1:8080", description="URL of openHAB")
    token: Token = Field(SecretStr(""), description="API token that an administrator has created")
    ca_file: CAFile = Field(
        "", description="PEM file or folder with the certificates to trust for openHAB, instead of the system's"
    )

    @field_validator("url")
    @classmethod
    def _no_credentials(cls, value: str) -> str:
        if urlsplit(value).username is not None or urlsplit(value).password is not None:
            raise ValueError("remove user and password; openHAB needs an API token, in openhab.token")
        return value.rstrip("/")


class MqttSettings(_Section):
    """The MQTT broker."""

    url: SecretStr = Field(
        SecretStr("mqtt://127.0.0.1:1883"),
        description="URL of the broker, with `user:password@` if needed; `mqtts://` for TLS",
    )
    base_topic: str = Field("twilio", description="First part of all topics", pattern=r"^[^#+\s]+[^#+/\s]$")
    ca_file: CAFile = Field(
        "", description="PEM file or folder with the certificates to trust for the broker, instead of the system's"
    )

    @field_validator("url")
    @classmethod
    def _is_a_broker(cls, value: SecretStr) -> SecretStr:
        read_broker_url(value.get_secret_value())
        return value


class WebhookSettings(_Section):
    """The listener for Twilio."""

    listen: ListenAddress = Field(
        "127.0.0.1:8765",
        description="Address for Twilio's webhooks, to which your reverse proxy forwards `/twilio/callback/`; port 0 chooses a free port",
    )
    max_held: int = Field(
        2000, gt=0, description="Maximum number of held calls; further callers hear the default immediately"
    )


class CredentialsSettings(_Section):
    """User and password for a host of media, by Basic or Digest."""

    user: str
    password: SecretStr


class MediaSettings(_Section):
    """Pictures for Twilio to fetch."""

    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="Hosts, addresses and networks from which pictures may be fetched, besides private networks",
    )
    credentials: dict[str, CredentialsSettings] = Field(
        default_factory=dict, description="`user` and `password` for cameras (Basic or Digest), by host or host:port"
    )
    unverified_hosts: list[str] = Field(
        default_factory=list, description="Hosts whose TLS certificate is not verified, such as cameras"
    )
    max_bytes: int = Field(
        5 * 1024 * 1024, gt=0, description="Maximum size of a picture in bytes; Twilio accepts 5 MiB"
    )
    max_total_bytes: int = Field(
        200 * 1024 * 1024,
        gt=0,
        description="Maximum size of all stored pictures in bytes; the oldest are deleted first",
    )


class AdminSettings(_Section):
    """The listener for operators."""

    listen: ListenAddress = Field(
        "127.0.0.1:8766",
        description="Address of the console, and of `/live`, `/ready` and `/metrics`; port 0 chooses a free port",
    )
    token: Token = Field(
        SecretStr(""),
        description="Token to sign in to the console, and Bearer token for `/ready` and `/metrics`; required unless they listen on loopback",
    )
    hosts: list[str] = Field(
        default_factory=list,
        description="Names under which browsers reach the console, such as that of a reverse proxy, and under which `/ready` and `/metrics` answer without a token; IP addresses, names without a dot and the name of the machine need not be listed",
    )

    @model_validator(mode="after")
    def _token_beyond_loopback(self) -> Self:
        host, _ = split_address(self.listen)
        if not self.token.get_secret_value() and not _is_loopback(host):
            raise ValueError("set admin.token, or listen on 127.0.0.1; otherwise anybody on the network can read it")
        return self


class TwilioSettings(_Section):
    """Twilio's REST API."""

    api_url: WebAddress = Field(
        "https://api.twilio.com",
        description="URL of Twilio's API; with edge and region, for example, `https://api.dublin.ie1.twilio.com`",
    )


class DeliverySettings(_Section):
    """Delivery of events to openHAB and MQTT."""

    message_hours: Positive = Field(24, description="Hours that the trigger of a message waits for openHAB")
    keep_days: Positive = Field(30, description="Days that delivered events and finished requests are kept")


class LimitsSettings(_Section):
    """Limits for sends and for incoming events."""

    messages_per_hour: int = Field(
        200, ge=0, description="Messages of an account per hour; for all limits, 0 means no limit"
    )
    messages_per_day: int = Field(1000, ge=0, description="Messages of an account per 24 hours")
    calls_per_hour: int = Field(60, ge=0, description="Calls of an account per hour")
    calls_per_day: int = Field(300, ge=0, description="Calls of an account per 24 hours")
    emergencies_per_day: int = Field(
        500, ge=0, description="Sends with `emergency` of an account per 24 hours; they have no other limit"
    )
    alarm_sends_per_day: int = Field(
        500, ge=0, description="Texts and calls of alarms of all accounts per 24 hours; they have no other limit"
    )
    loop_sends: int = Field(
        20, ge=0, description="Loop guard: messages (or calls) of a phone to one recipient within `loop_minutes`"
    )
    loop_minutes: Positive = Field(10, description="Minutes for `loop_sends`", le=1440)
    incoming_per_sender: int = Field(
        60, ge=0, description="Messages (or calls and keys) from one sender to a phone per minute"
    )
    incoming_per_number: int = Field(600, ge=0, description="Messages (or calls and keys) to a phone per minute")


class LogSettings(_Section):
    """The log on standard error."""

    level: str = Field("info", description="debug, info, warning or error", pattern="^(debug|info|warning|error)$")
    format: str = Field("text", description="text or json", pattern="^(text|json)$")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
