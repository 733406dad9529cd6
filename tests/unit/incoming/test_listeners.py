"""For whom calls wait."""

from __future__ import annotations

import pytest

from tests.conftest import Announced
from twilio_binding.incoming.listeners import KnownListeners

_THING = "twilio:phone:home:main"
_CALLS = f"{_THING}:call-received"
_KEYS = f"{_THING}:dtmf-received"


class Kept:
    """A store; `broken` makes it fail."""

    def __init__(self, *channels: str, broken: bool = False) -> None:
        self.channels = set(channels)
        self.broken = broken

    def answered_channels(self) -> set[str]:
        """A copy, as a store gives it."""
        return set(self.channels)

    def add_answered_channel(self, channel: str) -> None:
        """Keep it."""
        if self.broken:
            raise OSError
        self.channels.add(channel)

    def drop_answered_channel(self, channel: str) -> None:
        """Drop it."""
        if self.broken:
            raise OSError
        self.channels.discard(channel)


def _in_vain(known: KnownListeners, times: int) -> None:
    for n in range(times):
        known.not_answered(_THING, "call-received", f"CA{n}")
        known.waited_in_vain(_THING, "call-received", f"CA{n}")


def test_only_calls_in_a_row_count() -> None:
    """Calls keep waiting for a program that answers now and then."""
    known = KnownListeners((), Kept(_CALLS))
    for _ in range(5):
        _in_vain(known, 4)
        known.answered(_THING, "call-received", "CA")
    assert known.is_anyone(_THING, "call-received")


def test_a_late_answer_ends_the_row() -> None:
    """A slow program exists."""
    known = KnownListeners((), Kept(_CALLS))
    for _ in range(5):
        _in_vain(known, 4)
        known.came_late(_THING, "CA1")
    assert known.is_anyone(_THING, "call-received")


def test_five_in_vain_are_enough() -> None:
    """The fifth call in a row that waits in vain is the last; the phone's other channel is not affected."""
    kept = Kept(_CALLS, _KEYS)
    known = KnownListeners((), kept)
    _in_vain(known, 4)
    assert known.is_anyone(_THING, "call-received")
    _in_vain(known, 5)
    assert not known.is_anyone(_THING, "call-received")
    assert kept.channels == {_KEYS}


def test_one_caller_alone_is_not_enough() -> None:
    """One key after the other in one call counts once."""
    known = KnownListeners((), Kept(_KEYS))
    for _ in range(9):
        known.not_answered(_THING, "dtmf-received", "CA1")
        known.waited_in_vain(_THING, "dtmf-received", "CA1")
    assert known.is_anyone(_THING, "dtmf-received")


def test_a_late_answer_in_a_call_that_went_on_teaches_nothing() -> None:
    """If a call and its keys were both unanswered, it is unknown which one the answer belongs to."""
    known = KnownListeners((), Kept())
    known.not_answered(_THING, "call-received", "CA1")
    known.not_answered(_THING, "dtmf-received", "CA1")
    known.came_late(_THING, "CA1")
    assert not known.is_anyone(_THING, "call-received")
    assert not known.is_anyone(_THING, "dtmf-received")


def test_a_second_answer_to_the_keys_is_none_to_the_call() -> None:
    """A rule for keys that answers twice does not make callers wait for their greeting."""
    known = KnownListeners((), Kept(_KEYS))
    known.not_answered(_THING, "call-received", "CA1")
    known.answered(_THING, "dtmf-received", "CA1")
    known.came_late(_THING, "CA1")
    assert not known.is_anyone(_THING, "call-received")


def test_a_known_rule_is_waited_for_whatever_it_did() -> None:
    """A rule that openHAB reports counts even if it never answers."""
    known = KnownListeners((lambda channel: channel == _CALLS,), Kept())
    _in_vain(known, 9)
    assert known.is_anyone(_THING, "call-received")


