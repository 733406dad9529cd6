"""`twilio-binding setup`: the first steps, and the system service."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from twilio_binding.cli.options import config_option
from twilio_binding.protocol.errors import TwilioBindingError

if TYPE_CHECKING:
    from twilio_binding.cli.assistant import Assistant, Given
    from twilio_binding.setup.new_files import NewFile

_LOADING = 180.0
"""Seconds for openHAB to load a new script: on a Raspberry Pi, its Python takes over a minute for the first start."""
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


class _Options(TypedDict):
    config: Path | None
    openhab_url: str | None
    openhab_token_file: Path | None
    openhab_ca_file: str | None
    mqtt_url: str | None
    mqtt_password_file: Path | None
    mqtt_ca_file: str | None
    account_sid: str | None
    auth_token_file: Path | None
    number: tuple[str, ...]
    way: str | None
    public_url: str | None
    script: bool | None
    conf: Path | None
    systemd: bool
    program: str | None
    non_interactive: bool
    dry_run: bool
    doctor: bool


@click.command()
@config_option
@click.option("--openhab-url", help="URL of openHAB. [default: the previous one, else searched at the usual addresses]")
@click.option(
    "--openhab-token-file", type=_FILE, help="File with openHAB's API token. [default: TWILIO_BINDING_OPENHAB__TOKEN]"
)
@click.option("--openhab-ca-file", metavar="PATH", help="Certificates to trust for openHAB, in PEM form.")
@click.option("--mqtt-url", help="URL of the broker. [default: the previous one, else searched at the usual addresses]")
@click.option("--mqtt-password-file", type=_FILE, help="File with the password for the user in --mqtt-url.")
@click.option("--mqtt-ca-file", metavar="PATH", help="Certificates to trust for the broker, in PEM form.")
@click.option("--account-sid", envvar="TWILIO_ACCOUNT_SID", show_envvar=True, help="SID of the Twilio account.")
@click.option("--auth-token-file", type=_FILE, help="File with the Auth Token. [default: TWILIO_AUTH_TOKEN]")
@click.option(
    "--number", multiple=True, help="Number to use, or `all`; you can repeat this option. [default: the only one]"
)
@click.option("--way", type=click.Choice(["url", "cloud", "none"]), help="How Twilio reaches the service.")
@click.option("--public-url", help="The public URL, for --way url.")
@click.option(
    "--script/--no-script",
    default=None,
    help="Install the script in openHAB. [default: as before; the first time, if it can run there]",
)
@click.option("--conf", type=_FOLDER, help="openHAB's conf folder. [default: as openHAB reports it]")
@click.option(
    "--systemd", is_flag=True, help="Install the service as a system service: unit, user, folders. Needs root."
)
@click.option("--program", help="The command that systemd runs. [default: this one]")
@click.option(
    "--non-interactive", is_flag=True, help="Ask nothing. Answers that you do not give as options stay as they are."
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and change nothing.")
@click.option("--doctor/--no-doctor", default=True, help="Run the doctor at the end.")
def setup(**options: Unpack[_Options]) -> None:
    """Set up the service step by step.

    The command finds openHAB and the broker, asks for the rest, writes settings and things, and tests the
    result. It shows each change, and asks before it overwrites anything. You can repeat it: your old answers are the
    defaults. Each answer can be an option; the file name - means a line of standard input.
    """
    from twilio_binding import logs
    from twilio_binding.cli.setup_unit import install_unit
    from twilio_binding.setup import machine

    logs.configure("error")
    if options["systemd"] and os.geteuid() != 0 and not options["dry_run"]:
        raise click.ClickException(
            "--systemd writes a unit, a user and folders: run it as root, for example with sudo; "
            "--dry-run shows what it would do"
        )
    is_interactive = not options["non_interactive"]
    has_questions = _has_questions(options)
    if has_questions and is_interactive and not sys.stdin.isatty():
        raise click.ClickException(
            "this command asks questions, but there is no terminal; use --non-interactive with options"
        )
    try:
        program = options["program"] or machine.this_program()
        if options["systemd"]:
            machine.unit_text(program)  # before the questions, because they would be in vain
        assistant = _answer(options) if has_questions else None
        if not has_questions:
            _tell_unread(options["config"])
        is_started = options["systemd"] and install_unit(
            program, dry_run=options["dry_run"], is_interactive=is_interactive
        )
        if assistant and not options["dry_run"]:
            _finish(assistant, options, is_started=is_started)
    except TwilioBindingError as error:
        raise click.ClickException(str(error)) from None


def _has_questions(options: _Options) -> bool:
    """Whether to ask about settings: with --systemd, only if answers are given, or there are no settings yet."""
    from twilio_binding.settings.places import SYSTEM_FILE

    answers = (options["openhab_url"], options["openhab_token_file"], options["mqtt_url"], options["account_sid"])
    if not options["systemd"] or any(answers) or (options["config"] and not SYSTEM_FILE.exists()):
        return True
    return sys.stdin.isatty() and not (options["non_interactive"] or options["dry_run"] or SYSTEM_FILE.exists())


def _tell_unread(config: Path | None) -> None:
    """Say that a given file is not read, because the system service has settings of its own, and nothing was to change in them."""
    from twilio_binding.settings.places import SYSTEM_FILE

    if config and config != SYSTEM_FILE:
        click.echo(f"{SYSTEM_FILE} stays as it is: {config} is not read. To change an answer, give it as an option.")


def _answer(options: _Options) -> Assistant:
    """Ask everything, and write the files."""
    from twilio_binding.cli.assistant import Assistant
    from twilio_binding.cli.questions import Asker
    from twilio_binding.setup.known import recall

    known = recall(options["config"], for_machine=options["systemd"])
    if not options["dry_run"]:
        known.see_writable()
    _tell_place(known.file, options)
    asker = Asker(is_interactive=not options["non_interactive"])
    assistant = Assistant(asker=asker, given=_given(options), known=known)
    try:
        assistant.ask(lambda files: _write(files, assistant, dry_run=options["dry_run"]))
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nNothing was written.", err=True)
        raise click.Abort from None
    return assistant


def _tell_place(file: Path, options: _Options) -> None:
    """Say where the answers go: as root, that is the machine's file."""
    from twilio_binding.settings.places import SYSTEM_FILE

    is_by_default = file == SYSTEM_FILE and not (options["systemd"] or options["config"])
    more = ", that of the whole machine; --config names another one" if is_by_default else ""
    click.echo(f"Settings file: {file}{more}")


