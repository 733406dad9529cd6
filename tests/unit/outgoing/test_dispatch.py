"""Actions: a request delivered twice is carried out once and answered twice; errors are answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.conftest import Announced
from tests.unit.outgoing.office import OTHER, PHONE, TO, Office, sms
from tests.waiting import wait_until
from twilio_binding.outgoing import dispatch
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office at work."""
    with Office(tmp_path) as office:
        yield office


def _asked(office: Office) -> int:
    return len(office.gateway.asked)


def test_delivered_again_afterwards(office: Office) -> None:
    """A repeated request gets the same reply, and nothing is sent."""
    first = office.ask(sms())
    assert office.ask(sms()) == first
    assert _asked(office) == 1


def test_a_stored_request_is_found(office: Office) -> None:
    """It is found by its id, and nothing is found for an id that is not stored."""
    office.ask(sms())
    found = office.sends.find("r1")
    assert found is not None
    assert (found.request.args["to"], office.sends.find("r2")) == (TO, None)


def test_delivered_again_meanwhile(office: Office) -> None:
    """Copies that arrive while the first is in progress get its reply."""
    office.gateway.open.clear()
    for _ in range(5):
        office.submit(sms())
    wait_until(lambda: _asked(office), 5, "Twilio to be asked")
    office.submit(sms())
    assert office.replies == []
    office.gateway.open.set()
    assert len({reply.result["sid"] for reply in office.wait(6)}) == 1
    assert _asked(office) == 1


def test_delivered_again_at_the_very_end(office: Office) -> None:
    """A copy that was read just before the first ended notices that, and does not send again."""
    office.gateway.open.clear()
    office.submit(sms())
    wait_until(lambda: _asked(office), 5, "Twilio to be asked")
    office.outbox.shut.set()
    copies: list[Reply] = []
    copy = threading.Thread(target=office.actions.submit, args=(sms(), copies.append))
    copy.start()
    office.outbox.inside.acquire(timeout=30)
    office.gateway.open.set()
    first = office.wait(1)
    office.outbox.opened.set()
    copy.join(30)
    wait_until(lambda: copies, 5, "the copy's reply")
    assert copies == first
    assert _asked(office) == 1


def test_delivered_again_after_a_restart(tmp_path: Path) -> None:
    """The reply survives a restart."""
    with Office(tmp_path) as office:
        first = office.ask(sms())
    with Office(tmp_path) as office:
        assert office.ask(sms()) == first
        assert _asked(office) == 0


@pytest.mark.parametrize(
    "other",
    [
        sms(message="Ho"),
        sms(to="+15557654322"),
        sms(to=[TO]),
        sms(thing=OTHER),
        Request(thing=PHONE, action="sendWhatsApp", args={"to": TO, "message": "Hi"}, id="r1"),
    ],
)
def test_id_used_again(office: Office, other: Request) -> None:
    """An id that another request used is refused: nothing is sent, and the other's reply is not revealed."""
    assert office.ask(sms()).ok
    reply = office.ask(other)
    assert (reply.ok, reply.code, reply.result) == (False, "id_reused", {})
    assert _asked(office) == 1


def test_short_form_is_sent_each_time(office: Office) -> None:
    """Requests without an id are all carried out."""
    assert office.ask(sms("")).ok
    assert office.ask(sms("")).ok
    assert _asked(office) == 2


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (sms(thing="twilio:phone:a:nope"), "unknown_thing"),
        (sms(thing="twilio:account:a"), "unknown_thing"),
        (replace(sms(), action="sendFax"), "unknown_action"),
        (replace(sms(), args={"to": TO}), "empty_message"),
        (replace(sms(), args={"message": "Hi"}), "missing_argument"),
        (sms(to="5557654321x"), "bad_number"),
        (replace(sms(), action="createItemMediaUrl", args={"itemName": ""}), "missing_argument"),
    ],
)
def test_requests_that_cannot_be_carried_out(office: Office, request_: Request, code: str) -> None:
    """An invalid request gets its error code; nothing is stored, and Twilio is not asked."""
    reply = office.ask(request_)
    assert (reply.id, reply.ok, reply.code) == ("r1", False, code)
    assert (_asked(office), office.outbox.unfinished()) == (0, [])
    assert office.ask(sms()).ok