def test_who_is_known_is_not_remembered() -> None:
    """The answer of a known rule is not stored, and ends the memory of an unknown one."""
    hearing = {_CALLS}
    kept = Kept(_CALLS)
    known = KnownListeners((hearing.__contains__,), kept)
    known.answered(_THING, "call-received", "CA")
    known.not_answered(_THING, "call-received", "CA2")
    known.came_late(_THING, "CA2")
    assert kept.channels == set()
    hearing.clear()
    assert not known.is_anyone(_THING, "call-received")


def test_the_last_answer_of_a_rule_that_goes() -> None:
    """A known rule that is removed while it answers does not count as an unknown program; one that answers later does."""
    now, hearing = [100.0], {_CALLS}
    known = KnownListeners((hearing.__contains__,), Kept(), clock=lambda: now[0])
    assert known.is_anyone(_THING, "call-received")
    hearing.clear()
    known.answered(_THING, "call-received", "CA")
    assert not known.is_anyone(_THING, "call-received")
    now[0] += 30
    known.answered(_THING, "call-received", "CA2")
    assert known.is_anyone(_THING, "call-received")


def test_a_source_that_does_not_know_yet() -> None:
    """Callers wait meanwhile, and an answer does not count as that of a known rule."""
    kept = Kept(_CALLS)
    known = KnownListeners((lambda _: None,), kept)
    assert known.is_anyone(_THING, "call-received")
    assert known.is_anyone(_THING, "dtmf-received")
    known.answered(_THING, "call-received", "CA")
    assert kept.channels == {_CALLS}


def test_nobody_hears_while_answers_cannot_come() -> None:
    """Answers arrive through the broker: while it is down, nobody is waited for."""
    up: list[bool] = []
    known = KnownListeners((lambda _: True,), Kept(_CALLS), can_answer=lambda: bool(up))
    assert not known.is_anyone(_THING, "call-received")
    up.append(True)
    assert known.is_anyone(_THING, "call-received")


def test_callers_who_did_not_wait_do_not_count() -> None:
    """A call that ended meanwhile, or found no place, says nothing about the rule."""
    known = KnownListeners((), Kept(_CALLS))
    for n in range(9):
        known.not_answered(_THING, "call-received", f"CA{n}")
    assert known.is_anyone(_THING, "call-received")


@pytest.mark.parametrize("call_sid", ["CA9", ""])
def test_an_answer_to_no_call_teaches_nothing(call_sid: str) -> None:
    """Only incoming calls show which channel it is."""
    known = KnownListeners((), Kept())
    known.not_answered(_THING, "call-received", "CA1")
    known.came_late(_THING, call_sid)
    known.came_late("twilio:phone:home:other", "CA1")
    assert not known.is_anyone(_THING, "call-received")


def test_old_calls_are_let_go_of() -> None:
    """The memory of unanswered calls is limited."""
    known = KnownListeners((), Kept())
    for n in range(1001):
        known.not_answered(_THING, "call-received", f"CA{n}")
    known.came_late(_THING, "CA0")
    assert not known.is_anyone(_THING, "call-received")
    known.came_late(_THING, "CA1")
    assert known.is_anyone(_THING, "call-received")


def test_a_store_that_fails_changes_nothing_for_callers(announced: Announced) -> None:
    """What was learned counts until the next start."""
    announced("listeners.not_stored")
    known = KnownListeners((), Kept(broken=True))
    known.answered(_THING, "call-received", "CA")
    assert known.is_anyone(_THING, "call-received")
    _in_vain(known, 5)
    assert not known.is_anyone(_THING, "call-received")


def test_a_call_that_was_answered_meanwhile_was_not_in_vain() -> None:
    """An answer just after the deadline counts before it is known whether anybody was notified."""
    known = KnownListeners((), Kept(_CALLS))
    for n in range(9):
        known.not_answered(_THING, "call-received", f"CA{n}")
        known.came_late(_THING, f"CA{n}")
        known.waited_in_vain(_THING, "call-received", f"CA{n}")
    assert known.is_anyone(_THING, "call-received")
