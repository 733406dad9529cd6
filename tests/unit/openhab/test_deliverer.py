"""How events are split into waves, and the effect of a refused event on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import Announced
from twilio_binding.errors import DependencyDownError
from twilio_binding.incoming.ports import Delivery, ThingsNotReadyError
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event
from twilio_binding.openhab.delivery import by_relay_rule
from twilio_binding.openhab.delivery.by_relay_rule import RelayRuleDelivery, StateWriter
from twilio_binding.openhab.delivery.deliverer import Deliverer, EventEncoder
from twilio_binding.openhab.delivery.relay_text import Firing
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.registries.links import ItemLinks
from twilio_binding.openhab.registries.rules import RulesOn
from twilio_binding.protocol.events import EventAnswer


class Rule:
    """openHAB's side of the relay rule: it refuses each run with an event whose payload is in `refuses`."""

    sets_states = True
    is_ready = True

    def __init__(self, *refuses: str) -> None:
        self.refuses = refuses
        self.fired: list[str] = []
        self.states: list[str] = []
        self.pauses: list[int] = []

    def fire(self, firings: Sequence[Firing]) -> Mapping[tuple[str, str], str]:
        """One run."""
        if any(firing.payload in self.refuses for firing in firings):
            self.is_ready = False
            raise DependencyDownError("403")
        self.fired += [firing.payload for firing in firings]
        self.pauses += [firing.pause for firing in firings]
        self.states += [state.text for firing in firings for state in firing.states]
        return {}


class Runs:
    """Remembers for which rules was waited."""

    def __init__(self) -> None:
        self.waited: list[Mapping[str, int]] = []

    def next_ends(self, rules: Mapping[str, int]) -> dict[str, int]:
        """As often as named."""
        return dict(rules)

    def wait(self, ends: Mapping[str, int]) -> None:
        """Not at all."""
        self.waited.append(ends)


_THINGS = "twilio:phone:a:a", "twilio:phone:a:b"


def deliverer(
    rule: Rule, runs: Runs, *, script: Any = None, has_rules: bool = True, items: Sequence[str] = ()
) -> Deliverer:
    """A deliverer with a rule on each channel, named like its thing, and an item on the body of the phone a:b.

    `items` are those that trigger rules.
    """
    parts: Any = SimpleNamespace
    links = ItemLinks()
    links.load([{"channelUID": "twilio:phone:a:b:last-message-body", "itemName": "Body"}])
    metrics = Metrics()
    aside = SetAside(metrics)
    return Deliverer(
        parts(has_script=script is not None, has_relay_rule=True, reason=""),
        encoder=EventEncoder(links, "secret"),
        rules=parts(runs=runs, on=RulesOn(((f"{thing}:*", thing) for thing in _THINGS if has_rules), items)),
        script=script or parts(is_expected_back=False),
        requests=parts(),
        relay_rule=RelayRuleDelivery(parts_of(rule), StateWriter(parts(), aside), aside, metrics),
    )


def parts_of(rule: Any) -> Any:
    """A stand-in as whatever it stands for."""
    return rule


def event(number: int, thing: str, payload: str) -> Delivery:
    """A delivery."""
    states = (("last-message-body", payload),)
    happened = Event(thing=thing, states=states, channel="sms-received", payload=payload, lifetime=60)
    return Delivery(id=number, event=happened)


@pytest.mark.parametrize("number", [1, 2, 4, 6])
def test_refused_events_do_not_multiply(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Each event that is always refused takes only its own tries, however many there are, and the others are delivered in order."""
    monkeypatch.setattr(by_relay_rule, "_SECONDS", 0.0)
    rule = Rule("bad")
    subject = deliverer(rule, Runs())
    texts = [event(one, "twilio:phone:a:b", "bad" if one < number else f"good {one}") for one in range(number + 3)]
    tries = 0
    while True:
        tries += 1
        assert tries < 10 * number + 10
        rule.is_ready = True
        try:
            refused = subject.deliver(texts)
        except DependencyDownError:
            continue
        break
    assert sorted(refused) == list(range(number))
    assert rule.fired[-3:] == [f"good {one}" for one in range(number, number + 3)]


def test_thing_that_is_not_ready_takes_no_wait_from_others(announced: Announced) -> None:
    """While one thing must wait, the next event of another still begins when the rules on its trigger have run."""
    announced("openhab.thing_not_ready")
    runs = Runs()
    answers = {"not ready": "not_ready"}

    def answer(_: object, events: Sequence[Any]) -> list[EventAnswer]:
        return [EventAnswer(id=one.id, outcome=answers.get(one.payload, "done")) for one in events]  # type: ignore[arg-type]

    script = SimpleNamespace(deliver=answer, is_expected_back=False)
    first, second = event(1, "twilio:phone:a:a", "not ready"), event(2, "twilio:phone:a:b", "fine")
    with pytest.raises(ThingsNotReadyError) as caught:
        deliverer(Rule(), runs, script=script).deliver([first, second])
    assert caught.value.waiting == [first]
    assert runs.waited == [{"twilio:phone:a:b": 1}]


@pytest.mark.parametrize("outcome", ["failed", "unknown_channel", "unknown_thing"])
def test_states_never_go_back(announced: Announced, outcome: str) -> None:
    """What the script did not do goes through the relay rule; a state that the script has set since is not set again."""
    announced("bridge.event")
    rule = Rule()
    answers = {"1": "done", "2": outcome, "3": "done", "4": outcome, "5": outcome}

    def answer(_: object, events: Sequence[Any]) -> list[EventAnswer]:
        return [EventAnswer(id=one.id, outcome=answers[one.payload]) for one in events]  # type: ignore[arg-type]

    script = SimpleNamespace(deliver=answer, is_expected_back=False)
    subject = deliverer(rule, Runs(), script=script, has_rules=False)
    assert subject.deliver([event(n, "twilio:phone:a:b", str(n)) for n in range(1, 6)]) == {}
    assert rule.fired == ["2", "4", "5"]
    assert rule.states == ["4", "5"]


def test_things_do_not_wait_for_each_other() -> None:
    """An event waits for the rules on the last one of its thing; what comes behind it for other things does not."""
    rule, runs = Rule(), Runs()
    one, other = _THINGS
    texts = [event(n, thing, f"{thing[-1]}{n}") for n, thing in enumerate((one, one, one, other, other))]
    assert deliverer(rule, runs).deliver(texts) == {}
    assert rule.fired == ["a0", "b3", "a1", "b4", "a2"]
    assert runs.waited == [{one: 1, other: 1}, {one: 1, other: 1}, {one: 1}]


@pytest.mark.parametrize(
    ("listens", "items", "pause"),
    [
        (True, (), 0),
        (False, (), 2),
        (True, ("Other",), 0),
        (True, ("Body",), 5),
        (False, ("*",), 5),
    ],
)
def test_pause_after_an_event(items: Sequence[str], pause: int, *, listens: bool) -> None:
    """Rules that items trigger get some milliseconds to look at them; for rules on the trigger the next event waits anyway."""
    rule = Rule()
    deliverer(rule, Runs(), has_rules=listens, items=items).deliver([event(1, "twilio:phone:a:b", "x")])
    assert rule.pauses == [pause]
