"""How many texts per second openHAB gets after an outage, and whether rules find the items of their own text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from lab.bench.lines import Figure, Load
from lab.standins.stack import Stack
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.waiting import until

_CHANNEL = f"{PHONE}:sms-received"
_TRIGGER = {"id": "1", "type": "core.ChannelEventTrigger", "configuration": {"channelUID": _CHANNEL}}
_LEAST = 1000
_Triggers = Sequence[Mapping[str, object]]


def events(stack: Stack, quick: object) -> Iterator[Figure]:
    """Texts that waited for openHAB: without a rule on their trigger, and with one for which the next text waits."""
    number = 300 if quick else 2000
    yield _rate("events to openHAB, three links", *_deliver(stack, number))
    stack.openhab.contents.put_rule("listening", {"triggers": [_TRIGGER], "actions": []})
    yield _rate("the same with a rule on the trigger", *_deliver(stack, number))


def _deliver(stack: Stack, number: int) -> tuple[list[str], _Triggers]:
    """Let texts wait for openHAB; returns their bodies, and the triggers that openHAB got."""
    last = max((int(str(one["n"])) for one in stack.openhab.triggers(channel=_CHANNEL)), default=0)
    stack.openhab.faults.down()
    until(lambda: not stack.service.dependencies()["openhab"]["up"], "the service to miss openHAB", 60)
    marks = Load(stack, kind="text", connections=16, number=number).result()["marks"]
    stack.openhab.faults.up()
    stack.service.wait_delivered(600)
    until(lambda: (found := _triggers(stack, last)) and found[-1]["items"], "the last rule to look", 60)
    return marks, _triggers(stack, last)


def _triggers(stack: Stack, since: int) -> _Triggers:
    found: list[Mapping[str, object]] = []
    while page := stack.openhab.triggers(since=since, channel=_CHANNEL):
        found += page
        since = int(str(page[-1]["n"]))
    return found


def _rate(what: str, marks: list[str], triggers: _Triggers) -> Figure:
    bodies = [json.loads(str(one["payload"]))["body"] for one in triggers]
    lost, doubled = len(set(marks) - set(bodies)), len(bodies) - len(set(bodies))
    wrong = sum(_item(one) != body for one, body in zip(triggers, bodies, strict=True))
    took = float(str(triggers[-1]["at"])) - float(str(triggers[0]["at"]))
    rate = len(triggers) / took
    return Figure(
        what=what,
        figure=f"{rate:.0f}/s, lost {lost}, doubled {doubled}, rules saw another text's items {wrong}",
        target=f"{_LEAST}/s, 0",
        good=rate >= _LEAST and not (lost or doubled or wrong),
    )


def _item(trigger: Mapping[str, object]) -> object:
    items = trigger["items"]
    return items.get("TwilioLastMessage") if isinstance(items, dict) else None
