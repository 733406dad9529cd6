"""Commands to channels from all sources: each is checked and carried out once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import structlog

from twilio_binding.model.things import Things, ThingsSource
from twilio_binding.protocol.alarm import ALARM
from twilio_binding.protocol.commands import Command
from twilio_binding.protocol.errors import Refusal, TwilioBindingError
from twilio_binding.protocol.thing_types import channel_of, type_of
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

Follow = Callable[[Command], None]
"""Carries out a command, or stores it, before it returns; raises `Refusal`."""

_MOST_WAITING = 1000
_AGAIN = (0.2, 1.0, 2.0, 5.0)
_REMEMBERED = 10_000
_COPY = 330.0
"""Seconds after which a copy of a command on the other way is no longer expected: its deadline, and some more."""


class Commands:
    """Accepts commands on any thread and carries them out in order on its own thread."""

    def __init__(self, things: ThingsSource, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._things = things
        self._copies = _Copies(clock)
        self._followers: dict[str, Follow] = {}
        self._stopping = threading.Event()
        self._workers = Workers(1, most=_MOST_WAITING, what="commands")

    def subscribe(self, thing_type: str, follow: Follow) -> None:
        """Let `follow` carry out the commands to things of a type, such as `contact`."""
        self._followers[thing_type] = follow

    def start(self) -> None:
        """Start following commands."""
        self._workers.start()

    def stop(self, until: float) -> None:
        """Finish received commands, by a time of the monotonic clock."""
        self._stopping.set()
        self._workers.stop(until)

    def take(self, command: Command, taken: Callable[[], None] = lambda: None) -> None:
        """Accept a command; `taken` is called when it was carried out, or will not be. Raises `Refusal`, without calling `taken`."""
        command = replace(command, value=_checked(command, self._things.current()))
        if command.deadline and command.deadline < time.time():
            raise Refusal("expired", "the deadline of the command had passed before it arrived")
        self._workers.put(partial(self._follow, command, taken))

    def _follow(self, command: Command, taken: Callable[[], None]) -> None:
        told = {"thing": command.thing, "channel": command.channel, "way": command.way}
        try:
            if self._copies.is_new(command):
                self._carry_out(command)
                _log.info("command.followed", **told)
        except TwilioBindingError as error:
            _log.warning("command.refused", code=error.code, reason=str(error), **told)
        except Exception:
            _log.exception("command.failed", **told)
        taken()

    def _carry_out(self, command: Command) -> None:
        """Carry out a command; retry on temporary failures, such as a slow disk."""
        thing_type = type_of(command.thing)
        follow = self._followers[thing_type.id if thing_type else ""]
        for pause in _AGAIN:
            try:
                return follow(command)
            except TwilioBindingError as error:
                if not error.retryable or self._stopping.wait(pause):
                    raise
        return follow(command)


class _Copies:
    """Distinguishes a second copy of a command from a second command.

    A command to an item arrives twice, from the script and on the event stream. Equal commands arrive equally often on
    both ways, so a command with an unmatched copy on the other way is that copy.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._unmatched: dict[tuple[str, str, str], deque[tuple[float, str]]] = {}

    def is_new(self, command: Command) -> bool:
        with self._lock:
            if command.id in self._ids:
                return False
            if command.id:
                self._ids[command.id] = None
            if len(self._ids) > _REMEMBERED:
                self._ids.popitem(last=False)
            return command.way == "mqtt" or not self._matches(command)

    def _matches(self, command: Command) -> bool:
        now = self._clock()
        self._unmatched = {
            key: kept
            for key, known in self._unmatched.items()
            if (kept := deque(one for one in known if one[0] > now - _COPY))
        }
        known = self._unmatched.setdefault((command.thing, command.channel, command.value), deque())
        for entry in known:
            if entry[1] != command.way:
                known.remove(entry)
                return True
        known.append((now, command.way))
        return False


def _checked(command: Command, things: Things) -> str:
    """The value in the form of its channel; raises `Refusal`."""
    thing_type = type_of(command.thing)
    is_known = command.thing in things.contacts or command.thing in things.alarms
    # An alarm that is no longer configured may still be active, and can be ended.
    if not is_known and (thing_type is not ALARM or command.value.strip().upper() != "OFF"):
        kind = thing_type.id if thing_type else "thing"
        raise Refusal("unknown_thing", f"unknown {kind} {command.thing:.100}")
    channel = channel_of(command.thing, command.channel)
    if thing_type is None or channel is None or not channel.writable:
        names = ", ".join(one.id for one in thing_type.channels if one.writable) if thing_type else ""
        raise Refusal("not_writable", f"{command.channel:.60} accepts no commands; channels that do: {names}")
    value = command.value
    if channel.item == "Switch":
        value = value.strip().upper()
        if value not in ("ON", "OFF"):
            raise Refusal("bad_command", f"{command.channel} accepts ON or OFF")
    elif channel.item == "Number":
        value = value.strip()
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise Refusal("bad_command", f"{command.channel} accepts a whole number")
    elif not value.strip():
        raise Refusal("bad_command", f"{command.channel} accepts a text, and this one is empty")
    return value
