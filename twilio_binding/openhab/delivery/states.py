"""Item states over REST, for an openHAB whose relay rule sets none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.delivery.relay_text import Firing, ItemState
from twilio_binding.openhab.delivery.set_aside import SetAside
from twilio_binding.openhab.rest import RestClient

_TRIES = 3
"""How often a state is put before it is set aside."""


class StateWriter:
    """Puts the states of events, each once, also when the event has to be delivered again."""

    def __init__(self, rest: RestClient, aside: SetAside) -> None:
        self._rest = rest
        self._aside = aside
        self._put: set[tuple[str, str, str]] = set()
        self._failures: Counter[str] = Counter()

    def write(self, firing: Firing) -> bool:
        """Put the states of an event; returns whether there were any. Raises `DependencyDownError` for another try."""
        states = [state for state in firing.states if (firing.id, state.item, state.link) not in self._put]
        for state in states:
            self._write(state)
            self._put.add((firing.id, state.item, state.link))
        return bool(states)

    def forget(self, firings: Sequence[Firing]) -> None:
        """These events have been delivered."""
        done = {firing.id for firing in firings}
        self._put = {key for key in self._put if key[0] not in done}

    def _write(self, state: ItemState) -> None:
        try:
            self._rest.put_state(state.item, state.text)
        except OpenHABRefusedError as error:
            self._aside.refused(state.item, state.link, str(error))
        except DependencyDownError as error:
            self._failures[state.item] += 1
            if self._failures[state.item] < _TRIES:
                raise
            self._aside.refused(state.item, state.link, str(error))
        else:
            self._failures.pop(state.item, None)
            self._aside.taken(state.item, state.link)
