"""The doctor's findings about a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Facts = Mapping[str, object]
Status = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """One finding about a link; a link may have several.

    `about` is the thing concerned, "" for all. `text` is one line; for a warning or a failure, `cause` says it, and
    `cure` says what to do. `skipped`: it could not be tested, and `text` says why. `facts` are figures and names for
    programs, without secrets and with masked numbers. `seconds` is how long the test took.
    """

    id: str = ""
    title: str = ""
    about: str = ""
    status: Status
    text: str = ""
    cause: str = ""
    cure: str = ""
    facts: Facts = field(default_factory=dict)
    seconds: float = 0.0

    def shown(self) -> dict[str, object]:
        """The result as JSON."""
        return asdict(self) | {"seconds": round(self.seconds, 3)}


def ok(text: str, facts: Facts | None = None, *, about: str = "") -> LinkResult:
    """The link works."""
    return LinkResult(status="ok", text=text, about=about, facts=facts or {})


def warning(cause: str, cure: str, facts: Facts | None = None, *, about: str = "") -> LinkResult:
    """It works, but not always, or not as expected."""
    return LinkResult(status="warning", cause=cause, cure=cure, about=about, facts=facts or {})


def failed(cause: str, cure: str, facts: Facts | None = None, *, about: str = "") -> LinkResult:
    """The link does not work."""
    return LinkResult(status="failed", cause=cause, cure=cure, about=about, facts=facts or {})


def skipped(text: str, *, about: str = "") -> LinkResult:
    """The link could not be tested."""
    return LinkResult(status="skipped", text=text, about=about)
