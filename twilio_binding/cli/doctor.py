"""`twilio-binding doctor`: tests each link of the chain."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twilio_binding.cli.options import Seconds, config_option
from twilio_binding.cli.terminal import fitting, is_dumb, json_line
from twilio_binding.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from twilio_binding.doctor import LinkResult

_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red"), "skipped": ("-", "bright_black")}


@click.command()
@config_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list, with each entry in its own line as soon as it is known."
)
@click.option(
    "--send", "send_to", default="", metavar="NUMBER", help="Send one text to yourself, and wait for your answer."
)
@click.option(
    "--wait",
    type=Seconds(0, 86400),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the answer to that text; 0 does not wait.",
)
def doctor(config: Path | None, send_to: str, wait: float, *, as_json: bool) -> None:
    """Test every link: files, broker, openHAB, Twilio, public URL. Say what is wrong, and what to do.

    The command changes nothing. The service may run or not. Exit codes: 0 if nothing has failed (warnings do not count), 1
    if something has failed, 2 if the command line is wrong.
    """
    from twilio_binding import doctor as room
    from twilio_binding import logs
    from twilio_binding.protocol.errors import TwilioBindingError
    from twilio_binding.settings import load

    _check_number(send_to)
    logs.configure("critical")
    terminal = _Terminal(is_silent=as_json)
    try:
        settings = load(config)
    except TwilioBindingError as error:
        results: Iterable[LinkResult] = [room.unreadable_settings(error)]
    else:
        wishes = room.Wishes(send_to=send_to, answer_seconds=wait)
        results = room.run(settings, wishes, on_begin=terminal.begin)
    counts = dict.fromkeys(_SIGNS, 0)
    for result in results:
        counts[result.status] += 1
        if as_json:
            # Printed as a list like those of other commands, but without waiting for the last entry.
            click.echo(("[\n" if sum(counts.values()) == 1 else ",") + json_line(result.shown()))
        else:
            terminal.tell(result)
    if as_json:
        click.echo("]")
    else:
        terminal.end(counts)
    sys.exit(1 if counts["failed"] else 0)


def _check_number(send_to: str) -> None:
    """Refuse an invalid number immediately, not after all links."""
    from twilio_binding.model.numbers import parse_recipient
    from twilio_binding.protocol.errors import TwilioBindingError

    if send_to:
        try:
            parse_recipient(send_to)
        except (TwilioBindingError, ValueError) as error:
            raise click.BadParameter(f"{error}; write the number as +15557654321", param_hint="--send") from None


class _Terminal:
    """Prints results as they arrive; the last line of a terminal shows the current test."""

    def __init__(self, *, is_silent: bool) -> None:
        self._is_live = sys.stdout.isatty() and not is_silent and not is_dumb()
        self._shown = 0
        self._title = ""

    def begin(self, title: str) -> None:
        """Show that a link is being tested."""
        if self._is_live:
            self._wipe()
            text = f"  {title} …"[: shutil.get_terminal_size().columns - 1]
            self._shown = len(text)
            click.echo(click.style(text, dim=True), nl=False)

    def tell(self, result: LinkResult) -> None:
        """Show a result."""
        self._wipe()
        if result.title != self._title:
            self._title = result.title
            click.secho(result.title, bold=True)
        sign, colour = _SIGNS[result.status]
        about = f"{result.about}: " if result.about else ""
        click.echo(f"  {click.style(sign, fg=colour)} {fitting(about + (result.cause or result.text), first=4)}")
        if result.cure:
            click.echo("    " + fitting(f"→ {result.cure}", indent=6, first=4))

    def end(self, counts: dict[str, int]) -> None:
        """Remove the line of the current test."""
        self._wipe()
        told = [f"{counts['ok']} ok", counted(counts["warning"], "warning"), f"{counts['failed']} failed"]
        told += [f"{counts['skipped']} skipped"] if counts["skipped"] else []
        click.echo("\n" + ", ".join(told))

    def _wipe(self) -> None:
        if self._shown:
            click.echo(f"\r{' ' * self._shown}\r", nl=False)
            self._shown = 0
