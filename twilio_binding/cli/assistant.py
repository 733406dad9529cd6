"""The course of `twilio-binding setup`: its questions in order, and the changes that follow from the answers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click

from twilio_binding.cli.questions import BACK, Asker, explain, heading, tell
from twilio_binding.cli.setup_account import ACCOUNT_STEPS, AccountQuestions, GivenAccount
from twilio_binding.cli.setup_servers import SCRIPT_SINCE, GivenServers, ServerQuestions
from twilio_binding.model.things import Things
from twilio_binding.settings import Settings, variable_of
from twilio_binding.settings.places import SYSTEM_FILE
from twilio_binding.setup import machine, toml_text
from twilio_binding.setup.known import Known
from twilio_binding.setup.new_files import NewFile, not_writable

_HOW = (
    f"Enter takes the answer in brackets. At any question, type {BACK} to return to the previous one, or press Ctrl-C to end. "
    "Nothing is written before you have seen the changes."
)
_FAR_AWAY = (
    "Python Scripting is installed, but openHAB's configuration folder is not on this machine; to use the script, "
    "mount that folder and give it with --conf, or go on without the script"
)
_TWILIO_API = ("twilio", "api_url")
_USUAL: Mapping[toml_text.Path, toml_text.Value] = {
    ("openhab", "url"): Settings.model_fields["openhab"].default.url,
    ("openhab", "token"): "",
    ("openhab", "ca_file"): "",
    ("mqtt", "url"): Settings.model_fields["mqtt"].default.url.get_secret_value(),
    ("mqtt", "ca_file"): "",
    ("things",): Settings.model_fields["things"].default,
    _TWILIO_API: Settings.model_fields["twilio"].default.api_url,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The answers that were given as options; None if there was none."""

    script: bool | None = None
    conf: Path | None = None
    servers: GivenServers = field(default_factory=GivenServers)
    account: GivenAccount = field(default_factory=GivenAccount)


@dataclass(slots=True, kw_only=True)
class Assistant:
    """Asks, and collects the files to write. `conf` is openHAB's configuration folder if the script should be there.

    `account` are the questions about the account, None if it is configured in openHAB. `secrets` must not be shown in a
    difference.
    """

    asker: Asker
    given: Given
    known: Known
    conf: Path | None = None
    is_given_up: bool = False
    secrets: set[str] = field(default_factory=set)
    servers: ServerQuestions = field(init=False)
    account: AccountQuestions | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.servers = ServerQuestions(asker=self.asker, given=self.given.servers, before=self.known.settings)

    def ask(self, write: Callable[[list[NewFile]], None]) -> None:
        """Ask everything, and have the changed files written; `write` may ask, too."""
        servers = self.servers
        if self.asker.is_interactive:
            explain(_HOW)
        self.asker.in_turn(
            servers.ask_url,
            servers.ask_token,
            servers.ask_broker,
            self._ask_script,
            self._begin_account,
            *(partial(self._ask_account, step) for step in ACCOUNT_STEPS),
            lambda: write(self._changed()),
        )

    def _changed(self) -> list[NewFile]:
        """The changed files."""
        servers, before = self.servers, self.known.settings
        answers: dict[toml_text.Path, toml_text.Value] = {
            ("openhab", "url"): servers.url,
            ("openhab", "token"): servers.token,
            ("mqtt", "url"): servers.broker,
        }
        self.secrets |= {servers.token, before.openhab.token.get_secret_value()}
        drafts = self._things()
        answers |= self._certificates() | self._patterns(drafts)
        text = self.known.text
        said = toml_text.names(text)
        _warn_of_variables(answers)
        if variable_of(*_TWILIO_API) in os.environ:  # Twilio has checked the answers there
            answers[_TWILIO_API] = before.twilio.api_url
        wanted = {path: value for path, value in answers.items() if path in said or value != _USUAL[path]}
        drafts.append(NewFile(self.known.file, toml_text.changed(text, wanted)))
        return [draft for draft in drafts if draft.difference()]

    def wanted(self) -> Things:
        """The things that openHAB should list: those of its file, if the account is configured there."""
        file = self.known.things_file(self.conf)
        return self.known.things(file) if file.exists() else Things()

    def _certificates(self) -> dict[toml_text.Path, toml_text.Value]:
        """The changed `ca_file` settings; a new settings file also gets those of the old one."""
        wanted = {name: one.file for name, one in self.servers.trusted.items() if one.is_new or self.known.is_new}
        files = {name: str(Path(file).absolute()) if file else "" for name, file in wanted.items()}
        for file in sorted(set(files.values()) if self.known.file == SYSTEM_FILE else ()):
            if machine.is_hidden(Path(file)):
                tell(f"systemd hides {file} from the service; move it, for example to {SYSTEM_FILE.parent}", sign="!")
        return {(name, "ca_file"): file for name, file in files.items()}

    def _ask_script(self) -> None:
        self.conf = self._script()

    def _script(self) -> Path | None:
        """The configuration folder of openHAB, if the script should be there."""
        found = self.servers.found
        conf = self.given.conf or (found.conf if found else None)
        if self.given.script and not conf:
            raise click.ClickException(
                "--script: openHAB's configuration folder is not on this machine; give it with --conf"
            )
        is_fit = bool(found and found.has_python and found.is_since(*SCRIPT_SINCE))
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

    def _begin_account(self) -> None:
        heading("Twilio")
        found, file = self.servers.found, self.known.things_file(self.conf)
        in_openhab = found.accounts if found and not file.exists() else ()
        # Without the script, openHAB has no things for the service, whatever the previous settings are.
        self.is_given_up &= bool(found and not found.accounts)
        is_kept = self.known.is_account_in_openhab(self.conf) and not self.is_given_up
        if is_kept or (self.conf and in_openhab):
            name = f" {', '.join(in_openhab)}" if in_openhab else ""
            tell(f"the account{name} is configured in openHAB; change it there", sign="!")
            self.account = None
            return
        self.account = AccountQuestions(
            asker=self.asker,
            given=self.given.account,
            settings=self.known.settings,
            file=file,
            things=self.known.things(file),
            has_cloud=bool(self.conf and found and found.is_since(5, 2)),
        )

    def _ask_account(self, step: Callable[[AccountQuestions], None]) -> None:
        if self.account is not None:
            step(self.account)

    def _things(self) -> list[NewFile]:
        """The file of things, if the account is configured there."""
        if self.account is None:
            return []
        file = self.account.file
        text = self.account.written(self.known.things_text(file))
        self.secrets |= self.account.secrets
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


def _warn_of_variables(answers: Mapping[toml_text.Path, toml_text.Value]) -> None:
    """Warn of variables in the environment that override what is written."""
    for path, value in answers.items():
        said = os.environ.get(variable := variable_of(*path))
        if said is not None and said != (value if isinstance(value, str) else json.dumps(value)):
            tell(f"{variable} in the environment overrides this answer; unset it to use the answer", sign="!")
