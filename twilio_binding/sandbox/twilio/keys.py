"""Keys and words at a Gather."""

from __future__ import annotations

from collections.abc import Mapping

from twilio_binding.sandbox.twilio.signing import Form

_KEYS = set("0123456789*#ABCD")


def heard(given: str, gather: Mapping[str, str]) -> Form:
    """The fields that a Gather with these attributes sends for the keys or words of a caller; empty without input."""
    kinds = gather.get("input", "dtmf").split()
    if given and set(given) <= _KEYS and "dtmf" in kinds:
        return _typed(given, gather.get("finishOnKey", "#"), int(gather.get("numDigits", "0")))
    if given and "speech" in kinds:
        return {"SpeechResult": given, "Confidence": "0.92041256", "Language": gather.get("language", "en-US")}
    return {}


def _typed(keys: str, finish: str, limit: int) -> Form:
    digits = ""
    finished = ""
    for key in keys:
        if key in finish:
            finished = key
            break
        digits += key
        if len(digits) == limit:
            break
    # If only `finishOnKey` was pressed, that is no input.
    return {"Digits": digits, "FinishedOnKey": finished} if digits else {}
