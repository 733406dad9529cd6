"""The actions of contacts and alarms: `contact("twilio:contact:home:ada").send("Dinner is ready")`.

Inside openHAB they use the thing's own actions, in other Pythons the service's MQTT client.
"""

from __future__ import annotations

from collections.abc import Mapping

from openhab_twilio.phones import InOpenHAB, actions_of_openhab
from twilio_binding.protocol.contact_methods import AlarmMethods, ContactMethods
from twilio_binding.protocol.results import Result

__all__ = ["alarm", "contact"]


class _Contact(InOpenHAB, ContactMethods):
    """A contact thing of this openHAB."""

    __slots__ = ()


class _Alarm(InOpenHAB, AlarmMethods):
    """An alarm thing of this openHAB."""

    __slots__ = ()

    def _call(self, action: str, args: Mapping[str, object]) -> Result:
        return super()._call(action, {name: value for name, value in args.items() if value is not None})


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
