"""Which rules inside openHAB listen to a channel, and when they have run: the next event of a thing waits for them."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from twilio_binding.openhab.registries.topics import CHANGES, DISABLED
from twilio_binding.openhab.rest import RestClient

RULE_UID = "twilio-relay"
"""The relay rule, which has no triggers."""
_LONGEST = 1.0
"""Maximum seconds to wait for a rule; after each wait in vain, a tenth of that."""
_SHORTEST = 0.005
_ANY = "*"
"""Stands for any item."""
_WITHOUT_ITEMS = ("core.ChannelEventTrigger", "core.Thing", "core.System", "timer.")
"""Prefixes of the types of triggers that no item can fire."""


class RuleRuns:
    """Counts the ends of runs, by the statuses of rules on the event stream. The wait for a rule that takes long or never runs becomes short."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: set[str] = set()
        self._ends: Counter[str] = Counter()
        self._misses: Counter[str] = Counter()

    def follow(self, uid: str, status: object) -> None:
        """Handle the status of a rule."""
        name = status.get("status") if isinstance(status, dict) else ""
        with self._changed:
            if name == "RUNNING":
                self._running.add(uid)
            elif uid in self._running:
                self._running.discard(uid)
                self._ends[uid] += 1
                self._changed.notify_all()

    def next_ends(self, rules: Mapping[str, int]) -> dict[str, int]:
        """The number of ended runs of each rule after its next run.

        A run in progress does not count.
        """
        with self._changed:
            return {uid: self._ends[uid] + more + (uid in self._running) for uid, more in rules.items()}

    def wait(self, ends: Mapping[str, int]) -> None:
        """Wait until the rules have run so often, or long enough."""
        began = time.monotonic()
        with self._changed:
            for uid, number in ends.items():
                until = began + max(_SHORTEST, _LONGEST * 0.1 ** self._misses[uid])
                while self._ends[uid] < number and (left := until - time.monotonic()) > 0:
                    self._changed.wait(left)
                self._misses[uid] = 0 if self._ends[uid] >= number else self._misses[uid] + 1


class RulesOn(dict[str, frozenset[str]]):
    """The rules on each channel, computed when first needed, because there may be hundreds of rules.

    `patterns` are patterns of channels, each with the UID of a rule; `items` are items that trigger rules, by default any.
    """

    def __init__(self, patterns: Iterable[tuple[str, str]], items: Iterable[str] = (_ANY,)) -> None:
        super().__init__()
        self._patterns = tuple(patterns)
        self._items = frozenset(items)

    def look_at(self, items: Iterable[str]) -> bool:
        """Whether one of these items may trigger a rule."""
        looked_at = set(items)
        return bool(looked_at) and (_ANY in self._items or not looked_at.isdisjoint(self._items))

    def __missing__(self, channel_uid: str) -> frozenset[str]:
        """The UIDs of the rules that listen to a channel."""
        found = self[channel_uid] = frozenset(
            uid for pattern, uid in self._patterns if fnmatchcase(channel_uid, pattern)
        )
        return found


class RuleListeners:
    """The channel triggers of openHAB's runnable rules, and the runs of these rules.

    Before the first load, any channel may have a listener. `is_stale`: an event says that something changed.
    """

    topic = "openhab/rules/"

    def __init__(self) -> None:
        self.runs = RuleRuns()
        self.is_stale = False
        self._is_loaded = False
        self._deaf: frozenset[str] = frozenset()
        self.on = RulesOn(())
        """The UIDs of listening rules by channel UID, as far as known."""

    def read(self, rest: RestClient) -> None:
        """Read all rules."""
        self.is_stale = False
        try:
            self.load(rest.rules())
        except BaseException:
            self.is_stale = True
            raise

    def load(self, rules: Iterable[dict[str, Any]]) -> None:
        """Replace everything with openHAB's list."""
        rules = tuple(rules)
        self._deaf = frozenset(str(rule.get("uid")) for rule in rules if _is_deaf(rule.get("status")))
        triggers = [
            (trigger, str(rule.get("uid")))
            for rule in rules
            if rule.get("uid") != RULE_UID and rule.get("uid") not in self._deaf
            for trigger in rule.get("triggers") or ()
        ]
        self.on = RulesOn(
            ((pattern, uid) for trigger, uid in triggers for pattern in _patterns(trigger)),
            (item for trigger, _ in triggers for item in _items(trigger)),
        )
        self._is_loaded = True

    def follow(self, topic: str, payload: str) -> bool:
        """Handle an event of a rule; returns whether the rules must be read again."""
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
        return bool(self.on[channel_uid]) if self._is_loaded else None


def _is_deaf(status: object) -> bool:
    """Whether a rule with this status cannot run, because it is disabled or something is missing."""
    return isinstance(status, dict) and status.get("status") == "UNINITIALIZED"


def _patterns(trigger: dict[str, Any]) -> Iterable[str]:
    configuration = trigger.get("configuration") or {}
    if trigger.get("type") == "core.ChannelEventTrigger":
        yield str(configuration.get("channelUID", ""))
    elif trigger.get("type") == "core.GenericEventTrigger":
        topic = str(configuration.get("topic", ""))
        if topic.startswith("openhab/channels/"):
            yield topic.removeprefix("openhab/channels/").removesuffix("/triggered")


def _items(trigger: dict[str, Any]) -> Iterable[str]:
    """The items that can fire a trigger; for an unknown kind, any item."""
    configuration, kind = trigger.get("configuration") or {}, str(trigger.get("type", ""))
    if kind.startswith("core.Item"):
        yield str(configuration.get("itemName", _ANY))
    elif not kind.startswith(_WITHOUT_ITEMS) and not list(_patterns(trigger)):
        yield _ANY
