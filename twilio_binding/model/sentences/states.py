"""States of items as text and speech, and whether a command had its effect."""

from __future__ import annotations

import re
from dataclasses import dataclass

from twilio_binding.model.sentences.catalogue import Catalogue
from twilio_binding.model.sentences.differences import amount_of
from twilio_binding.model.sentences.items import ReachableItem
from twilio_binding.model.sentences.moments import moment_shown
from twilio_binding.model.sentences.tokens import plain_number
from twilio_binding.model.sentences.units import in_unit, level_of, number_with_unit, unit_of
from twilio_binding.model.sentences.vocabulary import COLORS

_WITHOUT_STATE = ("NULL", "UNDEF")
_HSB = re.compile(r"\d+(\.\d+)?(,\d+(\.\d+)?){2}")
_PATTERN = re.compile(r"%[-+0-9,#]*(?:\.(\d+))?([dfs])")
_SPOKEN_NUMBER = re.compile(
    r"(?<![\w.,:/-])(-?)(\d+)(?:([.,])(\d+))?(?![\w:/]|[.,]\d)(?:\s*(°C|°F|%))?"  # not in dates, times and names
)
_NO_STATE_FOLLOWS = ("STOP", "NEXT", "PREVIOUS")
_TAKEN_BY = (
    (("ON", "OFF"), ("Switch", "Dimmer", "Color", "String")),
    (("UP", "DOWN", "STOP"), ("Rollershutter", "String")),
    (("INCREASE", "DECREASE"), ("Dimmer", "Color", "String")),
)
_EXACT = 0.01
_SHARE = "one"
"""openHAB's name for no unit: 0.47 is 47 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """The state of an item; `transformed` is its text after openHAB's transformation, "" if there is none."""

    value: str
    transformed: str = ""
    unit: str = ""

    @property
    def is_known(self) -> bool:
        """Whether it has a state."""
        return self.value not in _WITHOUT_STATE


def shown(item: ReachableItem, state: ItemState, catalogue: Catalogue) -> str:
    """A state as text."""
    if state.value in item.said:
        return item.said[state.value]
    if not state.is_known:
        return catalogue.said(state.value)
    if state.transformed:
        return state.transformed
    return value_shown(item, quantity(item, state), catalogue)


def quantity(item: ReachableItem, state: ItemState) -> str:
    """The value of a state with its unit; openHAB reports shares without theirs."""
    is_share = state.unit == _SHARE and unit_of(item.pattern) == "%" and " " not in state.value
    return f"{state.value} {_SHARE}" if is_share else state.value


def value_shown(item: ReachableItem, value: str, catalogue: Catalogue) -> str:
    """A value of a state or command as text."""
    if value in item.said:
        return item.said[value]
    if amount := amount_of(item, value):
        told = _number(amount, "", catalogue)
        return told if told.startswith("-") else f"+{told}"
    match item.type:
        case "Number":
            return _number(value, item.pattern, catalogue)
        case "Dimmer" | "Rollershutter":
            return _percent(item.type, value, catalogue)
        case "Color":
            return _color(value, catalogue)
        case "DateTime":
            return moment_shown(value, item.pattern, catalogue.language)
        case "String":
            return value
        case _:
            return catalogue.said(value)


def spoken(text: str, catalogue: Catalogue) -> str:
    """A text for speech: numbers with their decimal point, units as words."""

    def say(found: re.Match[str]) -> str:
        minus, whole, mark, decimals, unit = found.groups()
        number = f"{catalogue.said('minus')} {whole}" if minus else whole
        if decimals and catalogue.language == "en":
            number = f"{number} {catalogue.said('point')} {' '.join(decimals)}"
        elif decimals:
            number = f"{number}{mark}{decimals}"
        return f"{number} {catalogue.said(unit)}" if unit else number

    return _SPOKEN_NUMBER.sub(say, text)


