"""The questions of `twilio-binding setup` about openHAB and the broker: where they are, and the logins."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from twilio_binding.cli.questions import Asker, Prompt, explain, follow_up, heading, tell, typed
from twilio_binding.cli.setup_certificates import TrustedCertificates
from twilio_binding.mqtt import parse_broker_url
from twilio_binding.settings import OpenHABSettings, Settings
from twilio_binding.setup import addresses, probes
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.new_files import without_password
from twilio_binding.setup.probes import LoginRefusedError, OpenHABFound

SCRIPT_SINCE = (5, 0)
"""The first version of openHAB in which the script runs."""
_LOG_IN_STEPS = (
    "  Log in to {} as an administrator, click your name at the bottom left, then API tokens, Create new API token."
)
_BROKER_STEPS = (
    "  No broker was found. Rules and the service talk over an MQTT broker. On this machine:\n"
    "    sudo apt install mosquitto\n"
    "  docs/broker.md shows how to protect it with a password. To use that of `twilio-binding sandbox`, end this with Ctrl-C,\n"
    "  paste the export lines that the sandbox prints, and run it again.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenServers:
    """The answers that were given as options; None if there was none."""

    openhab_url: str | None = None
    openhab_token: str | None = None
    openhab_ca_file: str | None = None
    mqtt_url: str | None = None
    mqtt_password: str | None = None
    mqtt_ca_file: str | None = None


@dataclass(slots=True, kw_only=True)
class ServerQuestions:
    """Asks for openHAB, its token and the broker. `before` are the previous settings.

    `url`, `token` and `broker` are the answers. `found` is what openHAB has, None if it was not reached.
    """

    asker: Asker
    given: GivenServers
    before: Settings
    url: str = field(init=False, default="")
    token: str = field(init=False, default="")
    broker: str = field(init=False, default="")
    found: OpenHABFound | None = field(init=False, default=None)
    trusted: dict[str, TrustedCertificates] = field(init=False)

    def __post_init__(self) -> None:
        given, before = self.given, self.before
        self.trusted = {
            "openhab": TrustedCertificates(self.asker, given.openhab_ca_file, before.openhab.ca_file),
            "mqtt": TrustedCertificates(self.asker, given.mqtt_ca_file, before.mqtt.ca_file),
        }

    def ask_url(self) -> None:
        """Where openHAB is."""
        heading("openHAB")
        old, trusted = self.before.openhab.url, self.trusted["openhab"]
        found = "" if self.given.openhab_url else probes.find_openhab(old, trusted.file)

        def check(url: str) -> str:
            release, at = trusted.attempt(lambda ca_file: probes.openhab_at_or_above(_server(url, "", ca_file)))
            tell(f"{release} at {at}")
            return at

        question = Prompt(
            text="URL of openHAB",
            option="--openhab-url",
            given=self.given.openhab_url,
            default=found or old,
            understand=addresses.openhab_url,
        )
        self.url = self.asker.answer(question, check)

    def ask_token(self) -> None:
        """The API token of an administrator."""
        if self.asker.is_interactive and self.given.openhab_token is None:
            explain(_LOG_IN_STEPS.format(self.url))
        self.found = None

        def check(token: str) -> str:
            server = _server(self.url, token, self.trusted["openhab"].file)
            self.found = probes.openhab_as_administrator(server)
            tell("the token belongs to an administrator")
            return server.token.get_secret_value()

        question = Prompt(
            text="API token",
            option="--openhab-token-file",
            given=self.given.openhab_token,
            default=self.before.openhab.token.get_secret_value(),
            is_secret=True,
        )
        self.token = self.asker.answer(question, check)
        _notice(self.found)

    def ask_broker(self) -> None:
        """Where the broker is, and the login."""
        heading("MQTT broker")
        old = self.before.mqtt.url.get_secret_value()
        given, password = self.given.mqtt_url, self.given.mqtt_password
        found = "" if given else probes.find_broker(old, urlsplit(self.url).hostname or "")
        if not found and not given and self.asker.is_interactive:
            explain(_BROKER_STEPS)

        def understand(text: str) -> str:
            url = addresses.broker_url(text)
            return _with_login(url, None, password) if password else url

        question = Prompt(
            text="URL of the broker",
            option="--mqtt-url",
            given=given or (old if password else None),
            default=found or old,
            understand=understand,
        )
        self.broker = self.asker.answer(question, self._check_broker)

    def _check_broker(self, url: str) -> str:
        parse_broker_url(url)
        try:
            self.trusted["mqtt"].attempt(lambda ca_file: probes.broker(url, ca_file))
        except LoginRefusedError as error:
            if not self.asker.is_interactive:
                raise SetupError(str(error)) from None
            tell(str(error), sign="✗")
            user = follow_up("User at the broker, Enter for another broker")
            if not user:
                raise SetupError("enter another broker, or a user") from None
            return self._check_broker(_with_login(url, user, typed("Password, not shown", is_secret=True)))
        tell(f"the broker at {without_password(url)} accepts the login")
        return url


def _server(url: str, token: str, ca_file: str) -> OpenHABSettings:
    try:
        return OpenHABSettings.model_validate({"url": url, "token": token, "ca_file": ca_file})
    except ValidationError as error:
        raise SetupError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None


def _notice(found: OpenHABFound | None) -> None:
    """Say what openHAB has, or lacks, that will be missed or in the way later."""
    if found and found.has_java_add_on:
        tell(
            "the Java Twilio add-on is installed and would overwrite the webhooks; remove it first (docs/moving.md)",
            sign="!",
        )
    if found and found.is_since(*SCRIPT_SINCE) and not found.has_python:
        tell("install the Python Scripting add-on to get native things and actions", sign="!")


def _with_login(url: str, user: str | None, password: str) -> str:
    scheme, _, rest = url.partition("://")
    login, _, place = rest.rpartition("@")
    name = quote(user, safe="") if user is not None else login.partition(":")[0]
    return f"{scheme}://{name}:{quote(password, safe='')}@{place}"
