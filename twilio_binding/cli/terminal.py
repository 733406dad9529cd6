"""Output of commands: JSON for programs, and lines that fit the terminal for people."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import textwrap
from typing import NoReturn

import click


class CommandError(click.ClickException):
    """The end of a command, with a code for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def file_error(error: OSError) -> click.ClickException:
    """The error that ends a command because of a file: its name, the reason, and who can use it."""
    hint = "; run this as a user with access, such as root or the user of the service"
    named = f"{str(error.filename)[:200]}: {error.strerror}"
    return click.ClickException(named + (hint if isinstance(error, PermissionError) else ""))


def end_on_signals() -> None:
    """Let SIGTERM, and SIGHUP when the terminal is closed, unwind this command, so that the programs that it has started end."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # such as after nohup
            signal.signal(number, _end)


def _end(number: int, _: object) -> NoReturn:
    raise SystemExit(128 + number)


def is_text(word: str) -> bool:
    """Whether a word from the command line or the terminal was in the expected encoding; Python keeps other bytes as surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in word)


def tell_json(value: object) -> None:
    """Print a value as JSON, in one line."""
    click.echo(json_line(value))


def json_line(value: object) -> str:
    """A value as JSON, with escapes if the output cannot show every character."""
    return json.dumps(value, ensure_ascii=not (sys.stdout.encoding or "").lower().startswith("utf"))


def tell_json_error(error: click.ClickException) -> None:
    """Print the error of a command as JSON."""
    code = "usage" if isinstance(error, click.UsageError) else getattr(error, "code", "failed")
    tell_json({"ok": False, "error": {"code": code, "message": error.format_message()}})


def wants_no_colour() -> bool:
    """Whether the environment asks for output without colors (https://no-color.org), or the terminal has none."""
    return bool(os.environ.get("NO_COLOR")) or is_dumb()


def is_dumb() -> bool:
    """Whether the terminal can only print lines, as in some editors."""
    return os.environ.get("TERM") == "dumb"


def fitting(text: str, *, indent: int = 4, first: int = 0) -> str:
    """`text` in lines that fit the terminal, indented after the first; unchanged if the output is not a terminal.

    The first line begins at column `first`. Words longer than a line are not broken.
    """
    if not sys.stdout.isatty():
        return text
    width = max(shutil.get_terminal_size().columns, indent + 20)
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)[first:]