def has_effect(kind: str, command: str, before: str, state: str) -> bool:
    """Whether a state of this item type is the effect of a command; `before` is the earlier state."""
    if command in _NO_STATE_FOLLOWS:
        return True
    if command in ("INCREASE", "DECREASE"):
        return _is_further(_level(kind, before), _level(kind, state), command)
    if kind in ("Dimmer", "Color", "Rollershutter", "Number"):
        wanted, is_now = _level(kind, command), _level(kind, state, _unit(command))
        if kind == "Color" and _HSB.fullmatch(command):
            return bool(_HSB.fullmatch(state)) and all(
                abs(float(one) - float(other)) <= 1
                for one, other in zip(command.split(","), state.split(","), strict=True)
            )
        if command == "ON":
            return is_now is not None and is_now > 0
        return wanted is not None and is_now is not None and abs(wanted - is_now) < _EXACT
    if kind == "DateTime":
        return state[:16] == command[:16]
    return state == command


def can_follow(kind: str, command: str) -> bool:
    """Whether an item of this type accepts a command to its group, and its state shows that."""
    if kind in ("", "Call", "Contact", "Group", "Image", "Location", "Player"):
        return False
    for commands, kinds in _TAKEN_BY:
        if command in commands:
            return kind in kinds
    if number_with_unit(command):
        return kind in ("Dimmer", "Color", "Rollershutter", "Number", "String")
    return True


def can_be_undone(item_type: str, state: str) -> bool:
    """Whether the earlier state of an item can be commanded again."""
    known = state not in _WITHOUT_STATE
    return known and item_type in ("Switch", "Dimmer", "Color", "Rollershutter", "Number", "String", "DateTime")


def _level(kind: str, text: str, unit: str = "") -> float | None:
    found = level_of(kind, text)
    if found is None:
        return None
    number, given = found
    given = given or (_SHARE if unit == "%" and kind == "Number" else "")
    return in_unit(number, given, unit) if unit and given else number


def _unit(text: str) -> str:
    found = number_with_unit(text)
    return found[1] if found else ""


def _is_further(was: float | None, is_now: float | None, command: str) -> bool:
    if was is None or is_now is None:
        return is_now is not None
    return is_now > was if command == "INCREASE" else is_now < was


def _number(value: str, pattern: str, catalogue: Catalogue) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415 - as in `catalogue`

    found = number_with_unit(value)
    if found is None:
        return value
    number, unit = found
    wanted = unit_of(pattern)
    if unit and wanted and unit != wanted:
        converted = in_unit(number, unit, wanted)
        if converted is None:
            pattern = pattern.replace("%%" if wanted == "%" else wanted, "%unit%")
        else:
            number = converted
    form = _PATTERN.search(pattern)
    if form and form[2] != "s":
        decimals = 0 if form[2] == "d" else int(form[1]) if form[1] else 6
        digits = f"0.{'0' * decimals}" if decimals else "0"
    else:
        digits = "0.##"
    try:
        text = format_decimal(number, format=digits, locale=catalogue.language)
    except ArithmeticError:  # too large to print
        return value
    if form is None:
        return f"{text} {unit}" if unit else text
    filled = pattern.replace(form[0], text, 1).replace("%unit%", unit).replace("%%", "%")
    return filled.strip()


def _percent(kind: str, value: str, catalogue: Catalogue) -> str:
    level = _level(kind, value)
    if level is None or value in ("ON", "OFF", "UP", "DOWN"):
        return catalogue.said(value)
    if kind == "Rollershutter" and level in (0, 100):
        return catalogue.said("CLOSED" if level else "OPEN")
    return f"{plain_number(level)} %" if level or kind == "Rollershutter" else catalogue.said("OFF")


def _color(value: str, catalogue: Catalogue) -> str:
    if not _HSB.fullmatch(value):
        return _percent("Dimmer", value, catalogue)
    hue, saturation, brightness = (float(part) for part in value.split(","))
    if not brightness:
        return catalogue.said("OFF")
    for meaning, color in COLORS.items():
        parts = [float(part) for part in color.split(",")]
        if abs(parts[0] - hue) <= 2 and abs(parts[1] - saturation) <= 5:
            said = catalogue.said(meaning)
            return said if brightness == 100 else f"{said}, {plain_number(brightness)} %"
    return f"{plain_number(brightness)} %"
