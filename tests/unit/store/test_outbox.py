"""The outbox: a request is stored before Twilio is asked, and is recognised whatever happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twilio_binding.model.limits import Limit
from twilio_binding.outgoing.ports import Booking, Part, Sent, Stored
from twilio_binding.protocol.replies import Reply
from twilio_binding.protocol.requests import Request
from twilio_binding.store import Database, SqliteOutbox

_TO = ("+15557654321", "+15557654322")
_SENT = Sent(sid="SM1", status="queued", segments=2)
_LIMITS = (Limit(code="ceiling", what="2 messages", most=2, seconds=60.0),)
_REFUSED = Reply(id="r1", ok=False, code="twilio.21211", message="Grüße", retryable=True)


@pytest.fixture
def outbox(store: Database) -> SqliteOutbox:
    """An empty outbox, at ten past one in the morning of 1970."""
    return SqliteOutbox(store, clock=lambda: 4200.0)


def _request(request_id: str = "r1") -> Request:
    args: dict[str, object] = {"to": list(_TO), "message": "Grüße 😀", "n": [1, 2.5, None, True, {"a": []}]}
    return Request(
        thing="twilio:phone:a:b",
        action="sendSMS",
        args=args,
        id=request_id,
        reply_to="twilio/reply/x/1",
        deadline=1764000000.125,
    )


def _booking(request_id: str, part: int) -> Booking:
    return Booking(request=request_id, part=part, account="a", phone="p", recipient=_TO[part], kind="message")


def _ask(outbox: SqliteOutbox, request_id: str, part: int, asked: float) -> None:
    assert outbox.ask(_booking(request_id, part), _LIMITS, now=4200.0, asked=asked) is None


def _reopened(store: Database) -> tuple[Database, SqliteOutbox]:
    store.stop()
    again = Database(store.path)
    again.start()
    return again, SqliteOutbox(again)


def test_new_request(outbox: SqliteOutbox) -> None:
    """A new request is stored with a part for each recipient."""
    assert outbox.admit(_request(), _TO) == Stored(
        request=_request(), parts=(Part(number=0, to=_TO[0]), Part(number=1, to=_TO[1])), new=True
    )


def test_same_id(outbox: SqliteOutbox) -> None:
    """The same id finds the first request, whatever the second contains."""
    outbox.admit(_request(), _TO)
    second = outbox.admit(Request(thing="other", action="makeCall", id="r1"), ["x"])
    assert (second.request, second.new, len(second.parts)) == (_request(), False, 2)


def test_same_id_from_many_threads(outbox: SqliteOutbox) -> None:
    """Of simultaneous copies, exactly one is new."""
    with ThreadPoolExecutor(16) as pool:
        stored = list(pool.map(lambda n: outbox.admit(_request(f"r{n % 5}"), _TO), range(80)))
    assert sum(one.new for one in stored) == 5
    assert all(len(one.parts) == 2 for one in stored)


def test_progress(store: Database, outbox: SqliteOutbox) -> None:
    """Requests to Twilio, outcomes and the end are there in the next process."""
    outbox.admit(_request(), _TO)
    _ask(outbox, "r1", 0, 5000.5)
    outbox.looked("r1", 1, 2)
    _ask(outbox, "r1", 1, 5001.5)
    outbox.looked("r1", 0, 3)
    outbox.settled(_booking("r1", 0), _SENT, counts=True)
    again, outbox = _reopened(store)
    (stored,) = outbox.unfinished()
    assert stored == Stored(
        request=_request(),
        parts=(
            Part(number=0, to=_TO[0], asked=5000.5, looks=3, outcome=_SENT),
            Part(number=1, to=_TO[1], asked=5001.5),
        ),
        new=False,
    )
    outbox.settled(_booking("r1", 1), _REFUSED, counts=True)
    reply = Reply(id="r1", ok=False, code="partly_failed", message="x", result={"results": [1, "ü"]})
    outbox.closed("r1", reply)
    assert outbox.unfinished() == []
    stored = outbox.admit(_request(), _TO)
    assert (stored.reply, stored.parts[1].outcome) == (reply, _REFUSED)
    again.stop()


def test_asked_above_a_limit(outbox: SqliteOutbox) -> None:
    """Over a limit nothing is stored: Twilio was not asked, and bookings stay."""
    outbox.admit(_request(), _TO)
    outbox.admit(_request("r2"), _TO)
    _ask(outbox, "r1", 0, 5000.0)
    _ask(outbox, "r1", 1, 5000.0)
    assert outbox.ask(_booking("r2", 0), _LIMITS, now=4230.0, asked=5030.0) == (_LIMITS[0], 4260.0)
    assert [part.asked for part in outbox.admit(_request("r2"), _TO).parts] == [0, 0]
    _ask(outbox, "r1", 1, 5031.0)
    assert [part.asked for part in outbox.admit(_request(), _TO).parts] == [5000.0, 5031.0]


def test_booking_of_what_was_refused(outbox: SqliteOutbox) -> None:
    """A send noted as not sent is not counted; one that may have been sent is."""
    outbox.admit(_request(), _TO)
    outbox.admit(_request("r2"), _TO)
    _ask(outbox, "r1", 0, 5000.0)
    _ask(outbox, "r1", 1, 5000.0)
    outbox.settled(_booking("r1", 0), _REFUSED, counts=False)
    outbox.settled(_booking("r1", 1), _REFUSED, counts=True)
    _ask(outbox, "r2", 0, 5001.0)
    assert outbox.ask(_booking("r2", 1), _LIMITS, now=4201.0, asked=5002.0) == (_LIMITS[0], 4260.0)


def test_outcome_and_end_together(store: Database, outbox: SqliteOutbox) -> None:
    """The outcome of the last recipient closes the request in one transaction."""
    outbox.admit(_request(), _TO)
    outbox.settled(_booking("r1", 0), _SENT, counts=True)
    commits: list[str] = []
    store.write(lambda connection: connection.set_trace_callback(commits.append))
    commits.clear()
    reply = Reply(id="r1", ok=False, code="partly_failed", message="x")
    outbox.settled(_booking("r1", 1), _REFUSED, counts=False, reply=reply)
    assert (commits.count("COMMIT"), outbox.unfinished()) == (1, [])
    stored = outbox.admit(_request(), _TO)
    assert (stored.reply, [part.outcome for part in stored.parts]) == (reply, [_SENT, _REFUSED])


def test_unfinished(store: Database) -> None:
    """Open requests come oldest first; closed ones do not."""
    now = iter((30.0, 10.0, 20.0))
    outbox = SqliteOutbox(store, clock=lambda: next(now))
    for request_id in ("third", "first", "second"):
        outbox.admit(_request(request_id), _TO)
    outbox.closed("second", Reply(id="second", ok=True))
    assert [stored.request.id for stored in outbox.unfinished()] == ["first", "third"]


@pytest.mark.parametrize("outcome", [_SENT, Sent(sid="SM1", status="queued")])
def test_claimed(outbox: SqliteOutbox, outcome: Sent) -> None:
    """A SID belongs to a request as soon as that is stored; a refusal claims nothing."""
    outbox.admit(_request(), _TO)
    assert not outbox.is_claimed("SM1")
    outbox.settled(_booking("r1", 0), outcome, counts=True)
    outbox.settled(_booking("r1", 1), _REFUSED, counts=True)
    assert outbox.is_claimed("SM1")
    assert not outbox.is_claimed("")
    assert not outbox.is_claimed("SM2")


def test_notes_about_nothing(outbox: SqliteOutbox) -> None:
    """Notes about a missing request have no effect."""
    _ask(outbox, "nope", 0, 1)
    outbox.looked("nope", 0, 1)
    outbox.settled(_booking("nope", 0), _SENT, counts=True)
    outbox.closed("nope", _REFUSED)
    assert outbox.unfinished() == []
    assert not outbox.is_claimed("SM1")


def test_forget(store: Database) -> None:
    """Old closed requests are dropped with their parts; open ones never."""
    now = 1000.0
    outbox = SqliteOutbox(store, clock=lambda: now)
    for request_id in ("open", "closed"):
        outbox.admit(_request(request_id), _TO)
    outbox.settled(_booking("closed", 0), _SENT, counts=True)
    outbox.closed("closed", Reply(id="closed", ok=True))
    assert outbox.forget(older_than=10) == 0
    now = 2000.0
    assert outbox.forget(older_than=10) == 1
    assert store.read("SELECT count(*) FROM parts") == [(2,)]
    assert not outbox.is_claimed("SM1")
    assert [stored.request.id for stored in outbox.unfinished()] == ["open"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=8), _JSON, max_size=4), st.text(max_size=20).filter(bool))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arguments_are_kept(outbox: SqliteOutbox, args: dict[str, object], request_id: str) -> None:
    """Whatever JSON a request contains, it is equal when read: otherwise a copy would be taken for another request."""
    request = Request(thing="t", action="a", args=args, id=f"{hash(repr(args))} {request_id}")
    outbox.admit(request, ["x"])
    assert outbox.admit(request, ["x"]).request == request
