"""Questions on the terminal; without a terminal, options answer them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from twilio_binding.cli.terminal import fitting
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.setup.addresses import unquoted
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.new_files import without_password
from twilio_binding.setup.probes import NotReachedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question and the option that answers it. `given` is the value of the option, `default` the answer for Enter.

    `shown` replaces a default that contains a password. Secrets are never shown, not even as the default. `is_needed`:
    an empty answer is not accepted. `understand` turns the typed text into the answer; the user is told if they differ.
    """

    text: str
    option: str
    given: str | None = None
    default: str = ""
    shown: str | None = None
    is_secret: bool = False
    is_needed: bool = True
    understand: Callable[[str], str] = unquoted


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks the user, or only takes options and old answers."""

    is_interactive: bool

    def answer(self, question: Prompt, check: Callable[[str], str | None] = str) -> str:
        """The answer, as `check` returns it (None: unchanged). If `check` refuses it, it is asked again, or the command ends.

        If `check` cannot tell (`NotReachedError`), the user decides; without a user, the answer is kept.
        """
        given = question.given
        while True:
            typed = given if given is not None else self._ask(question)
            value = question.understand(typed) if typed else typed
            if value != typed.strip() and not question.is_secret:
                tell(f"understood as {without_password(value)}")
            try:
                if not value and question.is_needed:
                    raise SetupError("an answer is required")
                checked = check(value) if value else value
            except NotReachedError as error:
                tell(f"{question.option}: {error}" if not self.is_interactive else str(error), sign="!")
                if not self.is_interactive or click.confirm("Keep this answer anyway?"):
                    return value
            except (TwilioBindingError, ValueError) as error:
                if not self.is_interactive:
                    raise click.ClickException(f"{question.option}: {error}") from None
                tell(str(error), sign="✗")
            else:
                return value if checked is None else checked
            given = None

    def confirm(self, text: str, *, given: bool | None, default: bool) -> bool:
        """Ask a question with the answers yes and no."""
        if given is not None or not self.is_interactive:
            return default if given is None else given
        return click.confirm(text, default=default)

    def choose(self, question: Prompt, choices: Sequence[tuple[str, str]]) -> str:
        """Ask for one of the choices, each a name and its meaning; the user may enter its number."""
        for number, (_, meaning) in enumerate(choices, 1):
            if self.is_interactive and question.given is None:
                explain(f"  {number}) {meaning}")
        names = [name for name, _ in choices]

        def check(value: str) -> str:
            if value.isascii() and value.isdigit() and 0 < int(value) <= len(names):
                return names[int(value) - 1]
            if value.lower() not in names:
                raise SetupError(f"choose one of {', '.join(names)}")
            return value.lower()

        return self.answer(question, check)

    def _ask(self, question: Prompt) -> str:
        if not self.is_interactive:
            if question.default or not question.is_needed:
                return question.default
            raise click.ClickException(f"{question.text} is missing; set it with {question.option}")
        if not question.is_secret:
            shown = question.default if question.shown is None else question.shown
            text = f"{question.text} [{shown}]" if shown else question.text
            return str(click.prompt(text, default=question.default, show_default=False)).strip()
        kept = " (press Enter to keep the current one)" if question.default else ""
        typed = click.prompt(f"{question.text}{kept}, not shown", default="", hide_input=True, show_default=False)
        return str(typed).strip() or question.default


def tell(text: str, *, sign: str = "✓") -> None:
    """Print a finding."""
    colour = {"✓": "green", "!": "yellow", "✗": "red"}.get(sign)
    click.echo(f"  {click.style(sign, fg=colour)} {fitting(text, first=4)}")


def explain(text: str) -> None:
    """Print an explanation of the next question, line by line."""
    for line in text.splitlines():
        begin = len(line) - len(line.lstrip())
        click.echo(" " * begin + fitting(line.strip(), first=begin, indent=begin))


def heading(text: str) -> None:
    """Print the topic of the next questions."""
    click.echo(f"\n{click.style(text, bold=True)}")


def secret(option: str, file: Path | None, variable: str) -> str | None:
    """A secret from a file (`-`: a line of standard input), otherwise from the environment; None if neither is given."""
    if file is None:
        return os.environ.get(variable) or None
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{option}: {file} cannot be read ({error})") from None
    if not text.strip():
        raise click.ClickException(f"{option}: {'standard input' if str(file) == '-' else file} is empty")
    return text.strip()
