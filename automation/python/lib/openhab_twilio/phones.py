"""The actions of a phone: `phone("twilio:phone:home:main").sendSMS("+15551234567", "The door is open")`.

Inside openHAB they use the phone's own actions, in other Pythons the service's MQTT client.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

from twilio_binding.protocol.action_methods import ActionMethods, ThingMethods
from twilio_binding.protocol.actions import RICH, SEND_OPTIONS
from twilio_binding.protocol.results import Result

__all__ = ["Phone", "Result", "phone"]


class ActionsOfThings(Protocol):
    """The `actions` object that openHAB gives to scripts."""

    def get(self, scope: str, thing: str) -> object | None:
        """The actions object of a thing; None if it has none."""


@dataclass(frozen=True, slots=True)
class InOpenHAB(ThingMethods):
    """A thing of this openHAB; its actions are openHAB's action objects."""

    uid: str
    actions: ActionsOfThings = field(repr=False)

    def _call(self, action: str, args: Mapping[str, object]) -> Result:
        return call(self.actions, self.uid, action, args)


class Phone(InOpenHAB, ActionMethods):
    """A phone thing of this openHAB."""

    __slots__ = ()


def call(actions: ActionsOfThings, uid: str, action: str, args: Mapping[str, object]) -> Result:
    """Carry out an action of a thing of this openHAB."""
    options = [name for name in SEND_OPTIONS if args.get(name) is not None]
    if options:
        raise TypeError(f"{action}: inside openHAB, this action has no argument {options[0]}")
    found = actions.get("twilio", uid)
    if found is None:
        kind = uid.split(":")[1] if uid.count(":") > 1 else "thing"
        return Result(
            ok=False, code="unknown_thing", message=f"openHAB has no running {kind} thing {uid}", retryable=True
        )
    text = getattr(found, action + RICH)(*_inputs(args))
    if text is None:
        return Result(ok=False, code="bridge_away", message="the Twilio script is not loaded", retryable=True)
    return Result.read(str(text))


def phone(uid: str) -> ActionMethods:
    """The phone thing `uid`."""
    actions = actions_of_openhab()
    if actions is not None:
        return Phone(uid, actions)
    from twilio_binding import actions as outside

    return outside.phone(uid)


def actions_of_openhab() -> ActionsOfThings | None:
    """The object that openHAB gives to scripts; None in a Python beside openHAB."""
    try:
        from scope import actions
    except ImportError:
        return None
    return cast("ActionsOfThings", actions)


def _inputs(args: Mapping[str, object]) -> list[object]:
    """The inputs of an overload: missing optional ones are left out, and lists become JSON text."""
    optional = ("mediaUrl", "voice", *SEND_OPTIONS)
    given = [value for name, value in args.items() if value is not None or name not in optional]
    return [json.dumps(value) if isinstance(value, list) else value for value in given]
