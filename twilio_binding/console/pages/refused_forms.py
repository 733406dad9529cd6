"""A form that is shown again with what was typed, because something in it was refused, or it was not sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twilio_binding.model.numbers import BadNumberError
from twilio_binding.protocol.errors import TwilioBindingError


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was typed into a form, by field; the problem, and the name of the field that has it, "" if none alone has.

    `is_unsent` says that the session of the page had ended, so that it was not sent.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    place: str = ""
    is_unsent: bool = False


def refused(values: Mapping[str, str], error: TwilioBindingError, place: str) -> Filled:
    """A form with an error in a field. A number is repeated in full to whoever typed it."""
    text = error.unmasked if isinstance(error, BadNumberError) else error.message
    return Filled(values=values, problem=text, place=place)
