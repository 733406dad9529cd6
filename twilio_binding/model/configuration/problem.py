"""Problems of things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from twilio_binding.model.configuration.nodes import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem of a thing and its position; a thing with an error is not used."""

    severity: Literal["error", "warning"]
    place: Place
    thing: str
    parameter: str
    text: str

    def __str__(self) -> str:
        """One line for people."""
        about = f"{self.thing}: {self.parameter}: " if self.parameter else f"{self.thing}: "
        return f"{self.place}: {self.severity}: {about}{self.text}"
