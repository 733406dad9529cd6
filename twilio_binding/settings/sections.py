"""The sections of the settings, such as `[openhab]`: names, defaults, and what a value must be."""

from __future__ import annotations

import ipaddress
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from twilio_binding.protocol.broker_url import read_broker_url
from twilio_binding.settings.values import CAFile, Positive, Token, WebAddress


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OpenHABSettings(_Section):
    """The openHAB server."""

    url: WebAddress = Field("http://127.0.0.1:8080", description="Where openHAB is")
    token: Token = Field(SecretStr(""), description="API token that an administrator has created")
    ca_file: CAFile = Field(
        "", description="PEM file or folder with the certificate that openHAB's is signed by; else the system's"
    )

    @field_validator("url")
    @classmethod
    def _no_credentials(cls, value: str) -> str:
        if urlsplit(value).username is not None or urlsplit(value).password is not None:
            raise ValueError("user and password do not belong in it: openHAB wants an API token, in openhab.token")
        return value.rstrip("/")


class MqttSettings(_Section):
    """The MQTT broker."""

    url: SecretStr = Field(
        SecretStr("mqtt://127.0.0.1:1883"), description="Broker, with user:password@ where needed; mqtts:// for TLS"
    )
    base_topic: str = Field("twilio", description="What all topics begin with", pattern=r"^[^#+\s]+[^#+/\s]$")
    ca_file: CAFile = Field(
        "", description="PEM file or folder with the certificate that the broker's is signed by; else the system's"
    )

    @field_validator("url")
    @classmethod
    def _is_a_broker(cls, value: SecretStr) -> SecretStr:
        read_broker_url(value.get_secret_value())
        return value


class WebhookSettings(_Section):
    """The listener for Twilio."""

    listen: str = Field(
        "127.0.0.1:8765", description="Where the reverse proxy forwards `/twilio/callback/` to; port 0 picks one"
    )
    max_held: int = Field(2000, gt=0, description="Calls held at a time; the next gets its default TwiML at once")


class CredentialsSettings(_Section):
    """What a host of media asks for, by Basic or Digest."""

    user: str
    password: SecretStr


class MediaSettings(_Section):
    """Pictures for Twilio to fetch."""

    allowed_hosts: list[str] = Field(
        default_factory=list, description="Hosts, addresses and networks to fetch from beside the private networks"
    )
    credentials: dict[str, CredentialsSettings] = Field(
        default_factory=dict, description="By host or host:port: `user` and `password` for Basic or Digest"
    )
    unverified_hosts: list[str] = Field(
        default_factory=list, description="Hosts whose TLS certificate is not checked, such as cameras with their own"
    )
    max_bytes: int = Field(5 * 1024 * 1024, gt=0, description="Most bytes of one picture; Twilio takes 5 MiB")
    max_total_bytes: int = Field(200 * 1024 * 1024, gt=0, description="Most bytes kept; the oldest go first")


class AdminSettings(_Section):
    """The listener for operators."""

    listen: str = Field("127.0.0.1:8766", description="`/live`, `/ready` and `/metrics`; port 0 picks one")
    token: Token = Field(
        SecretStr(""), description="What `/ready` and `/metrics` ask for as Bearer token; needed beyond loopback"
    )

    @model_validator(mode="after")
    def _token_beyond_loopback(self) -> Self:
        host = self.listen.rpartition(":")[0].strip("[]")
        if host and not self.token.get_secret_value() and not _is_loopback(host):
            raise ValueError("set admin.token, or listen on 127.0.0.1: anybody on the network could read it")
        return self


class TwilioSettings(_Section):
    """Twilio's REST API."""

    api_url: WebAddress = Field(
        "https://api.twilio.com",
        description="Base URL of the API; with edge and region `https://api.dublin.ie1.twilio.com`",
    )


class DeliverySettings(_Section):
    """Events on their way to openHAB and MQTT."""

    message_hours: Positive = Field(24, description="Hours for which the trigger of a message waits for openHAB")
    keep_days: Positive = Field(30, description="Days for which delivered events and closed requests are kept")


class LimitsSettings(_Section):
    """How much may be sent, and how much may come in."""

    messages_per_hour: int = Field(200, ge=0, description="Messages of an account within an hour; 0: no limit")
    messages_per_day: int = Field(1000, ge=0, description="Messages of an account within 24 hours")
    calls_per_hour: int = Field(60, ge=0, description="Calls of an account within an hour")
    calls_per_day: int = Field(300, ge=0, description="Calls of an account within 24 hours")
    emergencies_per_day: int = Field(
        500, ge=0, description="Sends with `emergency`, which have no other limit, of an account within 24 hours"
    )
    loop_sends: int = Field(20, ge=0, description="Messages, or calls, of a phone to one recipient in `loop_minutes`")
    loop_minutes: Positive = Field(10, description="The time for `loop_sends`", le=1440)
    incoming_per_sender: int = Field(
        60, ge=0, description="Messages, or calls and keys, of one sender to a phone within a minute; 0: no limit"
    )
    incoming_per_number: int = Field(600, ge=0, description="Messages, or calls and keys, to a phone within a minute")


class LogSettings(_Section):
    """The log on standard error."""

    level: str = Field("info", description="debug, info, warning or error", pattern="^(debug|info|warning|error)$")
    format: str = Field("text", description="text or json", pattern="^(text|json)$")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
