"""Which rules inside openHAB listen to a channel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from twilio_binding.openhab.registries.rule_runs import RuleRuns
from twilio_binding.openhab.registries.topics import CHANGES, DISABLED
from twilio_binding.openhab.rest import RestClient

RULE_UID = "twilio-relay"
"""The relay rule, which listens to nothing."""


class RuleListeners:
    """The channel triggers of openHAB's rules that can run, and the runs of those rules.

    Before they were loaded once, any channel may have a listener. `is_stale`: an event says that something changed.
    """

    topic = "openhab/rules/"

    def __init__(self) -> None:
        self.runs = RuleRuns()
        self.is_stale = False
        self._patterns: frozenset[str] | None = None
        self._deaf: frozenset[str] = frozenset()
        self._rules: tuple[tuple[str, str], ...] = ()

    def read(self, rest: RestClient) -> None:
        """Read all rules."""
        self.is_stale = False
        try:
            self.load(rest.rules())
        except BaseException:
            self.is_stale = True
            raise

    def load(self, rules: Iterable[dict[str, Any]]) -> None:
        """Replace everything by what openHAB lists."""
        rules = tuple(rules)
        self._deaf = frozenset(str(rule.get("uid")) for rule in rules if _is_deaf(rule.get("status")))
        self._rules = tuple(
            (pattern, str(rule.get("uid")))
            for rule in rules
            if rule.get("uid") != RULE_UID and rule.get("uid") not in self._deaf
            for trigger in rule.get("triggers") or ()
            for pattern in _patterns(trigger)
        )
        self._patterns = frozenset(pattern for pattern, _ in self._rules)

    def of(self, channel_uid: str) -> set[str]:
        """The UIDs of the rules that listen to the channel, as far as that is known."""
        return {uid for pattern, uid in self._rules if fnmatchcase(channel_uid, pattern)}

    def follow(self, topic: str, payload: str) -> bool:
        """Take over an event about a rule; returns whether the rules have to be read again."""
        if topic.endswith("/state"):
            uid, status = topic.split("/")[2], json.loads(payload)
            self.runs.follow(uid, status)
            is_news = _is_deaf(status) != (uid in self._deaf)
        else:
            is_news = topic.endswith(CHANGES) or DISABLED in payload
        self.is_stale = self.is_stale or is_news
        return is_news

    def hears(self, channel_uid: str) -> bool | None:
        """Whether a rule listens to the channel; None while that is unknown."""
        if self._patterns is None:
            return None
        return any(fnmatchcase(channel_uid, pattern) for pattern in self._patterns)


def _is_deaf(status: object) -> bool:
    """Whether a rule with this status cannot run: it is disabled, or something that it needs is missing."""
    return isinstance(status, dict) and status.get("status") == "UNINITIALIZED"


def _patterns(trigger: dict[str, Any]) -> Iterable[str]:
    configuration = trigger.get("configuration") or {}
    if trigger.get("type") == "core.ChannelEventTrigger":
        yield str(configuration.get("channelUID", ""))
    elif trigger.get("type") == "core.GenericEventTrigger":
        topic = str(configuration.get("topic", ""))
        if topic.startswith("openhab/channels/"):
            yield topic.removeprefix("openhab/channels/").removesuffix("/triggered")
