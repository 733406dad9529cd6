"""Makes alarms of what is said of them."""

from __future__ import annotations

from typing import cast

from twilio_binding.model.alarms import Alarm, Severity
from twilio_binding.model.configuration.checks import language
from twilio_binding.model.configuration.draft import Draft


def make_alarm(draft: Draft) -> Alarm:
    """An alarm; account and contacts must have been made before."""
    given = draft.given
    draft.account()
    return Alarm(
        uid=draft.uid,
        label=draft.node.label or draft.uid.id,
        bridge=draft.bridge,
        steps=given.text("steps"),
        message=given.text("message"),
        severity=cast("Severity", given.choice("severity")),
        language=given.text("language", check=language).replace("_", "-"),
        recall=given.text("recall"),
        starts_when=given.text("startsWhen"),
        max_per_hour=given.number("maxPerHour"),
        require_pin=given.flag("requirePin"),
    )
