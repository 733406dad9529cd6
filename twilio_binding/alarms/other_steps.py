"""Steps of an alarm that need no Twilio: MQTT, commands to items, notifications of openHAB Cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import assert_never

import structlog

from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.ports import AlarmItems, Notify, Publish
from twilio_binding.clock import Backoff
from twilio_binding.errors import DependencyDownError
from twilio_binding.model import alarm_plan
from twilio_binding.model.alarm_run import Run
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.subscribers import Subscribers
from twilio_binding.workers import Turns, Workers

_log = structlog.get_logger(__name__)

_PAUSES = (0.5, 1.0, 2.0, *(5.0,) * 30, 30.0)
_MANY = 20
"""Number of failed tries after which a step is reported, and number of refusals after which it is given up.

Every failed notification counts as a refusal. While openHAB starts, it also refuses commands to items that it has not read yet.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfRun:
    """The content of these steps: `payload` is the JSON of the run, `notification` the text for openHAB's apps."""

    payload: str
    notification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _OtherStep:
    """One step, with its `name` in the run."""

    run: Run
    name: str
    action: alarm_plan.OtherAction
    said: SaidOfRun


class OtherSteps:
    """Carries the steps out on its own threads. While openHAB or the broker is down, a step is retried as long as it is wanted.

    A step that the end of the process interrupted begins again with the next start.
    """

    carried: Subscribers[[str, str]]
    """Called with run and name when an action is done or given up; on the engine's thread."""

    def __init__(
        self, items: AlarmItems, publish: Publish, notify: Notify, engine: Engine, wait: Callable[[float], bool]
    ) -> None:
        self.carried = Subscribers()
        self._engine = engine
        self._items = items
        self._publish = publish
        self._notify = notify
        self._wait = wait
        self._workers = Workers(4)
        self._turns = Turns()
        self.start, self.stop = self._workers.start, self._workers.stop

    def carry_out(self, run: Run, steps: Iterable[int], said: SaidOfRun, is_wanted: Callable[[str, str], bool]) -> None:
        """Carry out soon what these steps do besides notifying people, except what is done already.

        Before each try, `is_wanted` is called with the id of the run and the name of the action.
        """
        for step in steps:
            for name, action in run.actions_of(step).items():
                self._begin(_OtherStep(run=run, name=name, action=action, said=said), partial(is_wanted, run.id, name))

    def _begin(self, step: _OtherStep, is_wanted: Callable[[], bool]) -> None:
        match step.action:
            case alarm_plan.MqttStep(topic=topic, payload=given):
                work = partial(self._publish, topic, given or step.said.payload)
            case alarm_plan.ItemStep(item=item, command=command):
                work = partial(self._items.send_command, item, command)
            case alarm_plan.NotifyStep(user=user):
                work = partial(self._notify, user, step.said.notification)
            case _:
                assert_never(step.action)
        self._workers.put(partial(self._carry_out, step, work, is_wanted))

    def _carry_out(self, step: _OtherStep, work: Callable[[], None], is_wanted: Callable[[], bool]) -> None:
        if self._try(step, work, is_wanted):
            self._engine.tell(partial(self.carried.notify, step.run.id, step.name))

    def _try(self, step: _OtherStep, work: Callable[[], None], is_wanted: Callable[[], bool]) -> bool:
        """Whether the step is done or given up; False if the process ends first."""
        backoff, tries, refusals = Backoff(*_PAUSES), 0, 0
        while True:
            tries += 1
            try:
                # Two at the same time could arrive in the wrong order.
                with self._turns.of(alarm_plan.target_of(step.action)):
                    if is_wanted():
                        work()
            except TwilioBindingError as error:
                refusals += _is_refusal(step.action, error)
                is_over = refusals >= _MANY or _is_impossible(step.action, error)
                if tries == _MANY or is_over:
                    _log.error("alarm.step_failed", thing=step.run.alarm, reason=str(error), given_up=is_over)
                if is_over:
                    return True
            except Exception:
                _log.exception("alarm.step_failed", thing=step.run.alarm)
                return True
            else:
                return True
            with self._workers.aside():  # waiting must not delay other steps
                if self._wait(backoff.failed()):
                    return False


def _is_refusal(action: alarm_plan.OtherAction, error: TwilioBindingError) -> bool:
    """Whether an error is no outage that ends by itself.

    Without the script, a notification would never succeed, and openHAB would log each try.
    """
    return isinstance(action, alarm_plan.NotifyStep) or not isinstance(error, DependencyDownError)


def _is_impossible(action: alarm_plan.OtherAction, error: TwilioBindingError) -> bool:
    """Whether the broker can never accept a message; some brokers would end the connection with each try."""
    return isinstance(action, alarm_plan.MqttStep) and not error.retryable
