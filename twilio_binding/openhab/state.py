"""The state of the connection to openHAB, as a table: no I/O, no threads."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto


class ConnectionState(Enum):
    """How far the connection is: whether it is connected, prepared for deliveries, and known to be down.

    A connection that has just broken is not known to be down yet: openHAB may be back in a moment.
    """

    CONNECTING = (False, False, False)
    DOWN = (False, False, True)
    PREPARING = (True, False, False)
    NOT_READY = (True, False, True)
    PREPARED = (True, True, False)
    WITHOUT_RELAY_RULE = (True, True, True)

    def __init__(self, is_connected: bool, is_prepared: bool, is_down: bool) -> None:  # noqa: FBT001 - the values above
        self.is_connected = is_connected
        """The event stream is open."""
        self.is_prepared = is_prepared
        """Registries are read and states restored, so that the script may get events."""
        self.is_down = is_down
        """No rule hears events, unless the script takes them."""


class ConnectionChange(Enum):
    """What happens to the connection."""

    OPENED = auto()
    """The event stream was opened."""
    LOST = auto()
    """The event stream broke off, or could not be opened."""
    PREPARED = auto()
    """Registries are read and states restored."""
    RELAY_RULE_READY = auto()
    """The relay rule runs as well."""
    FAILED = auto()
    """An attempt to prepare it failed, and there is no way to deliver."""


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
"""What is not named here changes nothing: a preparation may end after the connection broke."""
