"""The questions of `twilio-binding setup` about openHAB and the broker, in order, and the changes that follow from the answers."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import click
from pydantic import ValidationError

from twilio_binding.cli.questions import Asker, Prompt, explain, heading, tell
from twilio_binding.cli.setup_account import AccountQuestions, GivenAccount
from twilio_binding.cli.setup_certificates import TrustedCertificates
from twilio_binding.model.things import Things
from twilio_binding.mqtt import parse_broker_url
from twilio_binding.settings import OpenHABSettings, Settings, variable_of
from twilio_binding.settings.places import SYSTEM_FILE
from twilio_binding.setup import addresses, machine, probes, toml_text
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.known import Known
from twilio_binding.setup.new_files import NewFile, not_writable, without_password
from twilio_binding.setup.probes import LoginRefusedError, OpenHABFound

_LOG_IN_STEPS = (
    "  Log in to {} as an administrator, click your name at the bottom left, then API tokens, Create new API token."
)
_BROKER_STEPS = (
    "  No broker was found. Rules and the service talk over an MQTT broker. On this machine:\n"
    "    sudo apt install mosquitto\n"
    "  docs/broker.md shows how to protect it with a password."
)
_FAR_AWAY = (
    "Python Scripting is installed, but openHAB's configuration folder is not on this machine; to use the script, "
    "mount that folder and give it with --conf, or go on without the script"
)
_USUAL: Mapping[toml_text.Path, toml_text.Value] = {
    ("openhab", "url"): Settings.model_fields["openhab"].default.url,
    ("openhab", "token"): "",
    ("openhab", "ca_file"): "",
    ("mqtt", "url"): Settings.model_fields["mqtt"].default.url.get_secret_value(),
    ("mqtt", "ca_file"): "",
    ("things",): Settings.model_fields["things"].default,
}
_SCRIPT_SINCE = (5, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The answers that were given as options; None if there was none."""

    openhab_url: str | None = None
    openhab_token: str | None = None
    openhab_ca_file: str | None = None
    mqtt_url: str | None = None
    mqtt_password: str | None = None
    mqtt_ca_file: str | None = None
    script: bool | None = None
    conf: Path | None = None
    account: GivenAccount = field(default_factory=GivenAccount)


