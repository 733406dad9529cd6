"""The rule registry: definitions, status, runs, and the channels that rules listen to."""

from __future__ import annotations

import fnmatch
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from twilio_binding.sandbox.openhab.events import Bus, BusEvent
from twilio_binding.sandbox.openhab.relay import Effects, EmulatedRelay

Module = dict[str, object]
_TRIGGER = "core.ChannelEventTrigger"
_ENGINES = ("core.", "script.", "timer.", "ephemeris.", "media.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggered:
    """One trigger event: the `n`th since the start, posted at `at` (monotonic seconds).

    `items` are the states that a rule on the trigger finds in the items of that thing; it looks a moment later.
    """

    channel: str
    payload: str
    n: int
    at: float
    items: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Rule:
    """A rule and what became of its runs: carried out, dropped because it was busy, lost on demand."""

    uid: str
    definition: dict[str, object]
    editable: bool = True
    enabled: bool = True
    running: bool = False
    runs: int = 0
    dropped: int = 0
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def modules(self, kind: str) -> list[Module]:
        """The modules of one kind: triggers, conditions or actions."""
        found = self.definition.get(kind)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []

    @property
    def configuration(self) -> object:
        """Its configuration, empty for most."""
        return self.definition.get("configuration") or {}

    def dto(self) -> dict[str, object]:
        """The rule as its events carry it."""
        shown: dict[str, object] = {kind: self.modules(kind) for kind in ("triggers", "conditions")}
        shown["actions"] = [{"inputs": {}, **action} for action in self.modules("actions")]
        shown |= {"configuration": self.configuration, "configDescriptions": []}
        return shown | self.summary()

    def summary(self) -> dict[str, object]:
        """The rule without its modules."""
        defined = self.definition
        shown: dict[str, object] = {"templateState": "no-template", "uid": self.uid}
        shown |= {"name": defined["name"]} if defined.get("name") else {}
        shown |= {"tags": defined.get("tags") or [], "visibility": defined.get("visibility") or "VISIBLE"}
        return shown | ({"description": defined["description"]} if defined.get("description") else {})

    def listens(self, channel: str, payload: str, *, wildcards: bool) -> bool:
        """Whether a trigger of this rule wants the event."""
        settings = [t.get("configuration") for t in self.modules("triggers") if t.get("type") == _TRIGGER]
        return any(_matches(each, channel, payload, wildcards=wildcards) for each in settings if isinstance(each, dict))


class Rules:
    """All rules. `queues` says what a busy rule does with a run: queue it (5.2 and later) or drop it, unnoticed.

    `set_item` and `command` are what scripts can do to items, `look` gives the items of the thing of a channel.
    """

    def __init__(
        self,
        *,
        publish: Callable[[BusEvent], None],
        bus: Bus,
        queues: bool,
        run_time: float,
        rule_start: float,
        history: int,
        set_item: Callable[[str, str], str],
        command: Callable[[str, str], None],
        look: Callable[[str], dict[str, str]],
    ) -> None:
        self._publish = publish
        self._bus = bus
        self._queues = queues
        self._run_time = run_time
        self._rule_start = rule_start
        self._rules: dict[str, Rule] = {}
        self.relay = EmulatedRelay()
        self._look = look
        self._effects = Effects(set_item=set_item, command=command, post=self.trigger, wait=self._wait)
        self.triggers: deque[Triggered] = deque(maxlen=history)
        self.posted = 0
        self.ready = True

    def __iter__(self) -> Iterator[Rule]:
        return iter(tuple(self._rules.values()))

    def get(self, uid: str) -> Rule | None:
        """The rule of this UID, if there is one."""
        return self._rules.get(uid)

    def add(self, definition: dict[str, object], *, editable: bool = True) -> Rule:
        """Add a rule whose UID is free; without a UID it gets a random one."""
        rule = Rule(uid=str(definition.get("uid") or uuid.uuid4()), definition=definition, editable=editable)
        self._rules[rule.uid] = rule
        self._tell(rule, "added", "RuleAddedEvent", rule.dto())
        self._announce(rule)
        return rule

    def update(self, rule: Rule, definition: dict[str, object]) -> None:
        """Give a rule a new definition."""
        before = rule.dto()
        rule.definition = definition
        self._tell(rule, "updated", "RuleUpdatedEvent", [rule.dto(), before])
        self._announce(rule)

    def remove(self, rule: Rule) -> None:
        """Remove a rule."""
        self._rules.pop(rule.uid, None)
        self._tell(rule, "removed", "RuleRemovedEvent", rule.dto())

    def enable(self, rule: Rule, *, enabled: bool) -> None:
        """Enable or disable a rule."""
        rule.enabled = enabled
        self._announce(rule)

    def status(self, rule: Rule) -> dict[str, str]:
        """The status that openHAB shows; anything but IDLE and RUNNING means that runs are lost."""
        if not rule.enabled:
            return {"status": "UNINITIALIZED", "statusDetail": "DISABLED"}
        missing = self._missing(rule)
        if missing:
            detail = {"status": "UNINITIALIZED", "statusDetail": "HANDLER_INITIALIZING_ERROR"}
            return detail | {"description": missing}
        return {"status": "RUNNING" if rule.running else "IDLE", "statusDetail": "NONE"}

    def get_ready(self, *, ready: bool) -> None:
        """Say whether module handlers are there yet; rules are told when they come."""
        self.ready = ready
        if ready:
            for rule in self:
                self._announce(rule)

    def run(self, rule: Rule, text: str | None) -> None:
        """Run a rule with this input; returns when the run is over, or at once when there is none."""
        if not rule.enabled or self._missing(rule):
            return
        if self._queues:
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
        """A script waits; rules that were triggered before look at items within 2 ms (openhab-live, k)."""
        if milliseconds >= 2:
            self._bus.settle()

    def _carry_out(self, rule: Rule, text: str | None) -> None:
        rule.running = True
        self._announce(rule, {"status": "RUNNING", "statusDetail": "NONE"})
        if self._run_time:
            time.sleep(self._run_time)
        for action in rule.modules("actions") if text is not None else ():
            settings = action.get("configuration")
            script = settings.get("script") if isinstance(settings, dict) else None
            with suppress(ValueError):  # openHAB writes it to its log
                self.relay.run(str(script), text or "", self._effects)
        rule.runs += 1
        rule.running = False
        self._announce(rule, {"status": "IDLE", "statusDetail": "NONE"})

    def _deliver(self, channel: str, payload: str) -> None:
        self.posted += 1
        triggered = Triggered(channel=channel, payload=payload, n=self.posted, at=time.monotonic())
        self.triggers.append(triggered)
        body = {"event": payload, "channel": channel}
        self._publish(BusEvent(f"openhab/channels/{channel}/triggered", "ChannelTriggeredEvent", body))
        if self._rule_start:
            threading.Timer(self._rule_start, self._bus.post, [lambda: self._start(triggered)]).start()
        else:
            self._bus.post(lambda: self._start(triggered))

    def _start(self, triggered: Triggered) -> None:
        """The rules on a trigger begin, and look at the items."""
        triggered.items.update(self._look(triggered.channel))
        for rule in self:
            if rule.listens(triggered.channel, triggered.payload, wildcards=self._queues):
                self._react(rule)

    def _react(self, rule: Rule) -> None:
        """A triggered run; it only counts. Up to 5.1 it is lost while the rule is busy with a run over REST."""
        if not rule.enabled or self._missing(rule):
            return
        if not self._queues and rule.lock.locked():
            rule.dropped += 1
            return
        rule.runs += 1
        for status in ("RUNNING", "IDLE"):
            self._tell(rule, "state", "RuleStatusInfoEvent", {"status": status, "statusDetail": "NONE"})

    def _missing(self, rule: Rule) -> str:
        """What openHAB says about modules nobody handles, one line each."""
        modules = [module for kind in ("triggers", "conditions", "actions") for module in rule.modules(kind)]
        without = [m for m in modules if not self.ready or not str(m.get("type", "")).startswith(_ENGINES)]
        return "".join(f"Missing handler '{m.get('type')}' for module '{m.get('id')}'\n" for m in without)

    def _announce(self, rule: Rule, status: dict[str, str] | None = None) -> None:
        shown = status or self.status(rule)
        self._bus.post(lambda: self._tell(rule, "state", "RuleStatusInfoEvent", shown))

    def _tell(self, rule: Rule, what: str, kind: str, payload: object) -> None:
        self._publish(BusEvent(f"openhab/rules/{rule.uid}/{what}", kind, payload))


def _matches(settings: Module, channel: str, payload: str, *, wildcards: bool) -> bool:
    wanted, event = str(settings.get("channelUID", "")), settings.get("event")
    if event not in {None, ""} and event != payload:
        return False
    return fnmatch.fnmatchcase(channel, wanted) if wildcards else channel == wanted
