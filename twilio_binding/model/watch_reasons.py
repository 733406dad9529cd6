"""Why an alarm has started by itself, as text and speech."""

from __future__ import annotations

from twilio_binding.model.alarm_texts import AlarmTexts
from twilio_binding.model.durations import written
from twilio_binding.model.watch_conditions import Condition, IsDown, NoUpdate


def reason_in(texts: AlarmTexts, condition: Condition) -> str:
    """The condition that was met, as a sentence of a language."""
    duration = written(condition.seconds)
    match condition:
        case IsDown(what=what):
            return texts.is_down.format(what="openHAB" if what == "openhab" else texts.broker, duration=duration)
        case NoUpdate(item=item):
            return texts.no_update.format(item=item, duration=duration)
    compared = {
        "=": texts.equal,
        "!=": texts.unequal,
        "<": texts.below,
        "<=": texts.at_most,
        ">": texts.above,
        ">=": texts.at_least,
    }[condition.operator]
    lasting = texts.lasting.format(duration=duration) if condition.seconds else ""
    return f"{compared.format(item=condition.item, value=condition.value)}{lasting}."
