"""The speed of the broker, and the largest message that it accepts."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator

from twilio_binding.doctor.case import Case
from twilio_binding.doctor.links.broker import open_trial
from twilio_binding.doctor.links.link import Link
from twilio_binding.doctor.results import LinkResult, ok, skipped, warning
from twilio_binding.mqtt import BrokerTrial
from twilio_binding.protocol.requests import MAX_REQUEST_BYTES
from twilio_binding.protocol.topics import Topics

_TRIPS, _COUNTED = 24, 12
"""At first, the system acknowledges every packet immediately; the delay only shows after some trips."""
_SETTLE = 0.05
"""Seconds after which all packets of the previous trip are acknowledged."""
_HELD_BACK = 0.025
"""Extra seconds of the reply that show that the broker delays small packets: Linux acknowledges after 40 ms."""
_SLOW = 0.25
_ECHO = 3.0
_never = threading.Event()


def look(case: Case) -> Iterator[LinkResult]:
    """Sends messages to itself on reply topics, which nobody else reads."""
    if not case.is_broker_up:
        yield skipped("not tested: the broker cannot be used")
        return
    with open_trial(case) as trial, open_trial(case) as other:
        if not (trial.wait(_ECHO) and other.wait(_ECHO)):
            yield skipped(f"not tested: {trial.reason or other.reason}")
            return
        topics = Topics(base=case.settings.mqtt.base_topic)
        yield _speed(trial, other, (topics.reply(trial.name, "doctor"), topics.reply(other.name, "doctor")))
        yield _size(trial, topics.reply(trial.name, "size"))


def _speed(trial: BrokerTrial, other: BrokerTrial, topics: tuple[str, str]) -> LinkResult:
    """Measure a request from a rule to the service, and the reply."""
    ways = []
    refused = trial.subscribe(topics[0], _ECHO) or other.subscribe(topics[1], _ECHO)
    for _ in range(0 if refused else _TRIPS):
        _never.wait(_SETTLE)
        there, back = trial.pass_to(other, topics[1], _ECHO), other.pass_to(trial, topics[0], _ECHO)
        if there is None or back is None:
            break
        ways.append((there, back))
    if len(ways) < _TRIPS:
        return skipped("the time of a round trip was not measured: nothing comes back on a reply topic")
    there, back = (statistics.median(way[direction] for way in ways[-_COUNTED:]) for direction in (0, 1))
    facts = {"request_ms": round(there * 1000, 1), "reply_ms": round(back * 1000, 1)}
    told = f"a request takes {there * 1000:.1f} ms, its reply {back * 1000:.1f} ms"
    if back - there > _HELD_BACK:
        return warning(
            f"{told}: the broker delays small packets by 40 ms (Nagle's algorithm)",
            "set `set_tcp_nodelay true` in mosquitto.conf; rules then answer calls that much sooner",
            facts,
        )
    if there + back > _SLOW:
        return warning(told, "use a broker in the same network; callers wait for each of these messages", facts)
    return ok(told, facts)


def _size(trial: BrokerTrial, topic: str) -> LinkResult:
    limit = trial.terms.packet_limit
    echo = trial.echo(topic, b" " * MAX_REQUEST_BYTES, 2 * _ECHO)
    facts: dict[str, object] = {"packet_limit": limit, "tried_bytes": MAX_REQUEST_BYTES}
    if echo.seconds is not None:
        return ok(f"accepts messages of {MAX_REQUEST_BYTES // 1024} KiB", facts)
    why = echo.message or "it does not come back"
    return warning(
        f"the broker does not accept a message of {MAX_REQUEST_BYTES // 1024} KiB ({why})",
        "raise max_packet_size and message_size_limit of the broker to 1 MiB: long requests and the list of things do not fit",
        facts,
    )


LINK = Link(id="broker-speed", title="Broker: speed and size", look=look, seconds=lambda _: 30.0)
