"""Questions on the terminal; without a terminal, options answer them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import click

from twilio_binding.cli.terminal import fitting, is_text
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.setup.addresses import unquoted
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.new_files import without_password
from twilio_binding.setup.probes import NotReachedError

BACK = "back"
"""The word that returns to the previous question."""
_OR_BACK = f" (or {BACK})"


class BackError(Exception):
    """The user wants the previous question again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question and the option that answers it. `given` is the value of the option, `default` the answer for Enter.

    Secrets are never shown, not even as the default. `understand` turns the typed text into the answer; the user is told if
    they differ. `governs`: options whose last answers are forgotten if this answer changes.
    """

    text: str
    option: str
    given: str | None = None
    default: str = ""
    is_secret: bool = False
    understand: Callable[[str], str] = unquoted
    governs: tuple[str, ...] = ()


@dataclass(slots=True)
class Asker:
    """Asks the user, or only takes options and old answers.

    A question that is asked again, because the user went back, has the last answer as its default. `asked` counts questions.
    """

    is_interactive: bool
    asked: int = 0
    _answers: dict[str, str] = field(default_factory=dict)

    def in_turn(self, *steps: Callable[[], None]) -> None:
        """Take these steps, each of which may ask; `back` returns to the last step before it that asked something."""
        asking: list[int] = []
        place = 0
        while place < len(steps):
            before = self.asked
            try:
                steps[place]()
            except BackError:
                if asking:
                    place = asking.pop()
                else:
                    tell("this is the first question", sign="!")
            else:
                if self.asked > before:
                    asking.append(place)
                place += 1

    def answer(self, question: Prompt, check: Callable[[str], str | None] = str) -> str:
        """The answer, as `check` returns it (None: unchanged). If `check` refuses it, it is asked again, or the command ends.

        If `check` cannot tell (`NotReachedError`), the user decides; without a user, the answer is kept.
        """
        if question.option in self._answers:
            question = replace(question, given=None, default=self._answers[question.option])
        self.asked += 1
        while (value := self._accepted(question, check)) is None:
            question = replace(question, given=None, text=f"{question.text.removesuffix(_OR_BACK)}{_OR_BACK}")
        if self._answers.get(question.option) != value:
            for governed in question.governs:
                self._answers.pop(governed, None)
        self._answers[question.option] = value
        return value

    def _accepted(self, question: Prompt, check: Callable[[str], str | None]) -> str | None:
        """The answer, None if it was refused."""
        text = question.given if question.given is not None else self._ask(question)
        value = question.understand(text) if text else text
        if value != text.strip() and not question.is_secret:
            tell(f"understood as {without_password(value)}")
        try:
            checked = check(value or _required())
        except NotReachedError as error:
            tell(f"{question.option}: {error}" if not self.is_interactive else str(error), sign="!")
            return value if not self.is_interactive or click.confirm("Keep this answer anyway?") else None
        except (TwilioBindingError, ValueError) as error:
            if not self.is_interactive:
                raise click.ClickException(f"{question.option}: {error}") from None
            tell(str(error), sign="✗")
            return None
        return value if checked is None else checked

    def confirm(self, text: str, *, given: bool | None, default: bool) -> bool:
        """Ask a question with the answers yes and no."""
        if given is not None or not self.is_interactive:
            return default if given is None else given
        self.asked += 1
        usual = "Y/n" if default else "y/N"
        return bool(click.prompt(f"{text} [{usual}]", "y" if default else "n", show_default=False, value_proc=_is_yes))

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
            if question.default:
                return question.default
            raise click.ClickException(f"{question.text} is missing; set it with {question.option}")
        if question.is_secret:
            kept = " (press Enter to keep the current one)" if question.default else ""
            answer = typed(f"{question.text}{kept}, not shown", is_secret=True).strip()
        else:
            shown = without_password(question.default)
            answer = typed(f"{question.text} [{shown}]" if shown else question.text).strip()
        if answer.lower() == BACK:
            raise BackError
        return answer or question.default


def _required() -> NoReturn:
    raise SetupError("an answer is required")


def typed(text: str, *, is_secret: bool = False) -> str:
    """What the user types, "" for Enter alone; it is asked again if it is not in the terminal's encoding."""
    while True:
        with suppress(UnicodeDecodeError):
            answer = str(click.prompt(text, default="", show_default=False, hide_input=is_secret))
            if is_text(answer):
                return answer
        tell("this is not UTF-8; set your terminal to UTF-8", sign="✗")


def _is_yes(text: str) -> bool:
    word = text.strip().lower()
    if word == BACK:
        raise BackError
    if word not in ("y", "yes", "n", "no"):
        raise click.UsageError(f"enter y, n or {BACK}")
    return word.startswith("y")


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
    except OSError as error:
        raise click.ClickException(f"{option}: {file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{option}: {file}: byte {error.start + 1} is not UTF-8") from None
    if not text.strip():
        raise click.ClickException(f"{option}: {'standard input' if str(file) == '-' else file} is empty")
    return text.strip()
