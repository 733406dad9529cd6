"""openHAB's registry of things."""

from __future__ import annotations

from openhab_twilio.java.jvm import jclass, optional
from openhab_twilio.java.services import Services


def has_thing(services: Services, uid: str) -> bool:
    """Whether openHAB has a thing, with or without a handler."""
    registry = services.find("org.openhab.core.thing.ThingRegistry")
    if registry is None or optional("org.openhab.core.thing.ThingUID") is None:
        return False
    try:
        return registry.get(jclass("org.openhab.core.thing.ThingUID")(uid)) is not None
    except BaseException:
        return False
