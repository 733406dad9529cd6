"""Held calls: one winner each, even with simultaneous answers; losers are told."""

from __future__ import annotations

import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, invariant, multiple, precondition, rule

from tests.clock import Clock
from tests.waiting import wait_until
from twilio_binding.incoming.held_calls import HeldCall, HeldCalls

_PHONE = "twilio:phone:a:b"
_ROUNDS = 200


def _hold(
    calls: HeldCalls, key: str = "k", *, call: str = "CA1", seconds: float = 5, lasting: bool = False
) -> HeldCall:
    held, first = calls.hold(thing=_PHONE, call_sid=call, key=key, lasting=lasting, seconds=seconds)
    assert held is not None and first
    return held


def _answer(calls: HeldCalls, twiml: str = "<Response/>", *, call: str = "CA1", request_id: str = "") -> str:
    return calls.answer(thing=_PHONE, call_sid=call, twiml=twiml, request_id=request_id)


def test_unknown_call() -> None:
    """An answer to an unknown call is refused with a reason."""
    assert _answer(HeldCalls()) == "unknown_call"


def test_late_answer() -> None:
    """An answer after the deadline is refused with a reason, and the caller keeps the default."""
    calls = HeldCalls()
    held = _hold(calls, seconds=0)
    assert calls.wait(held) == "deadline"
    assert _answer(calls) == "too_late"
    assert (held.twiml, len(calls)) == ("", 0)


def test_answer_in_time() -> None:
    """An answer before the wait has begun counts, too."""
    calls = HeldCalls()
    held = _hold(calls)
    assert _answer(calls, "<Response>1</Response>") == "answered"
    assert (calls.wait(held), held.twiml) == ("rule", "<Response>1</Response>")


def test_answer_at_the_deadline_wins_if_it_was_first() -> None:
    """A request that is not released yet can be answered even a moment after its deadline."""
    clock = Clock()
    calls = HeldCalls(clock=clock)
    held = _hold(calls, seconds=5)
    clock.now += 6
    assert _answer(calls) == "answered"
    assert calls.wait(held) == "rule"


def test_clock_that_stands_still() -> None:
    """The wait ends at the deadline by the given clock, not before."""
    clock = Clock()
    calls = HeldCalls(clock=clock)
    held = _hold(calls, seconds=5)
    clock.now += 5
    assert calls.wait(held) == "deadline"


@pytest.mark.parametrize("request_id", ["one", ""])
def test_same_request_twice(request_id: str) -> None:
    """A request that is delivered twice gets the same verdict; without an id, the second is too late."""
    calls = HeldCalls()
    _hold(calls)
    assert _answer(calls, request_id=request_id) == "answered"
    assert _answer(calls, request_id=request_id) == ("answered" if request_id else "too_late")


def test_old_request_again_after_another() -> None:
    """A repeated request answers nothing new, even after other answers in between."""
    calls = HeldCalls()
    _hold(calls, "voice")
    assert _answer(calls, request_id="one") == "answered"
    _hold(calls, "gather 1")
    assert _answer(calls, request_id="two") == "answered"
    third = _hold(calls, "gather 2")
    assert _answer(calls, request_id="one") == "answered"
    assert third.winner is None
    assert _answer(calls, request_id="three") == "answered"


def test_late_request_again() -> None:
    """A late request stays late when it is repeated while the next one waits."""
    calls = HeldCalls()
    calls.wait(_hold(calls, "voice", seconds=0))
    assert _answer(calls, request_id="one") == "too_late"
    second = _hold(calls, "gather")
    assert _answer(calls, request_id="one") == "too_late"
    assert second.winner is None


def test_same_request_for_another_call() -> None:
    """The id of a request counts only within its call: another call may use it."""
    calls = HeldCalls()
    _hold(calls, "1")
    _hold(calls, "2", call="CA2")
    assert _answer(calls, request_id="one") == "answered"
    assert _answer(calls, request_id="one", call="CA2") == "answered"


def test_answers_go_to_the_oldest() -> None:
    """Two requests of one call are answered in order."""
    calls = HeldCalls()
    first, second = _hold(calls, "1"), _hold(calls, "2")
    _answer(calls, "<Response>1</Response>")
    _answer(calls, "<Response>2</Response>")
    assert (first.twiml, second.twiml) == ("<Response>1</Response>", "<Response>2</Response>")


def test_two_webhooks_with_one_key() -> None:
    """A copy joins the waiting request; after the answer it is new, unless the key lasts."""
    calls = HeldCalls()
    held = _hold(calls)
    assert calls.hold(thing=_PHONE, call_sid="CA1", key="k", lasting=False, seconds=5) == (held, False)
    _answer(calls)
    assert _hold(calls) is not held
    lasting = _hold(calls, "token", lasting=True)
    calls.release(lasting, "<Response>1</Response>")
    again, first = calls.hold(thing=_PHONE, call_sid="CA1", key="token", lasting=True, seconds=5)
    assert (again, first) == (lasting, False)
    assert calls.wait(lasting) == "rule"


