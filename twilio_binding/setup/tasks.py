"""Changes to the machine, which are shown before they are made."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from twilio_binding.setup.errors import SetupError


@dataclass(frozen=True, slots=True)
class Task:
    """One change to the machine. `text` names it in the imperative; `detail` shows it, for example as a diff; `act` does it.

    `act` raises `SetupError`.
    """

    text: str
    act: Callable[[], object]
    detail: str = ""


def command(*words: str) -> Task:
    """A task that runs a program of the system."""
    return Task(" ".join(words), lambda: run(*words))


def run(*words: str) -> None:
    """Run a program of the system; raises `SetupError` with its output."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SetupError(f"{' '.join(words)}: {error}") from None
    if done.returncode:
        raise SetupError(f"{' '.join(words)}: {(done.stderr or done.stdout).strip() or done.returncode}")
