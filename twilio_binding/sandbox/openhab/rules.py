"""The rule registry: definitions, statuses, and their events."""

from __future__ import annotations

import fnmatch
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from twilio_binding.sandbox.openhab.events import Bus, BusEvent

Module = dict[str, object]
_TRIGGER = "core.ChannelEventTrigger"
_ENGINES = ("core.", "script.", "timer.", "ephemeris.", "media.")


@dataclass(slots=True, kw_only=True)
class Rule:
    """A rule, and the numbers of its runs: carried out, dropped because it was busy, and lost by a fault."""

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
        """The configuration of the rule; mostly empty."""
        return self.definition.get("configuration") or {}

    def dto(self) -> dict[str, object]:
        """The rule as its events contain it."""
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
        """Whether a trigger of this rule matches the event."""
        settings = [t.get("configuration") for t in self.modules("triggers") if t.get("type") == _TRIGGER]
        return any(_matches(each, channel, payload, wildcards=wildcards) for each in settings if isinstance(each, dict))


class Rules:
    """All rules. `publish` gets the events; status events pass the bus first."""

    def __init__(self, publish: Callable[[BusEvent], None], bus: Bus) -> None:
        self._publish = publish
        self._bus = bus
        self._rules: dict[str, Rule] = {}
        self.ready = True

    def __iter__(self) -> Iterator[Rule]:
        return iter(tuple(self._rules.values()))

    def get(self, uid: str) -> Rule | None:
        """The rule with this UID, or None."""
        return self._rules.get(uid)

    def add(self, definition: dict[str, object], *, editable: bool = True) -> Rule:
        """Add a rule whose UID is not in use. Without a UID, it gets a random one."""
        rule = Rule(uid=str(definition.get("uid") or uuid.uuid4()), definition=definition, editable=editable)
        self._rules[rule.uid] = rule
        self.tell(rule, "added", "RuleAddedEvent", rule.dto())
        self.announce(rule)
        return rule

    def update(self, rule: Rule, definition: dict[str, object]) -> None:
        """Give a rule a new definition."""
        before = rule.dto()
        rule.definition = definition
        self.tell(rule, "updated", "RuleUpdatedEvent", [rule.dto(), before])
        self.announce(rule)

    def remove(self, rule: Rule) -> None:
        """Remove a rule."""
        self._rules.pop(rule.uid, None)
        self.tell(rule, "removed", "RuleRemovedEvent", rule.dto())

    def enable(self, rule: Rule, *, enabled: bool) -> None:
        """Enable or disable a rule."""
        rule.enabled = enabled
        self.announce(rule)

    def status(self, rule: Rule) -> dict[str, str]:
        """The status that openHAB shows. With any status but IDLE and RUNNING, runs are lost."""
        if not rule.enabled:
            return {"status": "UNINITIALIZED", "statusDetail": "DISABLED"}
        missing = self.missing(rule)
        if missing:
            detail = {"status": "UNINITIALIZED", "statusDetail": "HANDLER_INITIALIZING_ERROR"}
            return detail | {"description": missing}
        return {"status": "RUNNING" if rule.running else "IDLE", "statusDetail": "NONE"}

    def get_ready(self, *, ready: bool) -> None:
        """Set whether module handlers are available. When they become available, rules announce their status."""
        self.ready = ready
        if ready:
            for rule in self:
                self.announce(rule)

    def missing(self, rule: Rule) -> str:
        """The message of openHAB about modules without a handler, one line for each; "" if there are none."""
        modules = [module for kind in ("triggers", "conditions", "actions") for module in rule.modules(kind)]
        without = [m for m in modules if not self.ready or not str(m.get("type", "")).startswith(_ENGINES)]
        return "".join(f"Missing handler '{m.get('type')}' for module '{m.get('id')}'\n" for m in without)

    def announce(self, rule: Rule, status: dict[str, str] | None = None) -> None:
        """Publish a status of a rule, by default its current one, after everything that was posted before."""
        shown = status or self.status(rule)
        self._bus.post(lambda: self.tell(rule, "state", "RuleStatusInfoEvent", shown))

    def tell(self, rule: Rule, what: str, kind: str, payload: object) -> None:
        """Publish an event of a rule."""
        self._publish(BusEvent(f"openhab/rules/{rule.uid}/{what}", kind, payload))


def _matches(settings: Module, channel: str, payload: str, *, wildcards: bool) -> bool:
    wanted, event = str(settings.get("channelUID", "")), settings.get("event")
    if event not in {None, ""} and event != payload:
        return False
    return fnmatch.fnmatchcase(channel, wanted) if wildcards else channel == wanted
