"""The client of the script inside openHAB, with invalid answers."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from tests.clock import Clock
from tests.conftest import Announced
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.calls import encode_refusal
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.events import MAX_EVENTS, BridgeEvent, EventAnswer, decode_events, encode_answers
from twilio_binding.protocol.signing import HEADER, SignatureGate, sign_answer

_SECRET = "shared"
_EVENTS = [BridgeEvent(id="1", thing="twilio:phone:a:b", channel="sms-received", payload="{}")]


class Servlet:
    """Stands where the connection to openHAB is; answers as it is told."""

    def __init__(self) -> None:
        self.gate = SignatureGate(_SECRET)
        self.batches: list[list[BridgeEvent]] = []
        self.answer: tuple[int, bytes] | None = None
        self.signs_with = _SECRET
        self.nonce: str | None = None
        self.lost = False

    def call_script(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Take the events and answer."""
        assert path == "/twilio/bridge/events"
        nonce = self.gate.admit("events", body, headers[HEADER], float(headers[HEADER].split(".")[1]) / 1000)
        self.batches.append(decode_events(body))
        if self.lost:
            raise DependencyDownError("openHAB does not answer")
        answers = encode_answers([EventAnswer(id=event.id, outcome="done") for event in self.batches[-1]])
        status, answer = self.answer or (200, answers)
        known = nonce if self.nonce is None else self.nonce
        return status, answer, sign_answer(self.signs_with, known, status, answer)


def announcement(**more: object) -> Announcement:
    """What a usable script says."""
    given = {"instance": "i", "bridge": "1", "features": ("events",), **more}
    return Announcement(**given)  # type: ignore[arg-type]


@pytest.fixture
def servlet() -> Servlet:
    """A servlet that does all right."""
    return Servlet()


@pytest.fixture
def clock() -> Clock:
    """The client's clock."""
    return Clock(100.0)


@pytest.fixture
def script(clock: Clock) -> ScriptClient:
    """The client of a script that was announced."""
    script = ScriptClient(_SECRET, cure="run twilio-binding install", clock=clock)
    script.announce(announcement())
    return script


def deliver(script: ScriptClient, servlet: Servlet, events: list[BridgeEvent] | None = None) -> list[EventAnswer]:
    """Deliver events to the servlet."""
    return script.deliver(servlet, events or _EVENTS)


def test_all_in_order(script: ScriptClient, servlet: Servlet) -> None:
    """More events than fit into one call go in several calls, in order, each with its answer."""
    events = [BridgeEvent(id=str(number), thing="twilio:phone:a:b") for number in range(2 * MAX_EVENTS + 1)]
    answers = deliver(script, servlet, events)
    assert [answer.id for answer in answers] == [event.id for event in events]
    assert [event for batch in servlet.batches for event in batch] == events
    assert len(servlet.batches) == 3


def test_never_announced(servlet: Servlet) -> None:
    """Before an announcement it is closed, and nothing is delivered."""
    script = ScriptClient(_SECRET)
    assert not script.is_open
    with pytest.raises(DependencyDownError):
        deliver(script, servlet)
    assert servlet.batches == []


@pytest.mark.parametrize("more", [{"version": 2}, {"features": ()}, {"features": ("actions",)}])
def test_unusable_script(script: ScriptClient, announced: Announced, more: dict[str, object]) -> None:
    """A script of another version, or one that accepts no events, gets none, and that is logged."""
    announced("bridge.unusable")
    script.announce(announcement(**more))
    assert not script.is_open


def test_goodbye(script: ScriptClient) -> None:
    """A script that says goodbye closes the script."""
    script.announce(None)
    assert not script.is_open


@pytest.mark.parametrize(
    "wrong",
    [
        {"signs_with": "another"},
        {"nonce": "of another call"},
        {"nonce": ""},
        {"answer": (404, b"<html>")},
        {"answer": (200, b"<html>")},
        {"answer": (200, encode_answers([]))},
        {"answer": (200, encode_answers([EventAnswer(id="2", outcome="done")]))},
        {"answer": (200, b'{"answers":[{"id":"1","outcome":"perhaps"}]}')},
        {"answer": (503, encode_refusal(Refusal("unloading", "it goes"), 1.0))},
        {"answer": (403, encode_refusal(Refusal("clock", "it differs"), 1.0)), "nonce": ""},
        {"lost": True},
    ],
)
def test_closed_after_a_failure(
    script: ScriptClient, servlet: Servlet, clock: Clock, announced: Announced, wrong: dict[str, object]
) -> None:
    """After any failure the client is closed for a moment, because the outcome of the events is unknown."""
    announced("bridge.unusable")
    for name, value in wrong.items():
        setattr(servlet, name, value)
    with pytest.raises(DependencyDownError):
        deliver(script, servlet)
    assert not script.is_open
    clock.now += 5
    assert script.is_open


