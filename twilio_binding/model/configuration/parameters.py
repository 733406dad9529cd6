"""Reads the parameters of a thing with their types."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping

from twilio_binding.model.configuration.nodes import Place, Scalar, ThingNode
from twilio_binding.model.configuration.problem import Problem
from twilio_binding.protocol.parameters import Parameter

Check = Callable[[str], str]
"""Returns what is wrong with a text; "" if it is valid."""


class Parameters:
    """Reads the parameters of a node by name, and collects problems; an invalid value reads as the default.

    `known` are the parameters of the thing type; without it, any name is accepted.
    """

    def __init__(self, node: ThingNode, known: Mapping[str, Parameter] | None = None) -> None:
        self._node = node
        self._known = known or {}
        self._given = {parameter.name: parameter for parameter in node.parameters}
        self.problems: list[Problem] = []
        seen: set[str] = set()
        for parameter in node.parameters:
            if parameter.name in seen:
                self.warn(parameter.name, "this parameter is set twice; the last value is used", place=parameter.place)
            elif known is not None and parameter.name not in known:
                self.warn(parameter.name, f"unknown parameter{_hint(parameter.name, known)}")
            seen.add(parameter.name)

    @property
    def reason(self) -> str:
        """Why the thing cannot be used; "" if it can."""
        return next((problem.text for problem in self.problems if problem.severity == "error"), "")

    def refuse(self, parameter: str, text: str) -> None:
        """Note an error in a parameter, or in the whole thing; the thing cannot be used."""
        place = self._place(parameter)
        self.problems.append(
            Problem(severity="error", place=place, thing=self._node.uid, parameter=parameter, text=text)
        )

    def warn(self, parameter: str, text: str, *, place: Place | None = None) -> None:
        """Note a warning; the thing can still be used."""
        place = place or self._place(parameter)
        self.problems.append(
            Problem(severity="warning", place=place, thing=self._node.uid, parameter=parameter, text=text)
        )

    def text(self, name: str, *, check: Check = lambda _: "") -> str:
        """A text without surrounding blanks; "" if it is missing. `check` returns what is wrong with it."""
        value = self._value(name)
        if value is not None and not isinstance(value, str):
            # A number would lose its leading zeros.
            self.refuse(name, "the value must be text in quotes")
            return ""
        text = (value or "").strip()
        fault = check(text) if text else self._known[name].missing
        if fault and not self._is_refused(name):
            self.refuse(name, fault)
        return text

    def choice(self, name: str) -> str:
        """One of the options."""
        known = self._known[name]
        options = [option for option, _ in known.options]
        *others, last = options
        fault = f"the value must be {', '.join(others)} or {last}"
        return self.text(name, check=lambda text: "" if text in options else fault) or str(known.default)

    def choices(self, name: str) -> frozenset[str]:
        """Some of the options: a list, or one text with commas."""
        parameter, options = self._given.get(name), [option for option, _ in self._known[name].options]
        written = parameter.values if parameter else ()
        if not all(isinstance(value, str) for value in written):
            self.refuse(name, "the values must be text in quotes")
            return frozenset()
        chosen = [part.strip() for value in written for part in str(value).split(",") if part.strip()]
        wrong = [one for one in chosen if one not in options]
        if wrong:
            self.refuse(name, f"unknown value {wrong[0]!r:.40}{_hint(wrong[0], options)}; use {', '.join(options)}")
        return frozenset(chosen)

    def flag(self, name: str) -> bool:
        """A boolean, also as text."""
        value = self._value(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            value = value.lower() == "true"
        if value is not None and not isinstance(value, bool):
            self.refuse(name, "the value must be true or false")
        return value if isinstance(value, bool) else self._known[name].default == "true"

    def number(self, name: str) -> int:
        """A whole number within the range of the parameter, also as text."""
        known = self._known[name]
        lowest, highest, default = known.minimum or 0, known.maximum or 0, int(known.default or 0)
        value = self._value(name)
        if value is None:
            return default
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value.strip()):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.refuse(name, f"the value must be a whole number from {lowest} to {highest}")
            return default
        return value

    def _value(self, name: str) -> Scalar | None:
        parameter = self._given.get(name)
        if parameter is None:
            return None
        if len(parameter.values) != 1:
            self.refuse(name, "the value must be a single value, not a list")
            return None
        return parameter.values[0]

    def _is_refused(self, name: str) -> bool:
        return any(problem.parameter == name and problem.severity == "error" for problem in self.problems)

    def _place(self, name: str) -> Place:
        return self._given[name].place if name in self._given else self._node.place


def _hint(name: str, known: Iterable[str]) -> str:
    same = [one for one in known if one.lower() == name.lower()]
    close = same or difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