def test_limit_and_close() -> None:
    """Over the limit, and after the end, nothing is held; copies can still join."""
    calls = HeldCalls(limit=2)
    first = _hold(calls, "1")
    _hold(calls, "2")
    assert calls.hold(thing=_PHONE, call_sid="CA3", key="3", lasting=False, seconds=5) == (None, True)
    assert calls.hold(thing=_PHONE, call_sid="CA1", key="1", lasting=False, seconds=5) == (first, False)
    assert calls.close() == 2
    assert calls.close() == 0
    assert (len(calls), calls.wait(first)) == (0, "shutdown")
    assert calls.hold(thing=_PHONE, call_sid="CA1", key="4", lasting=False, seconds=5) == (None, True)
    assert _answer(calls) == "too_late"


def test_hang_up() -> None:
    """The end of a call releases all its requests and no others."""
    calls = HeldCalls()
    mine = [_hold(calls, "1"), _hold(calls, "2")]
    other = _hold(calls, "3", call="CA2")
    assert calls.hang_up(thing=_PHONE, call_sid="CA1") == 2
    assert calls.hang_up(thing=_PHONE, call_sid="CA1") == 0
    assert [calls.wait(held) for held in mine] == ["hang-up", "hang-up"]
    assert other.winner is None


def test_release_after_somebody_won() -> None:
    """Releasing an answered request changes nothing."""
    calls = HeldCalls()
    held = _hold(calls)
    _answer(calls, "<Response>1</Response>")
    calls.release(held, "<Response>2</Response>")
    assert (held.winner, held.twiml) == ("rule", "<Response>1</Response>")


@pytest.mark.parametrize("rival", ["deadline", "close", "hang-up", "release", "answer"])
def test_two_at_the_same_moment(rival: str) -> None:
    """Answer against deadline, shutdown, hang-up or another answer: one wins, and is told so."""
    rivals: dict[str, Callable[[HeldCalls, HeldCall], object]] = {
        "deadline": lambda calls, held: calls.wait(held),
        "close": lambda calls, _: calls.close(),
        "hang-up": lambda calls, _: calls.hang_up(thing=_PHONE, call_sid="CA1"),
        "release": lambda calls, held: calls.release(held),
        "answer": lambda calls, _: _answer(calls, "<Response>2</Response>", request_id="two"),
    }
    tally: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(_ROUNDS):
            calls = HeldCalls()
            held = _hold(calls, seconds=0.0001 if rival == "deadline" else 5)
            start = threading.Barrier(2)

            def race(do: Callable[[], object], start: threading.Barrier = start) -> object:
                start.wait(30)
                return do()

            mine = pool.submit(race, lambda calls=calls: _answer(calls, request_id="one"))  # type: ignore[misc]
            theirs = pool.submit(race, lambda calls=calls, held=held: rivals[rival](calls, held))  # type: ignore[misc]
            verdicts = (mine.result(30), theirs.result(30))
            winner = calls.wait(held)
            assert verdicts[0] == ("answered" if winner == "rule" and held.twiml == "<Response/>" else "too_late")
            if rival == "answer":
                assert sorted(map(str, verdicts)) == ["answered", "too_late"]
            assert len(calls) == 0
            tally[winner] += 1
    assert sum(tally.values()) == _ROUNDS


def test_many_waiters_of_one_request() -> None:
    """All copies of a request get the same winner and the same answer."""
    calls = HeldCalls()
    held = _hold(calls)
    waiting = threading.Semaphore(0)

    def wait() -> tuple[str, str]:
        joined, first = calls.hold(thing=_PHONE, call_sid="CA1", key="k", lasting=False, seconds=30)
        assert joined is not None and not first
        waiting.release()
        return calls.wait(joined), joined.twiml

    with ThreadPoolExecutor(8) as pool:
        copies = [pool.submit(wait) for _ in range(8)]
        assert all(waiting.acquire(timeout=30) for _ in range(8))
        _answer(calls, "<Response>1</Response>")
        assert {copy.result(30) for copy in copies} == {("rule", "<Response>1</Response>")}
    assert held.winner == "rule"


def test_many_calls_from_many_threads() -> None:
    """Hundreds of calls, answered from other threads in any order: every caller gets the answer meant for it."""
    calls = HeldCalls()
    names = [f"CA{number}" for number in range(300)]

    def call(name: str) -> str:
        held = _hold(calls, name, call=name, seconds=10)
        return held.twiml if calls.wait(held) == "rule" else "default"

    def rule(name: str) -> str:
        wait_until(lambda: _answer(calls, name, call=name) == "answered", 10, "the call to be held")
        return name

    with ThreadPoolExecutor(40) as callers, ThreadPoolExecutor(4) as rules:
        heard = [callers.submit(call, name) for name in names]
        told = [rules.submit(rule, name) for name in names]
        assert [answer.result(20) for answer in heard] == names
        assert [answer.result(20) for answer in told] == names
    assert len(calls) == 0


