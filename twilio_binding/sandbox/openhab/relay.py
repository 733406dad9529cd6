"""The relay rule, emulated: the stand-in cannot run Rules DSL, but knows what that one script does."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from twilio_binding.sandbox.openhab.links import is_channel_uid

DONE_CHANNEL = "twilio:relay:service:done"
REFUSED_CHANNEL = "twilio:relay:service:refused"
MEMORY = 10_000

_HEAD = re.compile(r"\s*//\s*twilio-relay\s+\d+")
_SECRET = re.compile(r'== "([^"]*)"')
_PAIR = re.compile(r"([^=!]+)([=!])(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a script does to openHAB: sets an item at once (why not, "" if it did), posts an event, waits."""

    set_item: Callable[[str, str], str]
    command: Callable[[str, str], None]
    post: Callable[[str, str], None]
    wait: Callable[[int], None]


class EmulatedRelay:
    """Carries out a run as the relay script does.

    Ids are remembered over updates of the rule and forgotten by a restart of openHAB.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def forget(self) -> None:
        """Forget all ids, as a restart does."""
        self._seen.clear()

    def is_new(self, identity: str) -> bool:
        """Whether an id comes for the first time; it is known from now on."""
        if identity in self._seen:
            return False
        self._seen[identity] = None
        if len(self._seen) > MEMORY:
            self._seen.popitem(last=False)
        return True

    def run(self, script: str, text: str, effects: Effects) -> None:
        """Do what `script` does with the input `text`; nothing when it is not the relay script."""
        secret = _SECRET.search(script)
        given, *lines = text.split("\n")
        if not _HEAD.match(script) or secret is None or given != secret[1]:
            return
        for line in lines:
            pause, *event = line.split(" ", 4)
            if pause != "0":
                effects.wait(int(pause))
            if len(event) == 4 and event[2].startswith(("-", "twilio:")):
                self._event(event, effects, sets_states="setState" in script)

    def _event(self, event: list[str], effects: Effects, *, sets_states: bool) -> None:
        identity, states, channel, payload = event
        if not self.is_new(identity):
            effects.post(DONE_CHANNEL, identity)
            return
        for item, kind, state in _pairs(states) if sets_states else ():
            if kind == "!":
                effects.command(item, state)
            wrong = effects.set_item(item, state)
            if wrong:
                effects.post(REFUSED_CHANNEL, f"{identity} {item} {wrong}")
        if channel == "-":
            effects.post(DONE_CHANNEL, identity)
        elif not is_channel_uid(channel):
            raise ValueError(channel)  # the script's ChannelUID throws here, and what follows is not done
        else:
            effects.post(channel, payload)


def _pairs(states: str) -> Iterator[tuple[str, str, str]]:
    for pair in states.split("&"):
        found = _PAIR.fullmatch(pair)
        if found:
            yield found[1], found[2], unquote(found[3].replace("+", " "))
