"""The actions of things while the script reloads: openHAB keeps them, and a rule that calls one waits for the next copy.

openHAB ends one copy before it begins the next, and gives no actions of a thing without a handler. So until the next copy
comes, the things have a handler that does nothing; if none comes, the actions go as if the script had withdrawn them.
Everything that acts in between is Java, because no Python runs then.
"""

from __future__ import annotations

from openhab_twilio.actions.bytecode import load_class
from openhab_twilio.actions.waiting_handler import INTERFACE, NAME, emit
from openhab_twilio.java.jvm import JavaObject, attempt, has, jclass
from openhab_twilio.java.services import Services

_FUTURE = "java.util.concurrent.CompletableFuture"


class Handover:
    """The actions that one copy leaves to the next for so many seconds, in the map `kept`, which survives reloads."""

    def __init__(self, services: Services, kept: JavaObject, seconds: float) -> None:
        self._services = services
        self._kept = kept
        self._seconds = seconds

    def leave(self, uid: str, thing: JavaObject, actions: JavaObject) -> None:
        """Leave the actions of `thing`, which has lost its handler, to the next copy."""
        handler = self._handler_class().getDeclaredConstructor().newInstance()
        handler.setThing(thing)
        actions.setThingHandler(handler)
        thing.setHandler(handler)
        timer = jclass(_FUTURE)()
        self._kept.put(f"end {uid}", timer.thenRunAsync(actions))
        self._kept.put(f"timer {uid}", timer)
        self._kept.put(f"held {uid}", actions)
        timer.completeOnTimeout(None, round(self._seconds * 1000), jclass("java.util.concurrent.TimeUnit").MILLISECONDS)

    def leave_again(self, uid: str, thing: JavaObject) -> None:
        """Let the actions that an older copy left for a thing wait on, although the thing had a handler of this copy meanwhile."""
        timer, held = self._kept.get(f"timer {uid}"), self._kept.get(f"held {uid}")
        if timer is not None and not timer.isDone() and thing.getHandler() is None:
            thing.setHandler(held.getThingHandler())

    def take(self, uid: str, actions: JavaObject) -> JavaObject | None:
        """The registration of `actions`, if they were left; others that were left for the thing are withdrawn."""
        timer, held = self._kept.remove(f"timer {uid}"), self._kept.remove(f"held {uid}")
        end = self._kept.remove(f"end {uid}")
        if timer is None:
            return None
        if not timer.cancel(False):
            # The time may be over at this moment.
            attempt(
                "waiting for the end of actions", lambda: end.get(2, jclass("java.util.concurrent.TimeUnit").SECONDS)
            )
            return None
        if held.equals(actions):
            return held.getRegistration()
        attempt("withdrawing actions of another version", held.getRegistration().unregister)
        return None

    def prepare(self) -> None:
        """Prepare the end, while the things still have their handlers."""
        self._handler_class()

    def _handler_class(self) -> JavaObject:
        if self._kept.get("waiting handler") is None:
            made = load_class(NAME, emit(self._services.load(INTERFACE)), self._services.context)
            self._kept.put("waiting handler", made)
        return self._kept.get("waiting handler")


def can_wait(actions: JavaObject) -> bool:
    """Whether calls can wait in an object; those of versions before 0.1 cannot."""
    return has(actions, "hold")
