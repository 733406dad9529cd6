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
            question = replace(question, given=None)
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
            return value if not self.is_interactive or _is_kept() else None
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
        return agrees(text, default=default, can_go_back=True)

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
                or_number = f", or a number from 1 to {len(names)}" if self.is_interactive else ""
                raise SetupError(f"choose one of {', '.join(names)}{or_number}")
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


def follow_up(text: str) -> str:
    """The answer to a question about the last answer; "" for Enter, and for `back`, which returns to that answer."""
    answer = typed(text).strip()
    return "" if answer.lower() == BACK else answer


def agrees(text: str, *, default: bool = False, can_go_back: bool = False) -> bool:
    """The answer to a question with yes and no; `default` for Enter. Raises `BackError` for `back` if `can_go_back`."""
    while True:
        word = typed(f"{text} [{'Y/n' if default else 'y/N'}]").strip().lower()
        if word in ("", "y", "yes", "n", "no"):
            return word.startswith("y") if word else default
        if word == BACK and can_go_back:
            raise BackError
        tell(f"enter y, n or {BACK}" if can_go_back else "enter y or n", sign="✗")


def _is_kept() -> bool:
    with suppress(BackError):
        return agrees("Keep this answer anyway?", can_go_back=True)
    return False


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