@pytest.mark.parametrize("action", ["createItemMediaUrl", "createProxyMediaUrl", "respondWithTwiml", "sendSMS"])
def test_metrics_know_the_actions(office: Office, announced: Announced, action: str) -> None:
    """Every action is counted under its name, and unknown ones under one name."""
    announced("answer.lost")
    office.ask(Request(thing=PHONE, action=action, args={}))
    office.ask(Request(thing=PHONE, action="made-up", args={}))
    text = office.metrics.text().decode()
    assert f'action="{action}"' in text
    assert 'action="unknown",outcome="unknown_action"' in text
    assert "made-up" not in text


def test_respond(office: Office, announced: Announced) -> None:
    """A rule's TwiML answers the call immediately, is not stored, and late ones are refused."""
    announced("answer.lost")
    args: dict[str, object] = {"callSid": " CA1 ", "twiml": "\n<Response/> "}
    request = Request(thing=PHONE, action="respondWithTwiml", args=args, id="r1")
    assert office.ask(request).code == "unknown_call"
    held, _ = office.held.hold(thing=PHONE, call_sid="CA1", key="k", lasting=False, seconds=5)
    assert held is not None
    assert office.ask(request).ok
    assert (office.held.wait(held), held.twiml) == ("rule", "<Response/>")
    assert office.ask(replace(request, id="r2")).code == "too_late"
    assert office.ask(request).ok
    assert office.outbox.unfinished() == []


def test_broken_reader_of_replies(office: Office, announced: Announced) -> None:
    """A failing callback is called once, and affects neither other replies nor a worker."""
    announced("reply.failed")
    calls: list[Reply] = []

    def fail(reply: Reply) -> None:
        calls.append(reply)
        raise RuntimeError("cannot publish")

    for number in range(8):
        office.actions.submit(sms(f"r{number}"), fail)
    office.actions.submit(replace(sms("x"), action="nope"), fail)
    wait_until(lambda: len(calls) == 9, 5, "all replies")
    assert office.ask(sms("last")).ok


def test_outbox_out_of_order(office: Office, announced: Announced) -> None:
    """A request that cannot be stored is not sent; the reply says that it can be tried again, but not why."""
    announced("store.write_failed", "action.failed")
    office.database.write(lambda connection: connection.execute("DROP TABLE parts"))
    reply = office.ask(sms())
    assert (reply.ok, reply.code, reply.retryable) == (False, "internal", True)
    assert "parts" not in reply.message
    assert _asked(office) == 0


def test_outcome_that_cannot_be_stored(tmp_path: Path, announced: Announced) -> None:
    """If the disk fails after Twilio accepted a message, the repeated request finds the message at Twilio."""
    announced("store.write_failed", "send.failed", "send.unknown")
    with Office(tmp_path) as office:
        refuse = "CREATE TRIGGER full BEFORE UPDATE OF outcome ON parts BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        office.database.write(lambda connection: connection.execute(refuse))
        assert office.ask(sms()).code == "internal"
        office.database.write(lambda connection: connection.execute("DROP TRIGGER full"))
        reply = office.ask(sms())
        assert (reply.ok, reply.result["sid"]) == (True, "SM1")
        assert _asked(office) == 1


def test_stop_leaves_the_rest_in_the_outbox(tmp_path: Path) -> None:
    """What was not begun when the process stops is answered by the next process."""
    with Office(tmp_path, workers=1) as office:
        office.gateway.open.clear()
        for number in range(5):
            office.submit(sms(f"r{number}"))
        wait_until(lambda: _asked(office), 5, "the first to be under way")
        office.actions._sends._sender.stop()
    assert [reply.id for reply in office.replies] == ["r0"]
    with Office(tmp_path) as office:
        wait_until(lambda: len(office.resumed) == 4, 5, "the rest to be taken up")
        assert sorted(reply.id for _, reply in office.resumed) == ["r1", "r2", "r3", "r4"]
        assert _asked(office) == 4


def test_call_gives_up_waiting(office: Office) -> None:
    """A caller waits for a reply no longer than permitted; the send continues."""
    office.gateway.open.clear()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        office.actions.call(sms(), timeout=0.05)
    assert time.monotonic() - started < 10
    office.gateway.open.set()
    assert office.ask(sms()).ok
    assert _asked(office) == 1


def test_stop_without_start(tmp_path: Path) -> None:
    """Stopping what never started ends at once."""
    office = Office(tmp_path)
    office.actions.stop()
    office.database.stop()