def test_opened_by_a_new_announcement(script: ScriptClient, servlet: Servlet) -> None:
    """A script that was loaded again need not wait for that."""
    servlet.lost = True
    with pytest.raises(DependencyDownError):
        deliver(script, servlet)
    script.announce(announcement(instance="j"))
    assert script.is_open


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"signs_with": "another", "answer": (403, encode_refusal(Refusal("bad_signature", "no"), 1.0))}, "secret"),
        ({"answer": (403, encode_refusal(Refusal("clock", "no"), 1.0)), "nonce": ""}, "clocks"),
        ({"signs_with": "", "answer": (400, encode_refusal(Refusal("other_version", "no"), 1.0))}, "another version"),
    ],
)
def test_script_that_cannot_be_used(
    script: ScriptClient, servlet: Servlet, wrong: dict[str, object], told: str
) -> None:
    """A problem that somebody must solve is an error, logged once with the cure, until the script answers or is replaced."""
    for name, value in wrong.items():
        setattr(servlet, name, value)
    with capture_logs() as entries:
        for _ in range(3):
            assert not script.ask(servlet)
    assert told in script.problem
    assert told == "clocks" or "twilio-binding install" in script.problem
    assert entries == [{"event": "bridge.unusable", "log_level": "error", "reason": script.problem}]
    servlet.signs_with, servlet.answer, servlet.nonce = _SECRET, None, None
    assert script.ask(servlet)
    assert script.problem == ""


def test_another_script_has_no_problem_yet(script: ScriptClient, servlet: Servlet, announced: Announced) -> None:
    """A script that was installed anew, or went, is not blamed for the one before."""
    announced("bridge.unusable")
    servlet.signs_with, servlet.answer = "another", (403, encode_refusal(Refusal("bad_signature", "no"), 1.0))
    for instead in (announcement(instance="j"), None):
        assert not script.ask(servlet)
        assert script.problem
        script.announce(instead)
        assert script.problem == ""


def test_the_same_announcement_again(script: ScriptClient, servlet: Servlet, announced: Announced) -> None:
    """A repeated announcement neither ends the problem nor logs it twice."""
    announced("bridge.unusable")
    servlet.signs_with, servlet.answer = "another", (403, encode_refusal(Refusal("bad_signature", "no"), 1.0))
    assert not script.ask(servlet)
    with capture_logs() as entries:
        script.announce(announcement())
        assert not script.ask(servlet)
    assert entries == []
    assert "another secret" in script.problem


def test_whoever_shows_the_problem_is_told(announced: Announced) -> None:
    """A problem that begins, and one that ends, is told when it does."""
    announced("bridge.unusable")
    told: list[bool] = []
    fresh = ScriptClient(_SECRET)
    fresh.problem_changed.subscribe(lambda: told.append("version" in fresh.problem))
    fresh.announce(announcement(version=99))
    fresh.announce(announcement(version=99))
    fresh.announce(announcement(instance="j"))
    assert told == [True, False]


def test_script_of_another_service(servlet: Servlet) -> None:
    """A script that does not announce itself to us is not reported."""
    script = ScriptClient(_SECRET)
    servlet.signs_with, servlet.answer = "another", (403, encode_refusal(Refusal("bad_signature", "no"), 1.0))
    assert not script.ask(servlet)
    assert script.problem == ""


def test_unsigned_refusals_of_others(script: ScriptClient, servlet: Servlet) -> None:
    """A proxy that answers 403 in its own words says nothing about the script."""
    servlet.signs_with, servlet.answer = "another", (403, b"<html>Forbidden</html>")
    assert not script.ask(servlet)
    assert script.problem == ""


def test_reason_for_people(script: ScriptClient, servlet: Servlet, announced: Announced) -> None:
    """The reason of a refusal is passed on."""
    announced("bridge.unusable")
    servlet.answer, servlet.nonce = (403, encode_refusal(Refusal("clock", "the clocks differ"), 1.0)), ""
    with pytest.raises(DependencyDownError, match="the script in openHAB: the clocks differ"):
        deliver(script, servlet)


def test_how_long_the_script_is_there(script: ScriptClient, servlet: Servlet, clock: Clock) -> None:
    """It counts from the script's first answer; the script is asked once, and a delivery counts, too."""
    script.announce(announcement())
    assert not script.has_answered_for(30, servlet)
    clock.now += 40
    script.deliver(servlet, _EVENTS)
    assert script.has_answered_for(30, servlet)
    assert servlet.batches == [[], _EVENTS]


@pytest.mark.parametrize("lost", [True, False])
def test_an_announcement_alone_proves_nothing(
    script: ScriptClient, servlet: Servlet, clock: Clock, *, lost: bool
) -> None:
    """The broker keeps an announcement longer than openHAB may live: something else may answer."""
    script.announce(announcement())
    servlet.lost, servlet.signs_with = lost, "another"
    for _ in range(2):
        assert not script.has_answered_for(30, servlet)
        clock.now += 40
    servlet.lost, servlet.signs_with = False, _SECRET
    assert not script.has_answered_for(30, servlet)
    clock.now += 30
    assert script.has_answered_for(30, servlet)


def test_another_script_begins_anew(script: ScriptClient, servlet: Servlet, clock: Clock) -> None:
    """A script that comes back, another one in its place, and a stream that broke off: all count from their first word."""
    for instance, doubts in (("i", False), ("another", False), ("another", True)):
        script.announce(announcement(instance=instance))
        if doubts:
            script.doubt()
        assert not script.has_answered_for(30, servlet)
        clock.now += 30
        assert script.has_answered_for(30, servlet)
    script.announce(None)
    assert not script.has_answered_for(0, servlet)
