"""Delivers events to the script inside openHAB, which passes them to its things and reports each outcome."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.script_call import Line, UnsignedAnswerError, signed_call
from twilio_binding.protocol.announcement import PATH, VERSION, Announcement
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.events import MAX_EVENTS, BridgeEvent, EventAnswer, decode_answers, encode_events
from twilio_binding.subscribers import Subscribers

_log = structlog.get_logger(__name__)

_CLOSED = 5.0
"""Seconds after a failure before the script is tried again, unless it announces itself again."""
_RELOAD = 8.0
"""Seconds after its last message in which the script is expected back, because openHAB is probably reloading it. A rule in Rules DSL that runs meanwhile does not find Twilio's actions, and openHAB remembers that for half a minute."""
_CAUSES = {
    "bad_signature": "has another secret than the service: it was installed with another data folder; {cure}",
    "other_version": "is of another version than the service; {cure}",
    "clock": "accepts no events because the clocks of the service and of openHAB differ by more than a minute; "
    "synchronize both machines, for example with NTP",
}


class ScriptClient:
    """Calls the script. The client is open from the script's announcement until it leaves, and closed for a moment after a failure.

    `problem` says what is wrong with the script, and what to do; `problem_changed` is notified when that changed. `cure`
    tells how to install the right one.
    """

    def __init__(
        self,
        secret: str,
        *,
        cure: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret = secret
        self._cure = cure
        self.problem_changed: Subscribers[[]] = Subscribers()
        self._clock = clock
        self._lock = threading.Lock()
        self._announcement: Announcement | None = None
        self._heard_at: float | None = None
        self._closed_until = 0.0
        self._left_at: float | None = None
        self._announced = False
        self.problem = ""

    @property
    def is_open(self) -> bool:
        """Whether events can be sent to it now."""
        return self._announcement is not None and self._clock() >= self._closed_until

    @property
    def is_expected_back(self) -> bool:
        """Whether the script left so recently that it is probably being reloaded."""
        left_at = self._left_at
        return left_at is not None and self._clock() - left_at < _RELOAD

    def doubt(self) -> None:
        """Doubt the announcement: it is retained by the broker, and openHAB may be another one now."""
        with self._lock:
            self._heard_at = self._left_at = None

    def ask(self, line: Line) -> bool:
        """Ask the script whether it can be used, announced or not."""
        announcement = self._announcement
        with suppress(DependencyDownError, Refusal):
            self._call(line, announcement.path if announcement else PATH, ())
            return True
        return False

    def has_answered_for(self, seconds: float, line: Line) -> bool:
        """Whether the script has been running for so long; asks it if it has not reported yet."""
        announcement = self._announcement
        if announcement is None:
            return False
        if self._heard_at is None:
            self.ask(line)
        heard_at = self._heard_at
        return heard_at is not None and self._clock() - heard_at >= seconds

    def announce(self, announcement: Announcement | None) -> None:
        """Take over the announcement of the script; None when it has gone."""
        usable = announcement is not None and announcement.version == VERSION
        usable = usable and announcement is not None and "events" in announcement.features
        self._announced = announcement is not None
        if announcement is not None and not usable:
            self._explain("other_version")
        with self._lock:
            was, self._announcement = self._announcement, announcement if usable else None
            self._closed_until = 0.0
            is_another = was is None or announcement is None or was.instance != announcement.instance
            if is_another:
                self._heard_at = None
            if announcement is not None:
                self._left_at = None
            elif was is not None:
                self._left_at = self._clock()
        if is_another and (usable or announcement is None):
            self._say("")
        if (was is None) != (self._announcement is None):
            _log.info("bridge.open" if usable else "bridge.gone")

    def deliver(self, line: Line, events: Sequence[BridgeEvent]) -> list[EventAnswer]:
        """Deliver events in order; returns the outcome of each. Raises `DependencyDownError` if the outcome is unknown.

        Then the same events can be delivered again, or fired by the relay rule: each takes effect once.
        """
        announcement = self._announcement
        if announcement is None:
            raise DependencyDownError("the script in openHAB has gone")
        try:
            answers = [
                answer
                for start in range(0, len(events), MAX_EVENTS)
                for answer in self._call(line, announcement.path, events[start : start + MAX_EVENTS])
            ]
        except (DependencyDownError, Refusal) as error:
            with self._lock:
                self._closed_until = self._clock() + _CLOSED
            _log.info("bridge.closed", reason=str(error))
            raise DependencyDownError(f"the script in openHAB: {error}") from None
        return answers

    @property
    def features(self) -> tuple[str, ...] | None:
        """The features that the script has announced; None if it has announced nothing."""
        announcement = self._announcement
        return announcement.features if announcement else None

    def _call(self, line: Line, path: str, events: Sequence[BridgeEvent]) -> list[EventAnswer]:
        try:
            answers = decode_answers(signed_call(self._secret, line, path, "events", encode_events(events)))
        except UnsignedAnswerError as error:
            self._explain(error.refusal)
            raise
        except Refusal as refusal:
            self._explain(refusal.code)
            raise
        if [one.id for one in answers] != [event.id for event in events]:
            raise Refusal("malformed", "it answers for other events than it was given")
        with self._lock:
            self._heard_at = self._heard_at or self._clock()
        self._say("")
        return answers

    def _explain(self, code: str) -> None:
        """The problem that a user has to solve. A script that never announced itself belongs to somebody else."""
        cause = _CAUSES.get(code, "")
        if cause and self._announced:
            self._say(f"the script in openHAB {cause.format(cure=self._cure)}")

    def _say(self, problem: str) -> None:
        if problem == self.problem:
            return
        self.problem = problem
        if problem:
            _log.error("bridge.unusable", reason=problem)
        self.problem_changed.notify()
