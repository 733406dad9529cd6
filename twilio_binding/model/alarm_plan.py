"""The steps of an alarm: `text ada,bob; wait 60s; call ada; wait 90s; call bob; wait 2m; repeat 3`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from twilio_binding.model.grammar import ITEM, GrammarError, TokenReader

Way = Literal["text", "whatsapp", "call"]
WAYS: tuple[Way, ...] = ("text", "whatsapp", "call")
_OTHERS = ("mqtt", "item", "notify")
_VERBS = (*WAYS, *_OTHERS)
_ALL = "text, whatsapp, call, mqtt, item, notify, wait, repeat"

_MOST_STAGES = 50
_MOST_AT_ONCE = 20
_MOST_ROUNDS = 100

_TOKEN = re.compile(r"""\s*(?:(?P<mark>[;,])|(?P<quoted>"[^"]*"|'[^']*')|(?P<word>[^\s;,"']+))""")
_CONTACT = re.compile(r"[\w-]+(:[\w-]+)*")


class PlanError(GrammarError):
    """Invalid steps."""

    refusal = "bad_steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Notify a contact, by its ID or UID."""

    way: Way
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttStep:
    """Publish over MQTT; an empty payload means the JSON of the alarm."""

    topic: str
    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStep:
    """Send a command to an item."""

    item: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyStep:
    """Send a notification of openHAB Cloud, to one user or, with "", to all."""

    user: str = ""


OtherAction = MqttStep | ItemStep | NotifyStep
"""What a step does besides notifying contacts."""
Action = Tell | OtherAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Actions that happen at the same time, and the seconds until the next stage."""

    actions: tuple[Action, ...]
    wait: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The stages of a round, and how often it is repeated."""

    stages: tuple[Stage, ...]
    repeats: int = 0

    def stage(self, step: int) -> Stage:
        """The stage of a step; steps are counted from 1, over all rounds."""
        return self.stages[(step - 1) % len(self.stages)]

    @property
    def contacts(self) -> tuple[str, ...]:
        """All contacts in the steps, each once."""
        tells = (action for stage in self.stages for action in stage.actions if isinstance(action, Tell))
        return tuple(dict.fromkeys(tell.contact for tell in tells))

    @property
    def only_tells(self) -> bool:
        """Whether all steps notify contacts."""
        return all(isinstance(action, Tell) for stage in self.stages for action in stage.actions)

    @property
    def notifies(self) -> bool:
        """Whether a step sends a notification of openHAB Cloud."""
        return any(isinstance(action, NotifyStep) for stage in self.stages for action in stage.actions)


def read_plan(text: str) -> Plan:
    """The plan in a text; raises `PlanError`."""
    reader = _Reader(text)
    stages: list[Stage] = []
    repeats = 0
    while not reader.is_at_end:
        start = reader.column
        verb = reader.word(f"a step: {_ALL}").lower()
        if verb == "wait":
            _wait(reader, stages)
        elif verb == "repeat":
            repeats = _repeat(reader, stages, start)
        else:
            actions = _stage(reader, verb, start)
            stages.append(Stage(actions=tuple(actions), text=text[start - 1 : reader.end].strip()))
        reader.end_of_step(is_last=verb == "repeat")
    if not any(stage.actions for stage in stages):
        raise PlanError("no step notifies anybody; add text, call or another step", 1)
    if len(stages) > _MOST_STAGES:
        raise PlanError(f"there can be at most {_MOST_STAGES} steps", 1)
    return Plan(stages=tuple(stages), repeats=repeats)


def target_of(action: Action) -> tuple[type[Action], str]:
    """What an action is about: its kind, and the contact, topic, item or user."""
    match action:
        case Tell(way=way, contact=contact):
            return Tell, f"{way} {contact}"
        case MqttStep(topic=topic):
            return MqttStep, topic
        case ItemStep(item=item):
            return ItemStep, item
        case NotifyStep(user=user):
            return NotifyStep, user


def commanded_items(plan: Plan) -> tuple[str, ...]:
    """The items that get commands, each once."""
    steps = (action for stage in plan.stages for action in stage.actions if isinstance(action, ItemStep))
    return tuple(dict.fromkeys(step.item for step in steps))


def _wait(reader: _Reader, stages: list[Stage]) -> None:
    column = reader.column
    seconds = reader.take_duration()
    if seconds is None:
        word = reader.word("a time to wait, such as 60s, 2m or 1h")
        raise PlanError(f"{word:.30} is not a time to wait; write a time such as 60s, 2m or 1h, at most 24h", column)
    last = stages.pop() if stages else Stage(actions=())
    stages.append(Stage(actions=last.actions, wait=last.wait + seconds, text=last.text))


def _repeat(reader: _Reader, stages: list[Stage], start: int) -> int:
    if not any(stage.wait for stage in stages):
        raise PlanError("add a wait before repeat; otherwise the alarm would repeat without a pause", start)
    if reader.is_at_end or reader.is_at_mark:
        return 1
    column = reader.column
    word = reader.word("a number of repeats")
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 9 else 0
    if not 1 <= number <= _MOST_ROUNDS:
        raise PlanError(f"{word:.30} is not a number of repeats; write a number from 1 to {_MOST_ROUNDS}", column)
    return number


def _stage(reader: _Reader, verb: str, start: int) -> list[Action]:
    """The actions of one step, from its first verb to its end; a comma is followed by a name or another verb."""
    actions = [_action(reader, verb, start)]
    while reader.take(","):
        column = reader.column
        following = reader.following.lower()
        if following in ("wait", "repeat"):
            raise PlanError(f"{following} must be a separate step; write a semicolon before it", column)
        if following in _VERBS:
            verb = reader.word("a step").lower()
        elif verb not in WAYS:
            raise PlanError(f"expected another step after the comma: {', '.join(_VERBS)}", column)
        actions.append(_action(reader, verb, column))
    if len(actions) > _MOST_AT_ONCE:
        raise PlanError(f"at most {_MOST_AT_ONCE} actions can happen at the same time", start)
    return actions


def _action(reader: _Reader, verb: str, start: int) -> Action:
    match verb:
        case "text" | "whatsapp" | "call":
            column = reader.column
            name = reader.word(f"a contact for {verb}: its ID or UID")
            if not _CONTACT.fullmatch(name):
                raise PlanError(f"{name:.30} is not the ID or UID of a contact", column)
            way: Way = verb
            return Tell(way=way, contact=name)
        case "mqtt":
            column = reader.column
            topic = reader.word("a topic to publish to")
            if not topic.strip():
                raise PlanError("the topic is empty", column)
            if set(topic) & {"#", "+"}:
                raise PlanError(f"{topic:.60} contains a wildcard; use a single topic", column)
            return MqttStep(topic=topic, payload=reader.rest())
        case "item":
            column = reader.column
            name = reader.word("an item for the command")
            if not ITEM.fullmatch(name):
                raise PlanError(f"{name:.30} is not the name of an item", column)
            column = reader.column
            command = reader.rest()
            if not command:
                raise PlanError(f"expected a command for {name:.30}, such as ON", column)
            return ItemStep(item=name, command=command)
        case "notify":
            return NotifyStep(user=reader.rest())
        case _:
            raise PlanError(f"unknown step {verb:.30}; use {_ALL}", start)


class _Reader(TokenReader):
    """Reads words, quoted texts and punctuation from left to right."""

    def __init__(self, text: str) -> None:
        super().__init__(text, _TOKEN, PlanError)

    @property
    def is_at_mark(self) -> bool:
        """Whether a semicolon or comma follows."""
        return not self.is_at_end and self._tokens[self._next].kind == "mark"

    @property
    def end(self) -> int:
        """The end of the last token."""
        return self._tokens[self._next - 1].end

    @property
    def following(self) -> str:
        """The next word; "" if there is none."""
        return self._tokens[self._next].text if self.follows_word(1) else ""

    def follows_word(self, number: int) -> bool:
        """Whether so many words follow without punctuation."""
        coming = self._tokens[self._next : self._next + number]
        return len(coming) == number and all(token.kind != "mark" for token in coming)

    def take(self, mark: str) -> bool:
        """Read a punctuation mark if it follows."""
        if not self.is_at_mark or self._tokens[self._next].text != mark:
            return False
        self._next += 1
        return True

    def word(self, what: str) -> str:
        """Read a word or a quoted text; raises `PlanError`, which says that `what` is missing."""
        if not self.follows_word(1):
            raise PlanError(f"expected {what}", self.column)
        self._next += 1
        token = self._tokens[self._next - 1]
        return token.text[1:-1] if token.kind == "quoted" else token.text

    def rest(self) -> str:
        """Read the rest of an action, with single blanks between words."""
        words = []
        while self.follows_word(1):
            words.append(self.word(""))
        return " ".join(words)

    def end_of_step(self, *, is_last: bool) -> None:
        """Read the semicolon after a step."""
        if is_last and self.take(";") and not self.is_at_end:
            raise PlanError("repeat must be the last step", self.column)
        if is_last or self.is_at_end:
            if not self.is_at_end:
                raise PlanError("repeat must be the last step", self.column)
            return
        column = self.column
        if not self.take(";"):
            raise PlanError("expected a semicolon between two steps, or a comma before another contact", column)
