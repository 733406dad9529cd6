"""Commands to channels over MQTT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from twilio_binding.mqtt.messages import Message
from twilio_binding.protocol.commands import MAX_COMMAND_BYTES, Command, read_command
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.topics import Topics

_log = structlog.get_logger(__name__)


class CommandTaker(Protocol):
    """Carries out commands."""

    def __call__(self, command: Command, taken: Callable[[], None]) -> None:
        """Carry out a command, and call `taken` when it need not arrive again; raises `Refusal`."""


class ChannelCommands:
    """Passes commands to `follow`; `wanted` returns whether any channel accepts commands.

    `is_waiting` returns whether another service is active, which follows them instead of this one.
    """

    def __init__(self, topics: Topics, *, is_waiting: Callable[[], bool]) -> None:
        self.is_waiting = is_waiting
        self._topics = topics
        self.prefix = topics.commands.removesuffix("+/+")
        self.subscription = topics.commands
        self.wanted: Callable[[], bool] = lambda: False
        self.follow: CommandTaker | None = None

    def take(self, message: Message) -> None:
        """Handle a command."""
        try:
            command = self._read(message)
            if self.follow is not None:
                self.follow(command, message.taken)
                return
        except Refusal as refusal:
            reason = refusal.message[:300]
            _log.warning("command.refused", code=refusal.code, reason=reason, topic=message.topic[:200])
        message.taken()

    def _read(self, message: Message) -> Command:
        if message.retained:
            raise Refusal("retained", "commands must not be retained: they would be repeated at every start")
        if message.oversized:
            raise Refusal("too_large", f"a command can have at most {MAX_COMMAND_BYTES} bytes; this one is much longer")
        return read_command(self._topics, message.topic, message.payload)
