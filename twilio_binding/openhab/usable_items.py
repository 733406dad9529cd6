"""Items that contacts use by text and phone: their list, states, commands and effects."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.model.item_topics import state_topic, updated_item
from twilio_binding.model.sentences.items import ReachableItems
from twilio_binding.model.sentences.states import ItemState
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.http import AnswerLostError, OpenHABRequests
from twilio_binding.openhab.items import state_of
from twilio_binding.openhab.registries.reachable import ReachableRegistry
from twilio_binding.settings import OpenHABSettings
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_TEXT = "text/plain"
_PATIENCE = 2.0
"""Seconds for one request, because somebody waits for the reply."""
_INTERPRETER = 5.0
_LOOK = 0.5
"""Seconds after which states are read if no event has arrived."""
_STATES = "/items?fields=name,state,transformedState,unitSymbol"
_MANY = 8
"""Up to so many items are read one by one."""

Effects = Mapping[str, Callable[[str], bool]]


class UsableItems:
    """Uses openHAB's items. Raises `DependencyDownError` or `OpenHABRefusedError`.

    `is_down` returns whether openHAB is known to be down, `wanted` whether anybody may use items at all.
    """

    def __init__(
        self, server: OpenHABSettings, *, is_down: Callable[[], bool], wanted: Callable[[], bool] = lambda: False
    ) -> None:
        self._requests = OpenHABRequests(server)
        self._registry = ReachableRegistry(self._requests)
        self._is_down = is_down
        self._wanted = wanted
        self._lock = threading.Lock()
        self._waiting: dict[str, list[queue.SimpleQueue[tuple[str, str]]]] = {}
        self.changed: Subscribers[[]] = Subscribers()
        """Notified when the usable items changed."""

    def reachable(self, *, fresh: bool = False) -> ReachableItems:
        """The items as of some seconds ago; `fresh` reads them again. If openHAB is down, the last ones."""
        before = self._registry.known
        try:
            self._see_up()
            found = self._registry.current(fresh=fresh)
        except DependencyDownError:
            if not self._registry.was_read:
                raise
            return before
        if found is not before:
            self.changed.notify()
        return found

    def prime(self) -> None:
        """Read the items before they are needed."""
        if not self._wanted():
            return
        self._registry.try_again()
        try:
            self.reachable(fresh=True)
        except (DependencyDownError, OpenHABRefusedError) as error:
            _log.info("items.not_read", reason=str(error))

    def topics(self) -> set[str]:
        """The topics of the event stream with effects of commands."""
        items = self._registry.known.by_name.values() if self._wanted() else ()
        names = {name for item in items if item.can_command for name in (item.name, *item.members)}
        return set(map(state_topic, names))

    def follow(self, topic: str, payload: str) -> None:
        """Handle an event of an item."""
        item = updated_item(topic)
        if waiting := self._waiting.get(item):
            state = str(json.loads(payload).get("value", ""))
            for one in tuple(waiting):
                one.put((item, state))

    def states(self, *names: str) -> Mapping[str, ItemState]:
        """The states of items; missing items are left out."""
        self._see_up()
        if len(names) > _MANY:
            listed = self._requests.send("GET", _STATES, timeout=_PATIENCE).entries()
            wanted = set(names)
            return {str(one["name"]): state_of(one) for one in listed if one.get("name") in wanted}
        found = {}
        for name in names:
            answer = self._requests.send("GET", f"/items/{name}?metadata=none", timeout=_PATIENCE)
            if answer.status != 404:
                found[name] = state_of(answer.decoded())
        return found

    def carry_out(self, item: str, command: str, effects: Effects, seconds: float) -> bool:
        """Send a command, and wait for the states that `effects` wants; returns whether the items have them in time.

        After the command was sent, nothing is raised, because it must not be sent again.
        """
        self._see_up()
        with self._told_of(effects) as told:
            try:
                answer = self._requests.send("POST", f"/items/{item}", command, content_type=_TEXT, timeout=_PATIENCE)
            except AnswerLostError as error:
                _log.info("items.answer_lost", item=item, reason=str(error))
            else:
                if answer.status == 400:
                    raise OpenHABRefusedError("the item does not accept this command", status=400)
                answer.checked()
            try:
                return self._await(told, dict(effects), time.monotonic() + seconds)
            except (DependencyDownError, OpenHABRefusedError) as error:
                _log.info("items.effect_unknown", item=item, reason=str(error))
                return False

    def interpret(self, interpreter: str, language: str, text: str) -> str | None:
        """What one of openHAB's interpreters answers; None if it does not understand."""
        self._see_up()
        path = f"/voice/interpreters/{quote(interpreter, safe='')}"
        answer = self._requests.send(
            "POST",
            path,
            text,
            accept=_TEXT,
            content_type=_TEXT,
            timeout=_INTERPRETER,
            more={"Accept-Language": language},
        )
        if answer.status in (400, 404):
            return None
        return answer.checked().decode("utf-8", "replace").strip() or None

    def close(self) -> None:
        """Close the connections."""
        self._requests.close()

    def _see_up(self) -> None:
        if self._is_down():
            raise DependencyDownError("openHAB does not answer")

    def _await(
        self, told: queue.SimpleQueue[tuple[str, str]], left: dict[str, Callable[[str], bool]], until: float
    ) -> bool:
        while left:
            remaining = until - time.monotonic()
            if remaining <= 0:
                return False
            try:
                name, state = told.get(timeout=min(remaining, _LOOK))
                found = {name: state}
            except queue.Empty:
                found = {name: state.value for name, state in self.states(*left).items()}
            for name, state in found.items():
                if name in left and left[name](state):
                    del left[name]
        return True

    @contextmanager
    def _told_of(self, effects: Effects) -> Iterator[queue.SimpleQueue[tuple[str, str]]]:
        told: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        with self._lock:
            for name in effects:
                self._waiting.setdefault(name, []).append(told)
        try:
            yield told
        finally:
            with self._lock:
                for name in effects:
                    self._waiting[name].remove(told)
                    if not self._waiting[name]:
                        del self._waiting[name]
