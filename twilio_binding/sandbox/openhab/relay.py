"""An emulation of the relay rule, because the stand-in cannot run Rules DSL."""

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
    """What a script can do. `set_item` returns why the item refuses the state, or ""; `post` fires a trigger."""

    set_item: Callable[[str, str], str]
    command: Callable[[str, str], None]
    post: Callable[[str, str], None]
    wait: Callable[[int], None]


class EmulatedRelay:
    """Carries out runs as the relay rule does.

    Ids are kept when the rule is updated, and lost when openHAB restarts.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def forget(self) -> None:
        """Forget all ids, as a restart of openHAB does."""
        self._seen.clear()

    def is_new(self, identity: str) -> bool:
        """Whether this id is new. From now on, it is known."""
        if identity in self._seen:
            return False
        self._seen[identity] = None
        if len(self._seen) > MEMORY:
            self._seen.popitem(last=False)
        return True

    def run(self, script: str, text: str, effects: Effects) -> None:
        """Run `script` with the input `text`. Does nothing if it is not the relay rule, or if the secret is wrong."""
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
            raise ValueError(channel)  # the constructor of ChannelUID throws, and the script ends
        else:
            effects.post(channel, payload)


def _pairs(states: str) -> Iterator[tuple[str, str, str]]:
    for pair in states.split("&"):
        found = _PAIR.fullmatch(pair)
        if found:
            yield found[1], found[2], unquote(found[3].replace("+", " "))
