"""Commands that change a value by a difference, such as "10 % brighter": they are worked out from the item's state."""

from __future__ import annotations

import re

from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.tokens import plain_number
from twilio_binding.model.sentences.units import in_unit, level_of, unit_of

_BY = "by "
_DIFFERENCE = re.compile(r"by ([-+]\d+(?:\.\d+)?)(?: (\S+))?")
PERCENT_TYPES = frozenset(("Dimmer", "Color", "Rollershutter"))
"""Item types with a level from 0 to 100."""
_TYPES = PERCENT_TYPES | {"Number"}


def difference(amount: float, unit: str = "") -> str:
    """The command that adds an amount: `by +10` or `by -1.5 °C`. An item never gets it as it is."""
    sign = "-" if amount < 0 else "+"
    return f"{_BY}{sign}{plain_number(abs(amount))} {unit}".strip()


def amount_of(item: ReachableItem, value: str) -> str:
    """The amount of a difference with its sign, such as `+10 %`; "" if the command is none."""
    if item.type not in _TYPES or not _DIFFERENCE.fullmatch(value):
        return ""
    return f"{value.removeprefix(_BY)}{' %' if item.type in PERCENT_TYPES else ''}"


def worked_out(item: ReachableItem, value: str, state: str) -> str | None:
    """The command for a difference to a state; other commands as they are. None if there is no such value.

    A level ends at 0 and 100; a number outside the limits of its state description is none.
    """
    found = _DIFFERENCE.fullmatch(value) if item.type in _TYPES else None
    if found is None:
        return value
    given = level_of(item.type, state)
    if given is None:
        return None
    level, unit = given
    if item.type in PERCENT_TYPES:
        return plain_number(min(100.0, max(0.0, level + float(found[1]))))
    shown = unit_of(item.pattern) or unit
    now, change = _in(level, unit, shown), _in(float(found[1]), found[2] or shown, shown)
    zero = _in(0.0, found[2] or shown, shown)
    if now is None or change is None or zero is None:
        return None
    wanted = now + change - zero
    return f"{plain_number(wanted)} {shown if item.dimension else ''}".strip() if is_within(item, wanted) else None


def is_within(item: ReachableItem, number: float) -> bool:
    """Whether a number is within the limits of an item's state description."""
    is_low = item.minimum is not None and number < item.minimum
    return not (is_low or (item.maximum is not None and number > item.maximum))


def _in(number: float, unit: str, wanted: str) -> float | None:
    """A number in another unit; one without a unit has the wanted one."""
    return in_unit(number, unit, wanted) if unit and wanted else number
