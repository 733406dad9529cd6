"""Asks the running service for its state, on its admin listener: `/live` and `/ready`."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any

from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.settings import nearby_address

if TYPE_CHECKING:
    from twilio_binding.settings.sections import AdminSettings

_PATIENCE = 5.0
_MOST = 1_000_000


class NotRunningError(TwilioBindingError):
    """Nothing listens at admin.listen."""

    code = "not_running"


class SilentError(TwilioBindingError):
    """The program at admin.listen does not answer, or not over HTTP."""

    code = "silent"


@dataclass(frozen=True, slots=True)
class AdminAnswer:
    """An answer: the HTTP status, and a text."""

    status: int
    text: str

    @property
    def dependencies(self) -> dict[str, dict[str, Any]] | None:
        """The entries of `/ready` by dependency, each at least with `up`; None if another program has answered."""
        try:
            entries: dict[str, dict[str, Any]] = dict(json.loads(self.text)["neighbours"])
        except (ValueError, KeyError, TypeError):
            return None
        is_ours = all(isinstance(entry, dict) and isinstance(entry.get("up"), bool) for entry in entries.values())
        return entries if is_ours else None


def ask(admin: AdminSettings, path: str) -> AdminAnswer:
    """The answer to a request. Raises `NotRunningError` and `SilentError`."""
    token = admin.token.get_secret_value()
    with closing(HTTPConnection(*nearby_address(admin.listen), timeout=_PATIENCE)) as connection:
        try:
            connection.connect()
        except TimeoutError:
            raise SilentError("the program that listens there accepts no connection") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise NotRunningError(f"nothing listens there ({reason})") from None
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
            answer = connection.getresponse()
            return AdminAnswer(answer.status, answer.read(_MOST).decode(errors="replace"))
        except (HTTPException, OSError):
            raise SilentError("the program that listens there does not answer") from None
