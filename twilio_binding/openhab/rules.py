"""Which rules inside openHAB listen to a channel."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from twilio_binding.openhab.relay_rule import RULE_UID


class RuleListeners:
    """The channel triggers of openHAB's enabled rules. Before they were loaded once, anybody may be listening."""

    def __init__(self) -> None:
        self._patterns: frozenset[str] | None = None

    def load(self, rules: Iterable[dict[str, Any]]) -> None:
        """Replace everything by what openHAB lists."""
        self._patterns = frozenset(
            pattern
            for rule in rules
            if rule.get("uid") != RULE_UID and (rule.get("status") or {}).get("statusDetail") != "DISABLED"
            for trigger in rule.get("triggers") or ()
            for pattern in _patterns(trigger)
        )

    def hears(self, channel_uid: str) -> bool | None:
        """Whether a rule listens to the channel; None while that is unknown."""
        if self._patterns is None:
            return None
        return any(fnmatchcase(channel_uid, pattern) for pattern in self._patterns)


def _patterns(trigger: dict[str, Any]) -> Iterable[str]:
    configuration = trigger.get("configuration") or {}
    if trigger.get("type") == "core.ChannelEventTrigger":
        yield str(configuration.get("channelUID", ""))
    elif trigger.get("type") == "core.GenericEventTrigger":
        topic = str(configuration.get("topic", ""))
        if topic.startswith("openhab/channels/"):
            yield topic.removeprefix("openhab/channels/").removesuffix("/triggered")
