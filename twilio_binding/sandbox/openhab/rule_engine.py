"""Runs of rules, started over REST or by trigger events."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from twilio_binding.sandbox.openhab.events import Bus, BusEvent
from twilio_binding.sandbox.openhab.options import OpenHABOptions
from twilio_binding.sandbox.openhab.relay import Effects, EmulatedRelay
from twilio_binding.sandbox.openhab.rules import Rule, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """One trigger event: the `n`th since the start, posted at `at` (monotonic seconds).

    `items` are the states that a rule on this trigger finds in the items of the thing, a moment later.
    """

    channel: str
    payload: str
    n: int
    at: float
    items: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAccess:
    """What scripts can do with items. `look` returns the states of all items of the thing of a channel."""

    set_item: Callable[[str, str], str]
    command: Callable[[str, str], None]
    look: Callable[[str], dict[str, str]]


class RuleEngine:
    """Runs rules. A busy rule queues a run (5.2 and later), or drops it silently."""

    def __init__(
        self, rules: Rules, publish: Callable[[BusEvent], None], bus: Bus, options: OpenHABOptions, items: ItemAccess
    ) -> None:
        self._rules = rules
        self._publish = publish
        self._bus = bus
        self._options = options
        self._items = items
        self.relay = EmulatedRelay()
        self._effects = Effects(set_item=items.set_item, command=items.command, post=self.trigger, wait=self._wait)
        self.triggers: deque[Triggered] = deque(maxlen=options.history)
        self.posted = 0

    def run(self, rule: Rule, text: str | None) -> None:
        """Run a rule with this input. Returns after the run, or immediately if the rule does not run."""
        if not rule.enabled or self._rules.missing(rule):
            return
        if self._options.queues_runs:
            rule.lock.acquire()
        elif not rule.lock.acquire(blocking=False):
            rule.dropped += 1
            return
        try:
            self._carry_out(rule, text)
        finally:
            rule.lock.release()

    def trigger(self, channel: str, payload: str) -> None:
        """Post a trigger event; rules that listen to the channel run when it is delivered."""
        self._bus.post(lambda: self._deliver(channel, payload))

    def _wait(self, milliseconds: int) -> None:
        """The pause of a script. Rules that were triggered before read their items within 2 ms, as recorded."""
        if milliseconds >= 2:
            self._bus.settle()

    def _carry_out(self, rule: Rule, text: str | None) -> None:
        rule.running = True
        self._rules.announce(rule, {"status": "RUNNING", "statusDetail": "NONE"})
        if self._options.run_time:
            time.sleep(self._options.run_time)
        for action in rule.modules("actions") if text is not None else ():
            settings = action.get("configuration")
            script = settings.get("script") if isinstance(settings, dict) else None
            with suppress(ValueError):  # openHAB writes it to its log
                self.relay.run(str(script), text or "", self._effects)
        rule.runs += 1
        rule.running = False
        self._rules.announce(rule, {"status": "IDLE", "statusDetail": "NONE"})

    def _deliver(self, channel: str, payload: str) -> None:
        self.posted += 1
        triggered = Triggered(channel=channel, payload=payload, n=self.posted, at=time.monotonic())
        self.triggers.append(triggered)
        body = {"event": payload, "channel": channel}
        self._publish(BusEvent(f"openhab/channels/{channel}/triggered", "ChannelTriggeredEvent", body))
        if self._options.rule_start:
            threading.Timer(self._options.rule_start, self._bus.post, [lambda: self._start(triggered)]).start()
        else:
            self._bus.post(lambda: self._start(triggered))

    def _start(self, triggered: Triggered) -> None:
        """Start the rules on a trigger. They read the items."""
        triggered.items.update(self._items.look(triggered.channel))
        for rule in self._rules:
            if rule.listens(triggered.channel, triggered.payload, wildcards=self._options.queues_runs):
                self._react(rule)

    def _react(self, rule: Rule) -> None:
        """Count a triggered run. Before 5.2, it is dropped while the rule is busy with a run over REST."""
        if not rule.enabled or self._rules.missing(rule):
            return
        if not self._options.queues_runs and rule.lock.locked():
            rule.dropped += 1
            return
        rule.runs += 1
        for status in ("RUNNING", "IDLE"):
            self._rules.tell(rule, "state", "RuleStatusInfoEvent", {"status": status, "statusDetail": "NONE"})
