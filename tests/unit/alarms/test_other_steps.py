"""Steps for items and topics while openHAB or the broker cannot carry them out."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.unit.alarms.alarm_office import FIRE, AlarmOffice, ScriptedItems, ScriptedTwilio
from tests.waiting import wait_until
from twilio_binding.alarms.engine import Engine
from twilio_binding.alarms.other_steps import OtherSteps, SaidOfRun
from twilio_binding.errors import DependencyDownError
from twilio_binding.model.alarm_run import Record, Run, replayed
from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.protocol.errors import Refusal, TwilioBindingError


class FailingItems(ScriptedItems):
    """An openHAB that fails `number` times before it carries out a command."""

    def __init__(self, error: TwilioBindingError, number: int) -> None:
        super().__init__()
        self._error = error
        self._left = number

    def send_command(self, item: str, command: str) -> None:
        """Fail, or note the command."""
        self.tries += 1
        if self._left:
            self._left -= 1
            raise self._error
        self.commands.append((item, command))


def _run(steps: str) -> Run:
    body = {"steps": steps, "number": 1}
    records = [
        Record(run="r", alarm=FIRE, kind="started", body=body),
        Record(run="r", alarm=FIRE, kind="step"),
    ]
    return replayed(records)["r"]


@pytest.mark.parametrize(
    ("error", "number", "is_done"),
    [
        (DependencyDownError("openHAB is down"), 500, True),
        (OpenHABRefusedError("there is no such item", status=404), 15, True),
        (OpenHABRefusedError("there is no such item", status=404), 500, False),
    ],
)
def test_how_long_a_command_is_tried(error: TwilioBindingError, number: int, *, is_done: bool) -> None:
    """As long as it is wanted if openHAB is down; if openHAB refuses it, as long as openHAB may be starting. One error says so."""
    items, engine, done = FailingItems(error, number), Engine(), list[str]()
    steps = OtherSteps(items, lambda *_: None, lambda *_: None, engine, lambda _: False)
    steps.carried.subscribe(lambda _, name: done.append(name))
    with capture_logs() as entries:
        engine.start(lambda: None, lambda: 60.0)
        steps.start()
        said = SaidOfRun(payload="{}", notification="Smoke")
        steps.carry_out(_run("item Siren ON; wait 60s"), (1,), said, lambda *_: True)
        wait_until(lambda: done == ["1.0"])
        steps.stop(1e9)
        engine.stop(1e9)
    assert bool(items.commands) is is_done
    assert [one["given_up"] for one in entries if one["log_level"] == "error"] == ([not is_done] if number > 20 else [])


def test_refusals_count_apart_from_an_outage() -> None:
    """A long outage is reported, and leaves openHAB as much time to load its items afterwards as without the outage."""
    down, refused = DependencyDownError("openHAB is down"), OpenHABRefusedError("there is no such item", status=404)
    sent = list[str]()
    errors: list[TwilioBindingError] = [*[down] * 30, *[refused] * 3]
    assert _tried("item Siren ON; wait 60s", errors, sent) == [False] and sent == ["ON"]
    errors = [*[down] * 30, *[refused] * 500]
    assert _tried("item Siren ON; wait 60s", errors, sent) == [False, True] and sent == ["ON"]
    assert len(errors) == 480


def test_a_message_that_the_broker_can_never_accept_is_tried_once() -> None:
    """Some brokers end the connection when they get it. One that is refused for another reason is tried again."""
    never, refused = Refusal("x", "it is too long"), Refusal("x", "not authorized", retryable=True)
    sent = list[str]()
    errors: list[TwilioBindingError] = [never] * 2
    assert _tried("mqtt house/text fire; wait 60s", errors, sent) == [True] and (len(errors), sent) == (1, [])
    errors = [refused] * 15
    assert _tried("mqtt house/text fire; wait 60s", errors, sent) == [] and sent == ["fire"]


def _tried(steps: str, errors: list[TwilioBindingError], sent: list[str]) -> list[bool]:
    """Carry out the first step, which fails with each of `errors`; returns `given_up` of the errors in the log."""
    engine, done = Engine(), list[str]()

    def send(_target: str, what: str) -> None:
        if errors:
            raise errors.pop(0)
        sent.append(what)

    class Items(ScriptedItems):
        def send_command(self, item: str, command: str) -> None:
            send(item, command)

    others = OtherSteps(Items(), send, send, engine, lambda _: False)
    others.carried.subscribe(lambda _, name: done.append(name))
    with capture_logs() as entries:
        engine.start(lambda: None, lambda: 60.0)
        others.start()
        others.carry_out(_run(steps), (1,), SaidOfRun(payload="{}", notification="Smoke"), lambda *_: True)
        wait_until(lambda: done == ["1.0"])
        others.stop(1e9)
        engine.stop(1e9)
    return [one["given_up"] for one in entries if one["log_level"] == "error"]


def test_a_notification_is_not_tried_forever() -> None:
    """Without the script it never succeeds."""
    tries, engine, done = list[str](), Engine(), list[str]()

    def notify(user: str, _text: str) -> None:
        tries.append(user)
        raise DependencyDownError("the script is not installed")

    steps = OtherSteps(ScriptedItems(), lambda *_: None, notify, engine, lambda _: False)
    steps.carried.subscribe(lambda _, name: done.append(name))
    with capture_logs() as entries:
        engine.start(lambda: None, lambda: 60.0)
        steps.start()
        steps.carry_out(_run("notify; wait 60s"), (1,), SaidOfRun(payload="{}", notification="Smoke"), lambda *_: True)
        wait_until(lambda: done == ["1.0"])
        steps.stop(1e9)
        engine.stop(1e9)
    assert len(tries) == 20 and [one["given_up"] for one in entries if one["log_level"] == "error"] == [True]


def test_of_two_commands_that_wait_the_newer_is_sent(tmp_path: Path, announced: Announced) -> None:
    """A siren that was to sound and then to be silent stays silent when openHAB is back."""
    announced("alarm.started")
    steps = "item Siren ON, item Light ON; wait 60s; item Siren OFF; wait 60s"
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps=steps) as office:
        office.items.is_down = True
        office.alarms.start(FIRE)
        office.wait(lambda: office.items.tries > 1)
        office.pass_time(60)
        office.wait(lambda: office.view().step == "item Siren OFF")
        office.items.is_down = False
        office.wait(lambda: office.stored().count("carried") == 3)
        assert sorted(office.items.commands) == [("Light", "ON"), ("Siren", "OFF")]


def test_steps_for_one_topic_without_a_wait_come_in_order(tmp_path: Path, announced: Announced) -> None:
    """All of them, and each once; a step waits for an earlier one about the same item, even if openHAB is slow."""
    announced("alarm.started")
    steps = "; ".join(f"mqtt house/text {number}" for number in range(20))
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps=f"item Siren ON; item Siren OFF; {steps}; wait 60s") as office:
        office.items.may_go_on.clear()
        office.alarms.start(FIRE)
        office.wait(lambda: office.items.tries)
        assert office.alarms.start(FIRE).step == "item Siren ON"
        office.items.may_go_on.set()
        office.wait(lambda: office.published[-1:] == [("house/text", "19")])
        assert office.items.commands == [("Siren", "ON"), ("Siren", "OFF")]
        assert [text for _, text in office.published] == [str(number) for number in range(20)]


def test_a_slow_command_is_not_overtaken(tmp_path: Path, announced: Announced) -> None:
    """If openHAB is slow with ON, it gets OFF afterwards, although it is due; other items do not wait."""
    announced("alarm.started")
    may_go_on = threading.Event()

    class SlowItems(ScriptedItems):
        def send_command(self, item: str, command: str) -> None:
            if command == "ON":
                may_go_on.wait(60)
            self.commands.append((item, command))

    steps = "item Siren ON; wait 60s; item Siren OFF, item Light OFF; wait 60s"
    with AlarmOffice(tmp_path, ScriptedTwilio(), steps=steps, items=SlowItems()) as office:
        office.alarms.start(FIRE)
        office.pass_time(60)
        office.wait(lambda: office.items.commands == [("Light", "OFF")])
        may_go_on.set()
        office.wait(lambda: office.items.commands[1:] == [("Siren", "ON"), ("Siren", "OFF")])
