"""Faults on demand: which requests, runs, states and events fail, how, and how often."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

REQUEST_KINDS = frozenset({"status", "slow", "hang", "cut"})
KINDS = REQUEST_KINDS | {"lose-event", "lose-run", "lose-state", "bad-script"}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault. It affects requests whose path begins with the pattern `path`, and whose body contains `contains`.

    For `lose-event` the path is the topic, for `bad-script` the script of a rule, which openHAB then does not
    understand. First `skip` requests pass, then `count` fail (None: until it is removed). `effect`: the request is
    carried out although its answer is spoilt. `seconds` is the delay of `slow`.
    """

    kind: str
    path: str = ""
    method: str = ""
    count: int | None = None
    contains: str = ""
    skip: int = 0
    status: int = 503
    body: str | None = None
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    effect: bool = False
    id: int = 0
    hits: int = field(default=0)

    def strikes(self, method: str, path: str, body: bytes = b"") -> bool:
        """Whether the fault occurs this time; counts it if so."""
        if self.contains.encode() not in body:
            return False
        if self.count == 0 or (self.method and self.method != method) or not re.match(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.count is not None:
            self.count -= 1
        self.hits += 1
        return True

    def shown(self) -> dict[str, object]:
        """The fault as the control API shows it."""
        return asdict(self)


class Faults:
    """The current faults, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def add(self, settings: dict[str, object]) -> Fault:
        """Set a fault; raises ValueError if the settings are invalid."""
        if settings.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        try:
            fault = Fault(**settings)  # type: ignore[arg-type]
            re.compile(fault.path)
        except (TypeError, re.error) as mistake:
            raise ValueError(str(mistake)) from mistake
        fault.id = next(self._ids)
        self._faults.append(fault)
        return fault

    def remove(self, identity: int) -> None:
        """Remove one fault."""
        self._faults = [fault for fault in self._faults if fault.id != identity]

    def clear(self) -> None:
        """Remove all faults."""
        self._faults = []

    def of_request(self, method: str, path: str, body: Callable[[], bytes] = bytes) -> list[Fault]:
        """The faults that affect a request: all delays, and at most one that spoils the answer."""
        if not self._faults:
            return []
        found: list[Fault] = []
        for fault in self._faults:
            if fault.kind in REQUEST_KINDS and fault.strikes(method, path, body() if fault.contains else b""):
                found.append(fault)
                if fault.kind != "slow":
                    break
        return found

    def loses(self, kind: str, path: str) -> bool:
        """Whether this run, state or event is lost."""
        return any(fault.kind == kind and fault.strikes("", path) for fault in self._faults)
