"""The answers of the service to people who acknowledge an alarm."""

from __future__ import annotations

from twilio_binding.model.alarm_texts import texts_of

YOU_TOOK = texts_of("en").you_took
_ANOTHER = texts_of("en").taken_before.partition("{name}")[2]


def is_taken(answer: str) -> bool:
    """Whether an answer says that the alarm is acknowledged, by anybody."""
    return YOU_TOOK in answer or _ANOTHER in answer