@dataclass(slots=True, kw_only=True)
class Assistant:
    """Asks, and collects the files to write. `conf` is openHAB's configuration folder if the script should be there.

    `secrets` must not be shown in a difference.
    """

    asker: Asker
    given: Given
    known: Known
    conf: Path | None = None
    is_given_up: bool = False
    secrets: set[str] = field(default_factory=set)
    trusted: dict[str, TrustedCertificates] = field(init=False)

    def __post_init__(self) -> None:
        given, before = self.given, self.known.settings
        self.trusted = {
            "openhab": TrustedCertificates(self.asker, given.openhab_ca_file, before.openhab.ca_file),
            "mqtt": TrustedCertificates(self.asker, given.mqtt_ca_file, before.mqtt.ca_file),
        }

    def ask(self) -> list[NewFile]:
        """Ask everything; returns the changed files."""
        before = self.known.settings
        heading("openHAB")
        url = self._openhab_url()
        token, found = self._openhab_token(url)
        _notice(found)
        heading("MQTT broker")
        answers: dict[toml_text.Path, toml_text.Value] = {
            ("openhab", "url"): url,
            ("openhab", "token"): token,
            ("mqtt", "url"): self._broker(urlsplit(url).hostname or ""),
        }
        answers |= self._certificates()
        self.secrets |= {token, before.openhab.token.get_secret_value()}
        self.conf = self._script(found)
        drafts = self._things(found)
        answers |= self._patterns(drafts)
        text = self.known.text
        said = toml_text.names(text)
        _warn_of_variables(answers)
        wanted = {path: value for path, value in answers.items() if path in said or value != _USUAL[path]}
        drafts.append(NewFile(self.known.file, toml_text.changed(text, wanted)))
        return [draft for draft in drafts if draft.difference()]

    def wanted(self) -> Things:
        """The things that openHAB should list: those of its file, if the account is configured there."""
        file = self.known.things_file(self.conf)
        return self.known.things(file) if file.exists() else Things()

    def _certificates(self) -> dict[toml_text.Path, toml_text.Value]:
        """The changed `ca_file` settings; a new settings file also gets those of the old one."""
        wanted = {name: one.file for name, one in self.trusted.items() if one.is_new or self.known.is_new}
        files = {name: str(Path(file).absolute()) if file else "" for name, file in wanted.items()}
        for file in sorted(set(files.values()) if self.known.file == SYSTEM_FILE else ()):
            if machine.is_hidden(Path(file)):
                tell(f"systemd hides {file} from the service; move it, for example to {SYSTEM_FILE.parent}", sign="!")
        return {(name, "ca_file"): file for name, file in files.items()}

    def _openhab_url(self) -> str:
        old, trusted = self.known.settings.openhab.url, self.trusted["openhab"]
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
        return self.asker.answer(question, check)

    def _openhab_token(self, url: str) -> tuple[str, OpenHABFound | None]:
        old, found = self.known.settings.openhab.token.get_secret_value(), []
        if self.asker.is_interactive and self.given.openhab_token is None:
            explain(_LOG_IN_STEPS.format(url))

        def check(token: str) -> str:
            server = _server(url, token, self.trusted["openhab"].file)
            found.append(probes.openhab_as_administrator(server))
            tell("the token belongs to an administrator")
            return server.token.get_secret_value()

        question = Prompt(
            text="API token",
            option="--openhab-token-file",
            given=self.given.openhab_token,
            default=old,
            is_secret=True,
        )
        return self.asker.answer(question, check), found[-1] if found else None

    def _broker(self, openhab_host: str) -> str:
        old = self.known.settings.mqtt.url.get_secret_value()
        given = self.given.mqtt_url
        found = "" if given else probes.find_broker(old, openhab_host)
        if not found and not given and self.asker.is_interactive:
            explain(_BROKER_STEPS)
        password, default = self.given.mqtt_password, found or old

        def understand(text: str) -> str:
            url = addresses.broker_url(text)
            return _with_login(url, None, password) if password else url

        question = Prompt(
            text="URL of the broker",
            option="--mqtt-url",
            given=given or (old if password else None),
            default=default,
            shown=without_password(default),
            understand=understand,
        )
        return self.asker.answer(question, self._check_broker)

    def _check_broker(self, url: str) -> str:
        parse_broker_url(url)
        try:
            self.trusted["mqtt"].attempt(lambda ca_file: probes.broker(url, ca_file))
        except LoginRefusedError as error:
            if not self.asker.is_interactive:
                raise SetupError(str(error)) from None
            tell(str(error), sign="✗")
            user = click.prompt("User at the broker", default="", show_default=False)
            if not user:
                raise SetupError("enter another broker, or a user") from None
            return self._check_broker(_with_login(url, user, click.prompt("Password, not shown", hide_input=True)))
        tell(f"the broker at {without_password(url)} accepts the login")
        return url

    def _script(self, found: OpenHABFound | None) -> Path | None:
        """The configuration folder of openHAB, if the script should be there."""
        conf = self.given.conf or (found.conf if found else None)
        if self.given.script and not conf:
            raise click.ClickException(
                "--script: openHAB's configuration folder is not on this machine; give it with --conf"
            )
        is_fit = bool(found and found.has_python and found.is_since(*_SCRIPT_SINCE))
        if is_fit and not conf and self.given.script is None:
            tell(_FAR_AWAY, sign="!")
        self.is_given_up = self.given.script is False
        if not conf or self.is_given_up or not (self.given.script or is_fit):
            return None
        heading("Script in openHAB")
        folders = (conf / "automation" / "python", conf / "things", self.known.settings.data_dir)
        if unwritable := not_writable(*folders):
            reason = f"this user cannot write to {unwritable}; to install the script, run setup as root"
            if self.given.script:
                raise click.ClickException(f"--script: {reason}")
            tell(reason, sign="!")
            return None
        # After a choice against the script, Enter does not install it.
        is_usual = self.known.is_new or self.known.settings.things_in_openhab
        if not (self.given.script or self.asker.is_interactive or is_usual):
            tell("the script is not installed, as before; --script installs it")
            return None
        if self.given.script or not self.asker.is_interactive:
            tell(f"the script will be installed in {conf}: things, channels and actions become native in openHAB")
            return conf
        explain("  Python Scripting is installed. With the script, things, channels and actions are native in openHAB.")
        self.is_given_up = not self.asker.confirm(f"Install the script in {conf}?", given=None, default=is_usual)
        return None if self.is_given_up else conf

    def _things(self, found: OpenHABFound | None) -> list[NewFile]:
        heading("Twilio")
        file = self.known.things_file(self.conf)
        in_openhab = found.accounts if found and not file.exists() else ()
        # Without the script, openHAB has no things for the service, whatever the previous settings are.
        self.is_given_up &= bool(found and not found.accounts)
        is_kept = self.known.is_account_in_openhab(self.conf) and not self.is_given_up
        if is_kept or (self.conf and in_openhab):
            name = f" {', '.join(in_openhab)}" if in_openhab else ""
            tell(f"the account{name} is configured in openHAB; change it there", sign="!")
            return []
        questions = AccountQuestions(
            asker=self.asker,
            given=self.given.account,
            settings=self.known.settings,
            file=file,
            things=self.known.things(file),
            has_cloud=bool(self.conf and found and found.is_since(5, 2)),
        )
        text = questions.ask(self.known.things_text(file))
        self.secrets |= questions.secrets
        return [NewFile(file, text, for_openhab=bool(self.conf))]

    def _patterns(self, drafts: list[NewFile]) -> dict[toml_text.Path, toml_text.Value]:
        """The setting `things`, if it must name the written files."""
        if self.conf:
            return {("things",): ["openhab"]}
        if self.known.is_new or not drafts or self.known.reads(drafts[0].file):
            return {}
        before = toml_text.names(self.known.text).get(("things",), [])
        kept = [one for one in before if one != "openhab"] if self.is_given_up else before
        return {("things",): [*kept, str(drafts[0].file.absolute())]}


