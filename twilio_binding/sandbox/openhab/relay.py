"""The relay rule, emulated: the stand-in cannot run Rules DSL, but knows what that one script does."""

from __future__ import annotations

import re
from collections import OrderedDict

from twilio_binding.sandbox.openhab.links import is_channel_uid

SEEN_CHANNEL = "twilio:relay:sidecar:seen"
MEMORY = 10_000

_HEAD = re.compile(r"\s*//\s*twilio-relay\s+\d+")
_SECRET = re.compile(r'== "([^"]*)"')


class Relay:
    """Reads the input of a run as the relay script does.

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

    def run(self, script: str, text: str) -> list[tuple[str, str]]:
        """Channels and payloads that `script` fires for the input `text`; nothing when it is not the relay script."""
        secret = _SECRET.search(script)
        if not _HEAD.match(script) or secret is None:
            return []
        given, *lines = text.split("\n")
        fired: list[tuple[str, str]] = []
        for line in lines if given == secret[1] else ():
            event = self._line(line)
            if event is None:
                continue
            if not is_channel_uid(event[0]):
                break  # the script's ChannelUID throws here, and what follows is not fired
            fired.append(event)
        return fired

    def _line(self, line: str) -> tuple[str, str] | None:
        words = line.split(" ", 2)
        if len(words) < 3 or not words[1].startswith("twilio:"):
            return None
        identity, channel, payload = words
        return (channel, payload) if self.is_new(identity) else (SEEN_CHANNEL, identity)