def test_failed_request_is_taken_up_by_itself(
    tmp_path: Path, announced: Announced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stored request whose end could not be stored is carried out by itself, once."""
    announced("store.write_failed", "send.failed", "send.unknown")
    monkeypatch.setattr(dispatch, "_AGAIN", 0.05)
    with Office(tmp_path) as office:
        refuse = "CREATE TRIGGER full BEFORE UPDATE OF outcome ON parts BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        office.database.write(lambda connection: connection.execute(refuse))
        assert office.ask(sms()).code == "internal"
        office.database.write(lambda connection: connection.execute("DROP TRIGGER full"))
        wait_until(lambda: not office.outbox.unfinished(), 5, "the request to be closed")
        assert _asked(office) == 1
        assert office.ask(sms()).ok


def _forbid(office: Office, column: str, name: str = "no") -> None:
    """Let each write of a column fail from now on."""
    sql = f"CREATE TRIGGER {name} BEFORE UPDATE OF {column} BEGIN SELECT RAISE(ABORT, 'forbidden'); END"
    office.database.write(lambda connection: connection.execute(sql))


def _allow(office: Office, name: str = "no") -> None:
    """Let it succeed again."""
    office.database.write(lambda connection: connection.execute(f"DROP TRIGGER {name}"))


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch, announced: Announced) -> None:
    """Failures are retried soon."""
    announced("store.write_failed", "send.failed", "send.unknown", "send.given_up", "send.not_given_up")
    monkeypatch.setattr(dispatch, "_AGAIN", 0.01)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("column", "code", "asked"), [("asked ON parts", "internal", 0), ("outcome ON parts", "unknown", 1)]
)
def test_request_that_fails_for_ever(tmp_path: Path, column: str, code: str, asked: int) -> None:
    """What fails for a lasting internal reason is tried less and less often, then ends with an error for all callers."""
    with Office(tmp_path) as office:
        _forbid(office, column)
        first = office.ask(sms())
        assert (first.code, first.retryable) == ("internal", True)
        wait_until(lambda: not office.outbox.unfinished(), 10, "the request to be given up")
        _allow(office)
        reply = office.ask(sms())
        assert (reply.code, reply.retryable) == (code, False)
        assert ("it may have been sent" if asked else "it was not sent") in reply.message
        assert "10 attempts failed (IntegrityError)" in reply.message
        assert _asked(office) == asked
    with Office(tmp_path) as office:
        assert office.ask(sms()).message == reply.message
        assert (office.resumed, _asked(office)) == ([], 0)


@pytest.mark.usefixtures("hasty")
def test_request_that_cannot_even_be_given_up(tmp_path: Path) -> None:
    """While not even the end of a request can be stored, it is retried, so that nothing is lost."""
    with Office(tmp_path) as office, capture_logs() as entries:
        _forbid(office, "asked ON parts", "no_send")
        _forbid(office, "reply ON requests", "no_end")
        assert office.ask(sms()).code == "internal"
        wait_until(lambda: any(one["event"] == "send.not_given_up" for one in entries), 10, "the tries to end")
        _allow(office, "no_send")
        _allow(office, "no_end")
        reply = office.ask(sms())
        assert (reply.ok, _asked(office)) == (True, 1)


@pytest.mark.usefixtures("hasty")
def test_list_that_is_given_up_half_way(tmp_path: Path) -> None:
    """The reply says who got the message, and who did not."""
    request = sms(to=[TO, "+15557654322"])
    with Office(tmp_path) as office:
        _forbid(office, "asked ON parts WHEN new.number = 1")
        assert office.ask(request).code == "internal"
        wait_until(lambda: not office.outbox.unfinished(), 10, "the request to be given up")
        reply = office.ask(request)
        assert reply.code == "partly_failed"
        results = reply.result["results"]
        assert isinstance(results, list)
        assert (results[0]["to"], results[0]["sid"]) == (TO, "SM1")
        assert (results[1]["to"], results[1]["error"]["code"]) == ("+15557654322", "internal")
        assert _asked(office) == 1


def test_request_that_was_late(office: Office) -> None:
    """A late request is not sent when it is repeated by a clock that says otherwise."""
    late = office.ask(sms(deadline=time.time() - 3600))
    assert late.code == "expired"
    assert office.ask(sms(deadline=time.time() + 3600)) == late
    assert office.gateway.asked == []


def test_known_request_past_its_deadline(office: Office) -> None:
    """A repeated request after its deadline gets its reply, not that it is late."""
    first = office.ask(sms(deadline=time.time() + 5))
    assert first.ok
    assert office.ask(sms("other", deadline=time.time() - 1)).code == "expired"
    again = office.ask(sms(deadline=time.time() - 1))
    assert (again.ok, again.result) == (True, first.result)
