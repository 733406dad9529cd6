"""The actions of contacts and alarms as plain calls: `contact("twilio:contact:home:ada").send("Dinner is ready")`.

Inside openHAB they go through the thing's own actions, in other Pythons through the service's MQTT client.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from openhab_twilio.phone import ActionsOfThings, actions_of_openhab, call
from twilio_binding.protocol.contact_methods import AlarmMethods, ContactMethods
from twilio_binding.protocol.results import Result

__all__ = ["alarm", "contact"]


@dataclass(frozen=True, slots=True)
class _Contact(ContactMethods):
    """A contact thing of this openHAB."""

    uid: str
    actions: ActionsOfThings = field(repr=False)

    def _call(self, action: str, args: Mapping[str, object]) -> Result:
        return call(self.actions, self.uid, action, args)


@dataclass(frozen=True, slots=True)
class _Alarm(AlarmMethods):
    """An alarm thing of this openHAB."""

    uid: str
    actions: ActionsOfThings = field(repr=False)

    def _call(self, action: str, args: Mapping[str, object]) -> Result:
        given = {name: value for name, value in args.items() if value is not None}
        return call(self.actions, self.uid, action, given)


def contact(uid: str) -> ContactMethods:
    """The contact thing `uid`."""
    actions = actions_of_openhab()
    if actions is not None:
        return _Contact(uid, actions)
    from twilio_binding import actions as outside

    return outside.contact(uid)


def alarm(uid: str) -> AlarmMethods:
    """The alarm thing `uid`."""
    actions = actions_of_openhab()
    if actions is not None:
        return _Alarm(uid, actions)
    from twilio_binding import actions as outside

    return outside.alarm(uid)
