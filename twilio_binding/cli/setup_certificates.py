"""The question of `twilio-binding setup` about a server whose certificate the system does not trust."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from twilio_binding.cli.questions import Asker, follow_up, tell
from twilio_binding.setup.probes import NotReachedError, UntrustedError
from twilio_binding.tls import CAFileError, trusting

T = TypeVar("T")


class TrustedCertificates:
    """The `ca_file` of one server: from an option, from the previous settings, or from the user when it is needed."""

    def __init__(self, asker: Asker, given: str | None, before: str) -> None:
        self._asker = asker
        self._before = before
        self.file = before if given is None else given

    @property
    def is_new(self) -> bool:
        """Whether it differs from the previous one."""
        return self.file != self._before

    def attempt(self, connect: Callable[[str], T]) -> T:
        """Connect with this file, or with the one that the user enters. Raises what `connect` raises."""
        while True:
            try:
                return connect(self.file)
            except UntrustedError as error:
                if not self._asker.is_interactive:
                    raise
                tell(str(error), sign="!")
                if not (answer := self._ask()):
                    raise NotReachedError("its certificate is not trusted") from None
                self.file = answer

    def _ask(self) -> str:
        while answer := follow_up("PEM file to trust, Enter for none"):
            try:
                return ca_file(answer)
            except CAFileError as error:
                tell(str(error), sign="✗")
        return ""


def ca_file(name: str) -> str:
    """The full path of a file or folder with certificates; raises `CAFileError`."""
    file = str(Path(name).expanduser().absolute())
    trusting(file)
    return file
