"""Creates alarms from their configuration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from twilio_binding.model.alarm_plan import Plan, read_plan
from twilio_binding.model.alarm_templates import read_templates
from twilio_binding.model.alarms import Alarm, Severity
from twilio_binding.model.configuration.checks import language
from twilio_binding.model.configuration.draft import Draft
from twilio_binding.model.grammar import GrammarError
from twilio_binding.model.watch_conditions import read_conditions
from twilio_binding.protocol.contact import CONTACT

_T = TypeVar("_T")


def make_alarm(draft: Draft) -> Alarm:
    """An alarm; make account and contacts first."""
    given = draft.given
    account = draft.account()
    steps = given.text("steps", check=partial(_fault, read_plan))
    templates = given.text("whatsAppTemplate", check=partial(_fault, read_templates))
    plan = _read(read_plan, steps)
    doubt = _check_contacts(draft, plan) if plan and account else ""
    return Alarm(
        uid=draft.uid,
        label=draft.label,
        bridge=draft.bridge,
        steps=steps,
        message=given.text("message"),
        severity=cast("Severity", given.choice("severity")),
        language=given.text("language", check=language).replace("_", "-"),
        recall=given.text("recall"),
        starts_when=given.text("startsWhen", check=partial(_fault, read_conditions)),
        max_per_hour=given.number("maxPerHour"),
        require_pin=given.flag("requirePin"),
        whatsapp_templates=_read(read_templates, templates) or {},
        notifies=plan is not None and plan.notifies,
        doubt=doubt,
    )


def _check_contacts(draft: Draft, plan: Plan) -> str:
    """Somebody in the steps should be able to acknowledge. Returns who cannot be notified, "" if everybody can.

    The others still are, because an alarm must not fail if a contact is removed or mistyped.
    """
    found = {name: draft.find(name, draft.things.contacts) for name in plan.contacts}
    missing = [draft.missing(CONTACT.id, name) for name, contact in found.items() if contact is None]
    is_useless = len(missing) == len(found) and plan.only_tells
    for text in missing:
        if is_useless:
            draft.given.refuse("steps", text)
        else:
            draft.given.warn("steps", f"{text}; the alarm leaves this contact out")
    if found and not missing and not any(contact and contact.may("acknowledge") for contact in found.values()):
        names = ", ".join(found)
        draft.given.warn(
            "steps", f'none of these contacts may acknowledge the alarm; give {names} the right "acknowledge"'
        )
    return f"{'; '.join(missing)}; the alarm notifies only the others" if missing else ""


def _read(read: Callable[[str], _T], text: str) -> _T | None:
    """The content of a text; None if it cannot be read."""
    try:
        return read(text)
    except (GrammarError, ValueError):
        return None


def _fault(read: Callable[[str], object], text: str) -> str:
    """Why a text cannot be read; "" if it can."""
    try:
        read(text)
    except (GrammarError, ValueError) as error:
        return str(error)
    return ""