class HeldCallsMachine(RuleBasedStateMachine):
    """Any order of events: exactly one winner for each request, in the order of arrival."""

    requests: Bundle[HeldCall] = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.calls = HeldCalls(limit=4, clock=self.clock)
        self.waiting: list[HeldCall] = []
        self.over: dict[HeldCall, tuple[str, str]] = {}
        self.lasting: dict[str, HeldCall] = {}
        self.given: dict[tuple[str, str], str] = {}
        self.closed = False

    def _end(self, held: HeldCall, winner: str, twiml: str = "") -> None:
        self.waiting.remove(held)
        self.over[held] = (winner, twiml)
        if held.lasting:
            self.lasting[held.key] = held

    @rule(target=requests, call=st.sampled_from("AB"), key=st.sampled_from("xyz"), lasting=st.booleans())
    def hold(self, call: str, key: str, *, lasting: bool) -> HeldCall | MultipleResults[HeldCall]:
        """Twilio asks."""
        key = f"{call} {key} {lasting}"
        held, first = self.calls.hold(thing=_PHONE, call_sid=call, key=key, lasting=lasting, seconds=5)
        known = next((other for other in self.waiting if other.key == key), None) or self.lasting.get(key)
        if known is not None:
            assert (held, first) == (known, False)
            return multiple()
        assert first
        if self.closed or len(self.waiting) >= 4:
            assert held is None
            return multiple()
        assert held is not None
        self.waiting.append(held)
        return held

    @rule(
        call=st.sampled_from("AB"), request_id=st.sampled_from(["", "one", "two", "three"]), twiml=st.sampled_from("12")
    )
    def answer(self, call: str, request_id: str, twiml: str) -> None:
        """A rule answers."""
        verdict = _answer(self.calls, twiml, call=call, request_id=request_id)
        if request_id and (call, request_id) in self.given:
            assert verdict == self.given[call, request_id]
            return
        held = next((held for held in self.waiting if held.call_sid == call), None)
        if held is not None:
            assert verdict == "answered"
            self._end(held, "rule", twiml)
        else:
            known = any(held.call_sid == call for held in self.over)
            assert verdict == ("too_late" if known else "unknown_call")
        if request_id and verdict != "unknown_call":
            self.given[call, request_id] = verdict

    @rule(held=requests)
    def reach_the_deadline(self, held: HeldCall) -> None:
        """Time goes by until a request's deadline."""
        self.clock.now = max(self.clock.now, held.deadline)
        winner = self.calls.wait(held)
        if held in self.waiting:
            assert winner == "deadline"
            self._end(held, "deadline")

    @rule(held=requests, twiml=st.sampled_from(["", "3"]))
    def release(self, held: HeldCall, twiml: str) -> None:
        """The holder releases a request."""
        self.calls.release(held, twiml)
        if held in self.waiting:
            self._end(held, "rule" if twiml else "deadline", twiml)

    @rule(call=st.sampled_from("AB"))
    def hang_up(self, call: str) -> None:
        """A caller hangs up."""
        mine = [held for held in self.waiting if held.call_sid == call]
        assert self.calls.hang_up(thing=_PHONE, call_sid=call) == len(mine)
        for held in mine:
            self._end(held, "hang-up")

    @precondition(lambda self: len(self.over) > 5)
    @rule()
    def close(self) -> None:
        """The process ends."""
        assert self.calls.close() == len(self.waiting)
        self.closed = True
        for held in tuple(self.waiting):
            self._end(held, "shutdown")

    @invariant()
    def all_is_as_expected(self) -> None:
        """The held requests and the winners are those of the model."""
        assert len(self.calls) == len(self.waiting)
        assert all(held.winner is None and not held.done.is_set() for held in self.waiting)
        for held, (winner, twiml) in self.over.items():
            assert (held.winner, held.twiml, held.done.is_set()) == (winner, twiml, True)


TestHeldCalls = HeldCallsMachine.TestCase
TestHeldCalls.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_long_answers_of_many_calls() -> None:
    """Answers are stored for second copies, up to a limit of some megabytes."""
    calls = HeldCalls()
    tracemalloc.start()
    for number in range(600):
        held = _hold(calls, str(number), call=f"CA{number}", lasting=True)
        _answer(calls, f"<Response><Say>{number}{'x' * 60_000}</Say></Response>", call=f"CA{number}")
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 15_000_000
    again, first = calls.hold(thing=_PHONE, call_sid="CA599", key="599", lasting=True, seconds=5)
    assert (again, first) == (held, False)
