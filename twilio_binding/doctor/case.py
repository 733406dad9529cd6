"""What the doctor examines, and findings that later links use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from twilio_binding.accounts.configured_things import ConfiguredThings
from twilio_binding.dsl import Calling, call_here
from twilio_binding.installation import read_secret
from twilio_binding.model.things import Things
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.settings import Settings
from twilio_binding.twilio_api import Clients


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of the doctor.

    `send_to` is the number that gets a text, "" for none; the answer is awaited for `answer_seconds`. `calling` runs
    functions that may hang in the operating system.
    """

    send_to: str = ""
    answer_seconds: float = 120.0
    calling: Calling = call_here


@dataclass(slots=True, kw_only=True)
class Case:
    """The settings, and the findings.

    `ready` is the answer of `/ready`, None if the service is not running. `data_in_use`: a service uses data_dir now; None if
    that is unknown. `announcement` is what the script inside openHAB has published at the broker. `is_openhab_up`,
    `is_broker_up`: links that need them can be tested. `accounts_up`: Twilio accepts their credentials. `script_answers`:
    openHAB has the things itself, and applies profiles.
    """

    settings: Settings
    wishes: Wishes
    configured: ConfiguredThings = field(default_factory=ConfiguredThings)
    ready: dict[str, Any] | None = None
    data_in_use: bool | None = None
    announcement: Announcement | None = None
    is_openhab_up: bool = False
    is_broker_up: bool = False
    accounts_up: set[str] = field(default_factory=set)
    clients: Clients = field(init=False)
    script_answers: bool = False

    def __post_init__(self) -> None:
        self.clients = Clients(self.settings.twilio.api_url)

    def close(self) -> None:
        """Close the connections to Twilio."""
        self.clients.stop()

    @property
    def things(self) -> Things:
        """The usable configured things."""
        return self.configured.current()

    @property
    def is_running(self) -> bool:
        """Whether the service runs with these settings."""
        return self.ready is not None

    @property
    def secret(self) -> str:
        """The secret that the service shares with openHAB; "" if there is none, or it cannot be read."""
        try:
            return read_secret(self.settings.secret_file)
        except OSError:
            return ""

    @property
    def has_script(self) -> bool:
        """Whether openHAB has the script, or should have it."""
        return self.announcement is not None or self.settings.script_file.exists()