def _given(options: _Options) -> Given:
    from twilio_binding.cli.assistant import Given
    from twilio_binding.cli.questions import secret
    from twilio_binding.cli.setup_account import GivenAccount
    from twilio_binding.cli.setup_servers import GivenServers

    return Given(
        servers=GivenServers(
            openhab_url=options["openhab_url"],
            openhab_token=secret(
                "--openhab-token-file", options["openhab_token_file"], "TWILIO_BINDING_OPENHAB__TOKEN"
            ),
            openhab_ca_file=_ca_file("--openhab-ca-file", options["openhab_ca_file"]),
            mqtt_url=options["mqtt_url"],
            mqtt_password=secret("--mqtt-password-file", options["mqtt_password_file"], ""),
            mqtt_ca_file=_ca_file("--mqtt-ca-file", options["mqtt_ca_file"]),
        ),
        script=options["script"],
        conf=options["conf"],
        account=GivenAccount(
            sid=options["account_sid"],
            token=secret("--auth-token-file", options["auth_token_file"], "TWILIO_AUTH_TOKEN"),
            numbers=options["number"],
            way=options["way"],
            public_url=options["public_url"],
        ),
    )


def _ca_file(option: str, given: str | None) -> str | None:
    """The file of an option; empty means the system's certificates."""
    from twilio_binding.cli.setup_certificates import ca_file

    try:
        return ca_file(given) if given else given
    except TwilioBindingError as error:
        raise click.ClickException(f"{option}: {error}") from None


