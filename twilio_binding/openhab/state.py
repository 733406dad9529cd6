"""The state of the connection to openHAB, as a table: no I/O, no threads."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto


class ConnectionState(Enum):
    """The state of the connection. A connection that has just broken is not down: openHAB may be back in a moment.

    `is_connected`: the event stream is open. `is_prepared`: registries are read and states restored. `is_down`: openHAB is
    known to be down; no rule gets events, unless the script takes them.
    """

    # connected, prepared, down
    CONNECTING = False, False, False
    """There was no event stream yet, or it has just been lost."""
    DOWN = False, False, True
    """There is no event stream, and openHAB does not answer."""
    PREPARING = True, False, False
    """The event stream is open; registries are being read and states restored."""
    NOT_READY = True, False, True
    """Like PREPARING, for an openHAB that was down: it is starting, or something is missing."""
    PREPARED = True, True, False
    """Registries are read and states restored; script and relay rule can get events."""
    WITHOUT_RELAY_RULE = True, True, True
    """Like PREPARED, but the relay rule does not run yet: only the script can get events."""

    def __init__(self, *facts: bool) -> None:
        self.is_connected, self.is_prepared, self.is_down = facts


class ConnectionChange(Enum):
    """Events of the connection."""

    OPENED = auto()
    """The event stream was opened."""
    LOST = auto()
    """The event stream was lost, or could not be opened."""
    PREPARED = auto()
    """Registries are read and states restored."""
    RELAY_RULE_READY = auto()
    """The relay rule runs, too."""
    FAILED = auto()
    """An attempt to prepare openHAB failed, and there is no way to deliver."""


TRANSITIONS: Mapping[tuple[ConnectionState, ConnectionChange], ConnectionState] = {
    (ConnectionState.CONNECTING, ConnectionChange.OPENED): ConnectionState.PREPARING,
    (ConnectionState.CONNECTING, ConnectionChange.LOST): ConnectionState.DOWN,
    (ConnectionState.CONNECTING, ConnectionChange.FAILED): ConnectionState.DOWN,
    (ConnectionState.DOWN, ConnectionChange.OPENED): ConnectionState.NOT_READY,
    (ConnectionState.PREPARING, ConnectionChange.PREPARED): ConnectionState.PREPARED,
    (ConnectionState.PREPARING, ConnectionChange.FAILED): ConnectionState.NOT_READY,
    (ConnectionState.PREPARING, ConnectionChange.LOST): ConnectionState.CONNECTING,
    (ConnectionState.NOT_READY, ConnectionChange.PREPARED): ConnectionState.WITHOUT_RELAY_RULE,
    (ConnectionState.NOT_READY, ConnectionChange.LOST): ConnectionState.DOWN,
    (ConnectionState.PREPARED, ConnectionChange.FAILED): ConnectionState.WITHOUT_RELAY_RULE,
    (ConnectionState.PREPARED, ConnectionChange.LOST): ConnectionState.CONNECTING,
    (ConnectionState.WITHOUT_RELAY_RULE, ConnectionChange.RELAY_RULE_READY): ConnectionState.PREPARED,
    (ConnectionState.WITHOUT_RELAY_RULE, ConnectionChange.LOST): ConnectionState.DOWN,
}
"""Changes that are not listed have no effect: a preparation may end after the connection was lost."""
