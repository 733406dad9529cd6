"""The steps of an alarm that need no Twilio: MQTT, commands to items, notifications of openHAB Cloud."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from twilio_binding.alarms.ports import AlarmItems, Notify, Publish
from twilio_binding.clock import Backoff
from twilio_binding.errors import DependencyDownError
from twilio_binding.model import alarm_plan
from twilio_binding.model.alarm_run import Run
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.workers import Workers

_log = structlog.get_logger(__name__)

_PAUSES = (0.5, 1.0, 2.0, 5.0)
_TRIES = 20


class OtherSteps:
    """Carries them out on threads of its own. While openHAB is down a command is tried again, as long as it is wanted."""

    def __init__(self, items: AlarmItems, publish: Publish, notify: Notify, wait: Callable[[float], bool]) -> None:
        self._items = items
        self._publish = publish
        self._notify = notify
        self._wait = wait
        self._workers = Workers(4)
        self.start, self.stop = self._workers.start, self._workers.stop

    def carry_out(self, run: Run, action: alarm_plan.Action, payload: str, is_wanted: Callable[[], bool]) -> None:
        """Carry a step out, soon. `payload` is the JSON of the run; `is_wanted` is asked before each further try."""
        match action:
            case alarm_plan.MqttStep(topic=topic, payload=given):
                work = partial(self._publish, topic, given or payload)
            case alarm_plan.ItemStep(item=item, command=command):
                work = partial(self._items.send_command, item, command)
            case alarm_plan.NotifyStep(user=user):
                work = partial(self._notify, user, run.message)
            case _:
                return
        self._workers.put(partial(self._try, run.alarm, work, is_wanted))

    def _try(self, alarm: str, work: Callable[[], None], is_wanted: Callable[[], bool]) -> None:
        backoff = Backoff(*_PAUSES)
        for _ in range(_TRIES):
            try:
                work()
            except DependencyDownError as error:
                reason = str(error)
            except TwilioBindingError as error:
                reason = str(error)
                break
            except Exception:
                _log.exception("alarm.step_failed", thing=alarm)
                return
            else:
                return
            if self._wait(backoff.failed()) or not is_wanted():
                return
        _log.error("alarm.step_failed", thing=alarm, reason=reason)
