"""All settings together."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from twilio_binding.settings.places import IN_OPENHAB
from twilio_binding.settings.sections import (
    AdminSettings,
    DeliverySettings,
    LimitsSettings,
    LogSettings,
    MediaSettings,
    MqttSettings,
    OpenHABSettings,
    TwilioSettings,
    WebhookSettings,
)
from twilio_binding.settings.values import full_path

PREFIX = "TWILIO_BINDING_"
"""The prefix of the environment variables."""


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    data_dir: Path = Field(Path("data"), description="Folder for journal, outbox and pictures")
    things: list[str] = Field(
        ["things/*.things"],
        description="Patterns of `.things` files, for example in openHAB's configuration folder; `openhab` means the things in openHAB itself",
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
    _file: Path = PrivateAttr(Path())

    def read_from(self, file: Path) -> Self:
        """Note the file that was read; it need not exist."""
        self._file = file
        return self

    @property
    def file(self) -> Path:
        """The settings file; it need not exist."""
        return self._file

    @property
    def origin(self) -> str:
        """The source of the settings, for people."""
        if self._file.is_file():
            return f"settings file {self._file.resolve()}"
        return "environment and defaults, without a settings file"

    @field_validator("things")
    @classmethod
    def _some_things(cls, value: list[str]) -> list[str]:
        if not value:
            raise ValueError("give at least one pattern")
        return [full_path(pattern) for pattern in value]

    @field_validator("data_dir")
    @classmethod
    def _is_full(cls, value: Path) -> Path:
        return Path(full_path(str(value)))

    @property
    def things_files(self) -> list[str]:
        """The globs in `things`."""
        return [place for place in self.things if place != IN_OPENHAB]

    @property
    def database_file(self) -> Path:
        """The database of journal and outbox."""
        return self.data_dir / "twilio-binding.db"

    @property
    def timeline_file(self) -> Path:
        """The file of the timeline."""
        return self.data_dir / "timeline"

    @property
    def script_file(self) -> Path:
        """The file that exists once the script inside openHAB has been seen."""
        return self.data_dir / "openhab-has-script"

    @property
    def secret_file(self) -> Path:
        """The file with the secret that the service shares with openHAB's side."""
        return self.data_dir / "relay-secret"

    @property
    def things_in_openhab(self) -> bool:
        """Whether the things in openHAB itself are used."""
        return IN_OPENHAB in self.things
