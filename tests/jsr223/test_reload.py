"""Rules that act while openHAB loads the script anew: they wait for the next copy, and get their results."""

from __future__ import annotations

import threading
import time

from tests.jsr223.conftest import PATIENCE, PHONE, Stack, set_patience
from tests.waiting import wait_until
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request

_TO = "+15557654321"


class Acting:
    """A rule that acts again and again, on an object that it keeps, as rules of the UI do."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="acting")
        self.sent: list[str] = []
        self.results: list[object] = []
        self.longest = 0.0
        stack.openhab.control("keep", thing=PHONE, **{"as": "acting"})
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            self.sent.append(f"text {len(self.sent)}")
            self.results.append(self._stack.call("sendSMS", _TO, self.sent[-1], kept="acting")["result"])
            self.longest = max(self.longest, time.monotonic() - began)
            self._over.wait(0.01)

    def wait_for_more(self) -> None:
        """Wait for some results."""
        least = len(self.results) + 5
        wait_until(lambda: len(self.results) >= least, 60)

    def stop(self) -> None:
        """End after the call that is under way."""
        self._over.set()
        self._thread.join()


def _requests(stack: Stack) -> list[str]:
    found = []
    while not stack.service.requests.empty():
        found.append(str(stack.service.requests.get().args["message"]))
    return found


def test_a_rule_that_acts_during_a_reload_gets_its_result(stack: Stack) -> None:
    """Each call succeeds, and each text is sent once, over three reloads."""
    acting = Acting(stack)
    try:
        for _ in range(3):
            acting.wait_for_more()
            stack.load()
            stack.wait_for(PHONE, "ONLINE")
        acting.wait_for_more()
    finally:
        acting.stop()
    assert acting.results == [True] * len(acting.sent)
    assert _requests(stack) == acting.sent


def test_openhab_keeps_the_actions_meanwhile(stack: Stack) -> None:
    """Rules that look the actions up find them, but for a moment: a rule in Rules DSL without them fails for half a minute."""
    stack.openhab.control("unload", name="bridge")
    assert stack.has_actions(PHONE)
    stack.load()
    stack.wait_for(PHONE, "ONLINE")
    assert stack.call("sendSMS", _TO, "x")["result"] is True


def test_a_call_under_way_ends_before_the_copy_that_has_it(stack: Stack) -> None:
    """The service's answer to a request of the old copy reaches the rule that has asked."""
    asked = threading.Event()

    def slowly(request: Request) -> Reply:
        asked.set()
        time.sleep(0.4)
        return Reply(id=request.id, ok=True, result={"sid": "SM7"})

    stack.service.reply = slowly
    results: list[object] = []
    rule = threading.Thread(target=lambda: results.append(stack.call("sendSMSResult", _TO, "x")["result"]))
    rule.start()
    assert asked.wait(60)
    stack.load()
    rule.join(60)
    assert '"sid":"SM7"' in str(results)
    stack.wait_for(PHONE, "ONLINE")


def test_a_changed_patience_makes_another_class_and_rules_go_on(stack: Stack) -> None:
    """A copy whose actions are another class withdraws those that were left, and calls that wait in them go through."""
    stack.openhab.control("keep", thing=PHONE, **{"as": "older"})
    try:
        set_patience(stack.conf, PATIENCE + 1)
        stack.load()
        stack.wait_for(PHONE, "ONLINE")
        assert stack.call("sendSMS", _TO, "x", kept="older")["result"] is True
        assert stack.call("sendSMS", _TO, "x")["result"] is True
    finally:
        set_patience(stack.conf, PATIENCE)
        stack.load()
        stack.wait_for(PHONE, "ONLINE")
    assert stack.call("sendSMS", _TO, "x", kept="older")["result"] is True


def test_the_script_loads_nothing_slow(stack: Stack) -> None:
    """Rules wait while openHAB loads the script, so it does without the modules that take long in GraalPy."""
    slow = {"dataclasses", "inspect", "pathlib", "urllib.parse", "datetime", "uuid", "xml.sax"}
    assert stack.evaluate(f"sorted({slow} & set(__import__('sys').modules))") == "[]"


_VALUES = """
from twilio_binding.protocol.values import dataclass, field, replace

@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    name: str
    other: str = "x"

@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Base):
    found: dict = field(default_factory=dict)
    secret: str = field(default="s", repr=False)

one, two = Value(name="n"), Value(name="n")
one.found["a"] = 1
found = [
    (one.name, one.other, one.secret, two.found),
    one == two, two == Value(name="n"), two == Base(name="n"), hash(Base(name="n")) == hash(Base(name="n")),
    replace(one, other="y").found, replace(one, other="y").other, one.other, "secret" in repr(one),
]
"""


def test_its_values_are_like_dataclasses(stack: Stack) -> None:
    """Defaults, fields of a base class, equality, copies with changes, and no secret in the text of a value."""
    stack.evaluate(f"exec({_VALUES!r}, globals().setdefault('own', {{}}))")
    expected = [("n", "x", "s", {}), False, True, False, True, {"a": 1}, "y", "x", False]
    assert stack.evaluate("own['found']") == repr(expected)
