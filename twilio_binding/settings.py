"""The settings: a TOML file, overridden by the environment (`TWILIO_BINDING_<SECTION>__<NAME>`)."""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from twilio_binding.protocol.broker_url import read_broker_url
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.tls import CAFileError, trusting
from twilio_binding.urls import is_web_address

DEFAULT_FILE = Path("twilio-binding.toml")
_PREFIX = "TWILIO_BINDING_"
_IN_OPENHAB = "openhab"

Positive = Annotated[float, Field(gt=0)]


class SettingsError(TwilioBindingError):
    """A setting that cannot be used; the text names it and says what it must be."""

    code = "bad_settings"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def web_address(url: str) -> str:
    """The URL itself, if it is one of http or https with a host; raises `ValueError`."""
    if not is_web_address(url):
        raise ValueError("this is no web address; it has the form http://192.168.1.5:8080")
    return url


WebAddress = Annotated[str, AfterValidator(web_address)]


def one_word(text: str) -> str:
    """A token without the blanks and line ends around it, as a file may have them; raises `ValueError` for others in it."""
    text = text.strip()
    strange = next((place for place, character in enumerate(text, 1) if not "!" <= character <= "~"), 0)
    if strange:
        raise ValueError(f"character {strange} of {len(text)} is a blank, invisible or no ASCII: copy the token again")
    return text


Token = Annotated[SecretStr, AfterValidator(lambda token: SecretStr(one_word(token.get_secret_value())))]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _ca_file(value: str) -> str:
    try:
        trusting(value)
    except CAFileError as error:
        raise ValueError(str(error)) from None
    return value


CAFile = Annotated[str, AfterValidator(_ca_file)]


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


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Field(Path("data"), description="Journal, outbox and media")
    things: list[str] = Field(
        ["things/*.things"],
        description="Globs of `.things` files, which may lie in openHAB's conf; `openhab`: the things openHAB itself has",
    )
    openhab: OpenHABSettings = OpenHABSettings()
    mqtt: MqttSettings = MqttSettings()
    webhook: WebhookSettings = WebhookSettings()
    media: MediaSettings = MediaSettings()
    admin: AdminSettings = AdminSettings()
    twilio: TwilioSettings = TwilioSettings()
    delivery: DeliverySettings = DeliverySettings()
    limits: LimitsSettings = LimitsSettings()
    log: LogSettings = LogSettings()

    @field_validator("things")
    @classmethod
    def _some_things(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("name at least one glob")
        return value

    @property
    def things_files(self) -> list[str]:
        """The globs of `things`."""
        return [place for place in self.things if place != _IN_OPENHAB]

    @property
    def database_file(self) -> Path:
        """Where journal and outbox are."""
        return self.data_dir / "twilio-binding.db"

    @property
    def timeline_file(self) -> Path:
        """Where it is written how the time goes on."""
        return self.data_dir / "timeline"

    @property
    def secret_file(self) -> Path:
        """Where the secret is that openHAB's side and we share."""
        return self.data_dir / "relay-secret"

    @property
    def things_in_openhab(self) -> bool:
        """Whether the things that openHAB itself has count."""
        return _IN_OPENHAB in self.things


def load(file: Path | None = None) -> Settings:
    """Read the settings; a file that was named must exist. Raises `SettingsError`."""
    if file is not None and not file.is_file():
        raise SettingsError(f"there is no settings file {file}")
    path = file or DEFAULT_FILE
    _check_variables()

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return env_settings, TomlConfigSettingsSource(settings_cls, path)

    try:
        return FromFile()
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None
    except ValidationError as error:
        raise SettingsError("\n".join(f"{path}: {text}" for text in _words(error))) from None
    except Exception as error:
        # pydantic-settings wraps what it cannot parse in an error that would show the value; its own names the setting.
        found = re.fullmatch(r'error parsing value for field "(\w+)".*', str(error), re.DOTALL)
        if found:
            variable = f"{_PREFIX}{found[1].upper()}"
            raise SettingsError(f"""{variable}: this is no JSON; a list is written as '["a", "b"]'""") from None
        raise SettingsError(f"the settings cannot be read ({type(error).__name__})") from None


def _words(error: ValidationError) -> list[str]:
    """Each thing that is wrong, without the values."""
    texts = []
    for one in error.errors(include_input=False, include_url=False):
        text = "there is no such setting" if one["type"] == "extra_forbidden" else one["msg"]
        setting, text = ".".join(str(part) for part in one["loc"]), text.removeprefix("Value error, ")
        texts.append(f"{setting} {text}" if text.startswith("must ") else f"{setting}: {text}")
    return texts


def _check_variables() -> None:
    """A slip in a variable's name is told: nobody would notice that it does nothing.

    Others that begin alike are none of ours: Kubernetes and Docker give such to a container of this name.
    """
    for variable in os.environ:
        name = variable[len(_PREFIX) :].lower()
        if variable.upper().startswith(_PREFIX) and (_is_slip(name) or _has_one_underscore(name)):
            raise SettingsError(
                f"{variable:.80}: there is no such setting; "
                f"section and name are joined by two underscores, as in {_PREFIX}OPENHAB__TOKEN"
            )


def _is_slip(name: str) -> bool:
    return "__" in name and not _is_setting(name.split("__"))


def _has_one_underscore(name: str) -> bool:
    section, _, rest = name.partition("_")
    return bool(rest) and not rest.startswith("_") and _is_setting([section, rest]) and not _is_setting([name])


def _is_setting(names: list[str]) -> bool:
    model: object = Settings
    for name in names:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return True  # an entry of a table
        field = model.model_fields.get(name)
        if field is None:
            return False
        model = field.annotation
    return True


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of `host:port`; raises `SettingsError`."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    is_number = port.isascii() and port.isdigit() and len(port) <= 5
    if not host or not is_number or int(port) > 65535:
        raise SettingsError(f"{listen!r:.60} is no address; it has the form 127.0.0.1:8765")
    return host, int(port)
