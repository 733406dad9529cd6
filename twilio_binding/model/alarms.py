"""Alarms as configured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from twilio_binding.model.uids import ThingUID

PLACEHOLDER = re.compile(r"%item:([A-Za-z_]\w*)%", re.ASCII)
"""Stands for the state of an item in a message."""
Severity = Literal["info", "warning", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Who is notified of what, and how; `steps` and `starts_when` are texts.

    `notifies`: a step sends a notification of openHAB Cloud. `whatsapp_templates` are Content SIDs by language. `doubt`
    is which of its contacts cannot be notified, "" if all can.
    """

    uid: ThingUID
    label: str
    bridge: ThingUID
    steps: str
    message: str = ""
    severity: Severity = "critical"
    language: str = ""
    recall: str = ""
    starts_when: str = ""
    max_per_hour: int = 12
    require_pin: bool = False
    notifies: bool = False
    doubt: str = ""
    whatsapp_templates: Mapping[str, str] = field(default_factory=dict)