def _write(files: Sequence[NewFile], assistant: Assistant, *, dry_run: bool) -> None:
    """Show the files, and write them if the user agrees."""
    from twilio_binding.cli.questions import heading, tell
    from twilio_binding.setup.new_files import write

    heading("Files")
    for file in files:
        click.echo(file.difference(assistant.secrets) + "\n")
    if dry_run and files:
        tell("--dry-run: nothing is written")
        return
    if files and not assistant.asker.confirm("Write these changes?", given=None, default=True):
        raise click.Abort
    write(files)
    for file in files:
        tell(f"{file.file} is written")
    if not files:
        tell("settings and things already match your answers")


def _finish(assistant: Assistant, options: _Options, *, is_started: bool) -> None:
    """Install the script, run the doctor, and print the next steps."""
    from twilio_binding.cli.doctor import doctor
    from twilio_binding.cli.install import install
    from twilio_binding.cli.questions import heading, tell
    from twilio_binding.settings import places
    from twilio_binding.setup import machine

    context, file = click.get_current_context(), assistant.known.file
    if assistant.conf:
        heading("Script in openHAB")
        context.invoke(
            install, config=file, conf=assistant.conf, mqtt_url=None, sidecar_url=None, only_check=False, remove=False
        )
    restart = machine.restart() if file == places.SYSTEM_FILE and machine.is_installed() and not is_started else []
    for task in restart:
        task.act()
        tell(task.text)
    if assistant.conf and options["doctor"]:
        _await_script(assistant)
    if options["doctor"]:
        heading("Doctor")
        with suppress(SystemExit):
            context.invoke(doctor, config=file, send_to="", wait=0.0, as_json=False)
    if not restart and not options["systemd"]:
        _tell_next(file)


def _tell_next(file: Path) -> None:
    """Print the commands that start the service with this settings file, each in one line, so that it can be pasted."""
    from twilio_binding.cli.questions import heading
    from twilio_binding.settings import places
    from twilio_binding.setup import machine
    from twilio_binding.setup.errors import SetupError

    option, program = places.as_option(file), machine.this_program()
    heading("Next")
    click.echo(f"  Start or restart the service:\n    twilio-binding run{option}")
    if machine.is_installed():
        return  # for other settings, which stay those of the system service
    try:
        machine.unit_text(program)
    except SetupError:
        click.echo("  To run it with systemd, install the package for all users: docs/installing.md")
    else:
        click.echo(f"  To run it with systemd:\n    sudo {program} setup --systemd{option}")


def _await_script(assistant: Assistant) -> None:
    """Wait until openHAB has loaded the script and the written things, because the doctor needs both."""
    from twilio_binding.cli.questions import explain, tell
    from twilio_binding.settings import load
    from twilio_binding.settings.places import as_option
    from twilio_binding.setup import probes

    ended = Event()
    before = signal.signal(signal.SIGINT, lambda *_: ended.set())
    explain(
        f"  Waiting until openHAB has loaded the script and lists the account, for {_LOADING:.0f} s at most; Ctrl-C ends it"
    )
    try:
        if probes.lists(load(assistant.known.file).openhab, assistant.wanted(), _LOADING, ended):
            tell("openHAB has loaded the script, and lists the account")
        else:
            tell(
                "openHAB lists no Twilio account yet with your answers, so the doctor cannot test everything. When openHAB's "
                f"log says that the script is loaded, run `twilio-binding doctor{as_option(assistant.known.file)}` again",
                sign="!",
            )
    except TwilioBindingError as error:
        tell(str(error), sign="!")
    finally:
        signal.signal(signal.SIGINT, before)