def _server(url: str, token: str, ca_file: str) -> OpenHABSettings:
    try:
        return OpenHABSettings.model_validate({"url": url, "token": token, "ca_file": ca_file})
    except ValidationError as error:
        raise SetupError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None


def _warn_of_variables(answers: Mapping[toml_text.Path, toml_text.Value]) -> None:
    """Warn of variables in the environment that override what is written."""
    for path, value in answers.items():
        said = os.environ.get(variable := variable_of(*path))
        if said is not None and said != (value if isinstance(value, str) else json.dumps(value)):
            tell(f"{variable} in the environment overrides this answer; unset it to use the answer", sign="!")


def _notice(found: OpenHABFound | None) -> None:
    """Say what openHAB has, or lacks, that will be missed or in the way later."""
    if found and found.has_java_add_on:
        tell(
            "the Java Twilio add-on is installed and would overwrite the webhooks; remove it first (docs/moving.md)",
            sign="!",
        )
    if found and found.is_since(*_SCRIPT_SINCE) and not found.has_python:
        tell("install the Python Scripting add-on to get native things and actions", sign="!")


def _with_login(url: str, user: str | None, password: str) -> str:
    scheme, _, rest = url.partition("://")
    login, _, place = rest.rpartition("@")
    name = quote(user, safe="") if user is not None else login.partition(":")[0]
    return f"{scheme}://{name}:{quote(password, safe='')}@{place}"
