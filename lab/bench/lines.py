"""The lines of the table: what is measured, and the target."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from lab.processes import memory, processor_time
from lab.standins.stack import Stack
from twilio_binding.actions import connect, phone
from twilio_binding.mqtt.connection import BrokerConnection
from twilio_binding.mqtt.messages import Message
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.waiting import until

BASE = f"https://my.domain.com/twilio/callback/{PHONE}"
PLAN = {"base": BASE, "account": "AC00000000000000000000000000000001", "token": "your_auth_token"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line: what was measured, the figure, and its target."""

    what: str
    figure: str
    target: str = ""
    good: bool | None = None

    @classmethod
    def at_most(cls, what: str, value: float, most: float, *, unit: str = "ms", form: str = ".1f") -> Self:
        """A figure with the target "at most `most`"; `form` is its format."""
        return cls(what=what, figure=f"{value:{form}} {unit}", target=f"{most:g} {unit}", good=value <= most)


def percentile(times: list[float], part: float) -> float:
    """A percentile of times."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Load:
    """A load client in its own process."""

    def __init__(self, stack: Stack, **plan: Any) -> None:  # noqa: ANN401
        plan |= PLAN | {"url": stack.service.url, "mark": f"bench-{time.monotonic_ns()}"}
        self._plan = plan
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.bench.client"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(plan))
        self._process.stdin.close()

    def result(self) -> dict[str, Any]:
        """Wait for its end."""
        assert self._process.stdout is not None
        found: dict[str, Any] = json.load(self._process.stdout)
        self._process.stdout.close()
        self._process.wait()
        return found


@contextmanager
def rule(stack: Stack, mode: str = "at-once") -> Iterator[list[dict[str, float]]]:
    """The rule as a process; when it has ended, the list contains the times of its answers."""
    command = [sys.executable, "-m", "lab.bench.rule", stack.openhab.url, stack.broker.url, mode]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    words: list[dict[str, float]] = []
    try:
        process.stdout.readline()
        yield words
    finally:
        process.stdin.close()
        words.append(json.loads(process.stdout.readline() or "{}"))
        process.stdout.close()
        process.terminate()
        process.wait()


def starting(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """Start time and idle memory."""
    busy = processor_time(stack.service.process)
    yield Figure.at_most("processor time of a start", busy, 0.6, unit="s", form=".2f")
    seconds = stack.service.start_seconds
    yield Figure.at_most("serving after start", seconds, 1.5, unit="s", form=".2f")
    threading.Event().wait(0.5 if quick else 3)
    yield Figure.at_most("idle memory", memory(stack.service.process), 70, unit="MB", form=".0f")


def nobody(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """A call without a rule."""
    result = Load(stack, kind="call", connections=1, number=50 if quick else 300).result()
    yield Figure.at_most("no listener: answer p50", percentile(result["times"], 0.5), 1.5)


def text_rate(stack: Stack, connections: int, seconds: float) -> tuple[float, dict[str, Any]]:
    """Accepted texts a second on so many connections, and the whole result of the load client."""
    stack.service.wait_delivered(600)  # events of the previous measurement must not count
    result = Load(stack, kind="text", connections=connections, seconds=seconds).result()
    return len(result["marks"]) / result["seconds"], result


def texts(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """Accepted texts, and how many of them reached openHAB."""
    accepted: list[str] = []
    for connections, target in ((1, 900), (16, 3000), (64, 4000)):
        rate, result = text_rate(stack, connections, 2 if quick else 8)
        accepted += result["marks"]
        yield Figure(
            what=f"signed texts accepted, {connections} connections",
            figure=f"{rate:.0f}/s, p99 {percentile(result['times'], 0.99):.0f} ms",
            target=f"{target}/s",
            good=rate >= target,
        )
    began = time.monotonic()
    stack.service.wait_delivered(600)
    took = time.monotonic() - began
    heard = _bodies(stack)
    lost, doubled = len(set(accepted) - set(heard)), len(heard) - len(set(heard))
    yield Figure(
        what=f"of {len(accepted)} texts in openHAB",
        figure=f"lost {lost}, doubled {doubled}; backlog gone after {took:.0f} s",
        target="lost 0, doubled 0",
        good=lost == 0 and doubled == 0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCalls:
    """Milliseconds until a caller has the answer of the rule, without and during a flood of texts."""

    p50: float
    p99: float
    flood_p50: float
    flood_p99: float
    wrong: int
    number: int


def answered_calls(stack: Stack, quick: bool) -> AnsweredCalls:  # noqa: FBT001
    """Measure calls that a rule answers."""
    with rule(stack):
        result = Load(stack, kind="call", connections=1, number=60 if quick else 400).result()
        alone = result["times"][20:]
        flood = Load(stack, kind="text", connections=64, seconds=4 if quick else 12)
        until(lambda: stack.service.metric('webhooks_total{endpoint="sms"') > 500, "the flood to run")
        result = Load(stack, kind="call", connections=1, number=20 if quick else 100).result()
        flood.result()
    stack.service.wait_delivered(600)
    return AnsweredCalls(
        p50=percentile(alone, 0.5),
        p99=percentile(alone, 0.99),
        flood_p50=percentile(result["times"], 0.5),
        flood_p99=percentile(result["times"], 0.99),
        wrong=sum(sid not in answer[0] for sid, answer in result["answers"].items()),
        number=len(result["times"]),
    )


def answered(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """A call that a rule answers, without and during a flood of texts."""
    calls = answered_calls(stack, quick)
    yield Figure.at_most("answered call p50", calls.p50, 5)
    yield Figure.at_most("answered call p99", calls.p99, 15)
    figure = f"{calls.flood_p99:.0f} ms, {calls.wrong} of {calls.number} without the rule's answer"
    is_good = calls.flood_p99 <= 30 and not calls.wrong
    yield Figure(what="answered call p99 in a flood", figure=figure, target="30 ms, 0", good=is_good)


def held(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """A thousand held calls, each answered by the rule."""
    number = 200 if quick else 1000
    before = memory(stack.service.process)
    with rule(stack, str(number)) as words:
        load = Load(stack, kind="call", connections=number, number=number, spread=2)
        until(lambda: stack.service.metric("held_calls") == number, "all calls to be held", 30)
        more = memory(stack.service.process) - before
        result = load.result()
    wrong = sum(sid not in answer[0] for sid, answer in result["answers"].items())
    delays = [(answer[1] - words[0][sid]) * 1000 for sid, answer in result["answers"].items() if sid in words[0]]
    yield Figure(what=f"{number} held calls, answered wrongly", figure=str(wrong), target="0", good=not wrong)
    yield Figure.at_most("from the rule's word to the caller p99", percentile(delays, 0.99), 20)
    yield Figure.at_most(f"memory for {number} held calls", more, 40, unit="MB", form=".0f")


def actions(stack: Stack, quick: bool) -> Iterator[Figure]:  # noqa: FBT001
    """The round trip of an action, compared with the broker's own."""
    number = 50 if quick else 300
    bare = percentile(_echo(stack, number), 0.5)
    yield Figure(what="bare round trip through the broker p50", figure=f"{bare:.2f} ms")
    sent = send_p50(stack, number // 2)
    with connect(stack.broker.url) as client:
        args = {"callSid": "CA00", "twiml": "<Response/>"}
        refused = percentile(_timed(lambda: client.call(PHONE, "respondWithTwiml", args), number), 0.5)
    figure = f"{refused:.2f} ms, {refused / bare:.1f} x bare"
    yield Figure(what="action without Twilio p50", figure=figure, target="2 x bare", good=refused <= 2 * bare)
    yield Figure.at_most("sendSMS p50, stored, with Twilio's stand-in", sent, 5)


def send_p50(stack: Stack, number: int) -> float:
    """Milliseconds of a `sendSMS` by a rule, from the request to the reply."""
    with connect(stack.broker.url) as client:
        own = phone(PHONE, client)
        return percentile(_timed(lambda: own.sendSMS("+15557654321", "x"), number), 0.5)


def _echo(stack: Stack, number: int) -> list[float]:
    """Round trips of QoS 1 between two clients."""
    heard = threading.Event()

    def back(message: Message) -> None:
        answering.publish("bench/back", message.payload)

    asking = BrokerConnection(stack.broker.url, client_id="bench-asking")
    asking.connected.subscribe(lambda: asking.subscribe("bench/back"))
    asking.received.subscribe(lambda _: heard.set())
    answering = BrokerConnection(stack.broker.url, client_id="bench-back")
    answering.connected.subscribe(lambda: answering.subscribe("bench/out"))
    answering.received.subscribe(back)
    for connection in (asking, answering):
        connection.start()
        connection.wait(30)

    def once() -> None:
        heard.clear()
        asking.publish("bench/out", b"x" * 200)
        heard.wait(30)

    times = _timed(once, number)
    asking.stop()
    answering.stop()
    return times


def _timed(what: Any, number: int) -> list[float]:  # noqa: ANN401
    times = []
    for _ in range(number):
        started = time.monotonic()
        what()
        times.append((time.monotonic() - started) * 1000)
    return times


def _bodies(stack: Stack) -> list[str]:
    channel = f"{PHONE}:sms-received"
    bodies: list[str] = []
    since = 0
    while page := stack.openhab.triggers(since=since, channel=channel):
        bodies += [json.loads(str(trigger["payload"]))["body"] for trigger in page]
        since = int(str(page[-1]["n"]))
    return bodies


LINES = {
    "start": starting,
    "nobody": nobody,
    "actions": actions,
    "answered": answered,
    "held": held,
    "texts": texts,
}
