"""Requests of rules and programs for alarms: actions over MQTT and through the script, and commands to channels."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from twilio_binding.alarms.alarms import Alarms
from twilio_binding.alarms.views import AlarmView
from twilio_binding.errors import id_reused
from twilio_binding.model.actions import text_argument
from twilio_binding.protocol.alarm import ACKNOWLEDGE, ACTIVE, END, START
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_REMEMBERED = 1000
_ARGUMENTS: Mapping[str, tuple[str, ...]] = {START: ("message", "test"), ACKNOWLEDGE: ("by",), END: ()}


class AlarmRequests:
    """Carries out the requests; a repeated request gets the reply of the first one."""

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Request, Reply]] = OrderedDict()

    def carry_out(self, request: Request) -> Reply:
        """The reply to a request; raises `Refusal`, also if another request has used its id."""
        with self._lock:  # one after the other, so that a copy waits for the first
            known = self._known.get(request.id)
            if known is not None:
                return _reply_again(request, *known)
            reply = Reply(id=request.id, ok=True, result=_result(self._carry_out(request)))
            if request.id:
                self._known[request.id] = request, reply
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return reply

    def follow(self, command: Command) -> None:
        """Carry out a command to the channel `active` or `message`."""
        if command.channel != ACTIVE:
            self._alarms.start(command.thing, command.value, by=command.way, request=command.id)
        elif command.value == "ON":
            self._alarms.start(command.thing, by=command.way, request=command.id)
        else:
            self._alarms.end(command.thing, by=command.way)

    def _carry_out(self, request: Request) -> AlarmView:
        args = request.args
        unknown = [name for name in args if name not in _ARGUMENTS[request.action]]
        if unknown:
            raise Refusal("bad_argument", f"{request.action} has no argument {unknown[0]!r:.60}")
        match request.action:
            case "startAlarm":
                is_test = args.get("test") is True
                text = text_argument(args, "message", optional=True)
                return self._alarms.start(request.thing, text, by="a request", request=request.id, is_test=is_test)
            case "acknowledgeAlarm":
                return self._alarms.acknowledge(request.thing, text_argument(args, "by", optional=True))
            case _:
                return self._alarms.end(request.thing, by="a request")


def _reply_again(request: Request, first: Request, reply: Reply) -> Reply:
    """The reply to a request whose id is known already; raises `Refusal` unless it is the same one."""
    if (request.thing, request.action, request.args) != (first.thing, first.action, first.args):
        raise id_reused()
    return reply


def _result(view: AlarmView) -> dict[str, object]:
    result: dict[str, object] = {"id": view.run, "state": view.state, "by": view.taken_by}
    return result | {"test": True} if view.is_test else result
