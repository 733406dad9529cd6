"""Checks what must be true at Twilio after an outage, whatever happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lab.alarms.actors import Uptime
from lab.alarms.said import YOU_TOOK, is_taken
from lab.alarms.scenario import Outage, Step
from twilio_binding.outgoing.look_ups import PAUSES_OF_ALARMS

PROMISES = (
    "notified twice",
    "out of order",
    "too early",
    "too late",
    "notified after the acknowledgement",
    "not notified",
    "call continues",
    "gave up",
)
_SLACK = 0.35
"""Seconds between the beginning of a step and Twilio's record of the send."""
_EARLY = 0.8
"""The same if a slow disk has delayed the first of two steps."""
_LOOKED_UP = sum(PAUSES_OF_ALARMS) + 0.5
"""Seconds for which a send that was in progress at a kill is looked up at Twilio."""
_FAULTY = 14.0
"""Seconds for which a fault of Twilio may delay a send: the longest pause between two tries, and a look-up."""
JSON = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class TwilioSide:
    """What Twilio saw in a batch. `faulty` are the times of its faults."""

    sends: list[JSON]
    webhooks: list[JSON]
    faulty: list[tuple[float, float]]
    uptime: Uptime
    late: float = 1.0

    def is_faulty(self, since: float, until: float) -> bool:
        """Whether Twilio's faults explain sends between two times that are late or in another order."""
        return any(begin < until and end + _FAULTY > since for begin, end in self.faulty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One send of a step: the number of the step, counted from 1 over all rounds, and its position."""

    step: int
    place: int
    send: JSON

    @property
    def at(self) -> float:
        """When Twilio accepted it."""
        return float(self.send["at"])


@dataclass(slots=True)
class Verdict:
    """The broken promises, with a line for each finding."""

    broken: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in PROMISES})
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.broken.values())


def check(outage: Outage, side: TwilioSide, taken: float, verdict: Verdict) -> None:
    """Check one outage; `taken` is when an acknowledgement other than by key was confirmed, 0.0 for never."""
    told = _told(outage, side.sends)
    keyed = _keyed(outage, side.webhooks)
    moments = [moment for moment in (taken, keyed) if moment]
    taken_at = min(moments, default=float("inf"))
    verdict.counts["outages"] += 1
    verdict.counts["sends"] += len(told)
    verdict.counts["taken"] += bool(moments)
    for name, found in (
        ("notified twice", _twice(told)),
        ("out of order", _disorder(told, side)),
        ("notified after the acknowledgement", _afterwards(told, taken_at, side)),
        ("not notified", () if _pressed(outage, side.webhooks) else _untold(outage, told, taken_at)),
        ("call continues", _going_on(told, taken_at, side)),
    ):
        verdict.broken[name] += [f"{outage.name}: {line}" for line in found]
    for name, line in _timing(outage, told, taken_at, side):
        verdict.broken[name].append(f"{outage.name}: {line}")


def _told(outage: Outage, sends: Sequence[JSON]) -> list[Told]:
    """The sends of an outage's steps, in the order in which Twilio accepted them."""
    found = []
    for send in sends:
        request = parse_qs(urlsplit(send["status_callback"]).query).get("request", [""])[0]
        _, _, rest = request.partition(".")
        parts = rest.split(".")
        if send["to"] in outage.numbers and len(parts) == 3 and parts[0] != "n":
            found.append(Told(step=int(parts[1]), place=int(parts[2]), send=send))
    return sorted(found, key=lambda one: one.at)


def _keyed(outage: Outage, webhooks: Sequence[JSON]) -> float:
    """The time at which the service answered key 1; 0.0 for never."""
    times = [
        one["at"] + one["ms"] / 1000
        for one in webhooks
        if one["endpoint"] == "gather"
        and one["form"].get("Digits") == "1"
        and one["form"]["To"] in outage.numbers
        and is_taken(one["answer"])
    ]
    return min(times, default=0.0)


def _pressed(outage: Outage, webhooks: Sequence[JSON]) -> bool:
    """Whether somebody pressed 1, also if the service was killed before it answered."""
    return any(one["form"].get("Digits") == "1" and one["form"]["To"] in outage.numbers for one in webhooks)


def _twice(told: Sequence[Told]) -> Iterator[str]:
    for (step, place), number in Counter((one.step, one.place) for one in told).items():
        if number > 1:
            yield f"step {step}.{place} went out {number} times"


def _disorder(told: Sequence[Told], side: TwilioSide) -> Iterator[str]:
    for before, after in pairwise(told):
        # A send in progress at a kill is looked up before it is sent again.
        since = before.at - _FAULTY
        is_excused = side.is_faulty(since, after.at) or not side.uptime.was_up(since, after.at)
        if after.step < before.step and not is_excused:
            yield f"step {after.step} came after step {before.step}"


def _afterwards(told: Sequence[Told], taken_at: float, side: TwilioSide) -> Iterator[str]:
    for one in told:
        late = one.at - taken_at
        if late > (1.0 if side.is_faulty(taken_at - 1, one.at) else 0.5):
            yield f"step {one.step} came {late:.2f} s after somebody had taken it"


def _untold(outage: Outage, told: Sequence[Told], taken_at: float) -> Iterator[str]:
    if taken_at != float("inf"):
        return
    there = {(one.step, one.place) for one in told}
    for number, step in enumerate(outage.rounds, start=1):
        for place, person in enumerate(step.people):
            later = [
                one for one in told if one.step > number and one.send["to"] == outage.numbers[person] and _is(one, step)
            ]
            if (number, place) not in there and not later and not _was_busy(told, number, outage.numbers[person]):
                yield f"step {number}.{place} ({step.way}) never came, and nobody had taken it"


def _was_busy(told: Sequence[Told], number: int, to: str) -> bool:
    """Whether somebody was in a call of the alarm when they were due to be called."""
    at = min((one.at for one in told if one.step > number), default=float("inf"))
    return any(one.step < number and one.send["to"] == to and one.send.get("ended_at", 0.0) + 1 > at for one in told)


def _is(one: Told, step: Step) -> bool:
    return ("twiml" in one.send) == (step.way == "call")


def _going_on(told: Sequence[Told], taken_at: float, side: TwilioSide) -> Iterator[str]:
    if taken_at == float("inf") or side.is_faulty(taken_at, taken_at + 3):
        return
    for one in told:
        ended = one.send.get("ended_at", 0.0)
        if str(one.send.get("answered_by")).startswith(("machine", "fax")):
            continue  # an answering machine hears the whole message
        if not ended or one.at > taken_at or ended < taken_at or YOU_TOOK in str(one.send.get("walk")):
            continue
        up = side.uptime.up_from(taken_at, side.late)
        if ended - up > side.late + 0.5:
            yield f"the call of step {one.step} went on for {ended - up:.2f} s after somebody had taken it"


def _timing(outage: Outage, told: Sequence[Told], taken_at: float, side: TwilioSide) -> Iterator[tuple[str, str]]:
    """Whether each step came when it was due: after its wait, or immediately if nobody could be reached."""
    first = {number: [one for one in told if one.step == number] for number in range(1, len(outage.rounds) + 1)}
    for number, step in enumerate(outage.rounds[:-1], start=1):
        here, there = first[number], first[number + 1]
        if not here or not there:
            continue
        began, came = here[0].at, there[0].at
        if side.is_faulty(began - 3, came) or came > taken_at or len(here) < len(step.people):
            continue
        told_at, answered_at = _nobody_from(here, step, side)
        round_ends = number % len(outage.steps) == 0
        due = began + step.wait
        early, late = (due, due) if round_ends else (min(due, told_at), min(due, answered_at))
        if began < came < early - max(_EARLY, side.late) and side.uptime.was_up(began - _SLACK - _LOOKED_UP, came):
            yield "too early", f"step {number + 1} came {early - came:.2f} s early"
        latest = _latest(late, came, side)
        if came > latest:
            yield "too late", f"step {number + 1} came {came - latest + side.late:.2f} s late"


def _latest(due: float, came: float, side: TwilioSide) -> float:
    """When a step that is due must have happened; after a kill, a send in progress is looked up first, by one process or several.

    The step waits for that where it is the one that was on its way, or looks like it at Twilio.
    """
    in_time = side.late + _SLACK
    latest = side.uptime.up_from(due, in_time) + in_time
    if side.uptime.was_up(due - _LOOKED_UP, came):
        return latest
    return max(latest, side.uptime.up_from(due - _LOOKED_UP, _LOOKED_UP) + in_time) + _LOOKED_UP


def _nobody_from(here: Sequence[Told], step: Step, side: TwilioSide) -> tuple[float, float]:
    """When Twilio reported that no send of a step reaches anybody, and when it had the answer; infinite for never."""
    sids = {one.send["sid"] for one in here}
    told: dict[str, tuple[float, float]] = {}
    for webhook in side.webhooks:
        form = webhook["form"]
        sid = form.get("CallSid") or form.get("MessageSid")
        if sid not in sids or webhook["status"] != 200:
            continue
        status = form.get("CallStatus") or form.get("MessageStatus", "")
        is_machine = str(form.get("AnsweredBy", "")).startswith(("machine", "fax"))
        is_passed = webhook["endpoint"] == "gather" and form.get("Digits") == "2"
        if is_machine or is_passed or status in ("busy", "no-answer", "failed", "canceled", "undelivered"):
            told.setdefault(sid, (webhook["at"], webhook["at"] + webhook["ms"] / 1000))
    if len(told) < len(step.people):
        return float("inf"), float("inf")
    return max(at for at, _ in told.values()), max(answered for _, answered in told.values())
