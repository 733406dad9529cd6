"""The state of the connection to openHAB, as its table has it."""

from __future__ import annotations

import pytest

from twilio_binding.openhab.state import TRANSITIONS, ConnectionChange, ConnectionState


def after(*changes: ConnectionChange, begin: ConnectionState = ConnectionState.CONNECTING) -> ConnectionState:
    """The state after these changes."""
    state = begin
    for change in changes:
        state = TRANSITIONS.get((state, change), state)
    return state


@pytest.mark.parametrize("state", ConnectionState)
def test_lost_is_never_connected(state: ConnectionState) -> None:
    """A connection that broke is neither connected nor prepared, whatever it was."""
    found = after(ConnectionChange.LOST, begin=state)
    assert not found.is_connected
    assert not found.is_prepared


@pytest.mark.parametrize("state", [state for state in ConnectionState if not state.is_connected])
@pytest.mark.parametrize("change", [ConnectionChange.PREPARED, ConnectionChange.RELAY_RULE_READY])
def test_preparation_that_ends_after_the_connection(state: ConnectionState, change: ConnectionChange) -> None:
    """What was prepared before the connection broke does not count for the next one."""
    assert after(change, begin=state) == state


def test_broken_and_back_at_once_is_not_down() -> None:
    """A connection that breaks while openHAB runs may be back in a moment: callers keep waiting for rules."""
    changes = [
        ConnectionChange.OPENED,
        ConnectionChange.PREPARED,
        ConnectionChange.RELAY_RULE_READY,
        ConnectionChange.LOST,
    ]
    assert not after(*changes).is_down
    assert not after(*changes, ConnectionChange.OPENED).is_down
    assert after(*changes, ConnectionChange.LOST).is_down
    assert after(*changes, ConnectionChange.FAILED).is_down


def test_down_until_the_relay_rule_runs() -> None:
    """An openHAB that starts is down until everything is ready, although its event stream is open."""
    changes = [ConnectionChange.LOST, ConnectionChange.OPENED, ConnectionChange.PREPARED]
    assert all(after(*changes[: number + 1]).is_down for number in range(len(changes)))
    assert after(*changes, ConnectionChange.RELAY_RULE_READY) == ConnectionState.PREPARED


@pytest.mark.parametrize(("before", "change"), TRANSITIONS)
def test_connected_by_opening_only(before: ConnectionState, change: ConnectionChange) -> None:
    """Only an event stream that opens connects."""
    assert not TRANSITIONS[before, change].is_connected or before.is_connected or change is ConnectionChange.OPENED
