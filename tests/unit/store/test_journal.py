"""The journal: each webhook once, its deliveries in order, and what must survive a restart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.clock import Clock
from tests.conftest import Announced
from twilio_binding.incoming.ports import Recorded
from twilio_binding.model.events import Event
from twilio_binding.store import Database, SqliteAnsweredChannels, SqliteJournal

_PHONE = "twilio:phone:a:b"


@pytest.fixture
def clock() -> Clock:
    """The journal's clock."""
    return Clock()


@pytest.fixture
def journal(store: Database, clock: Clock) -> SqliteJournal:
    """An empty journal."""
    return SqliteJournal(store, clock=clock)


def _event(
    payload: str = "{}",
    *,
    sid: str = "",
    token: str = "",
    urgent: bool = False,
    lifetime: float = 60,
    states: tuple[tuple[str, str], ...] = (),
) -> Event:
    return Event(
        thing=_PHONE,
        states=states,
        channel="sms-received",
        payload=payload,
        urgent=urgent,
        lifetime=lifetime,
        sid_key=sid,
        token_key=token,
    )


def _pending(journal: SqliteJournal, *, urgent: bool = False) -> list[str]:
    return [delivery.event.payload for delivery in journal.pending("openhab", urgent=urgent, limit=100)]


def test_new_event(journal: SqliteJournal) -> None:
    """A new event is stored unchanged with everything that is delivered later."""
    event = _event(
        '{"body":"Grüße 😀\\u2028\u0000"}', states=(("a", "1"), ("b", ""), ("a", "ü\n")), urgent=True, lifetime=9.5
    )
    recorded = journal.record(event)
    assert recorded == Recorded(id=recorded.id, new=True)
    (delivery,) = journal.pending("openhab", urgent=True, limit=10)
    assert (delivery.event, delivery.id, delivery.stale, delivery.age) == (event, recorded.id, False, 0)
    assert [delivery.event for delivery in journal.pending("mqtt", urgent=True, limit=10)] == [event]
    assert journal.pending("openhab", urgent=False, limit=10) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_event(sid="s", token="t"), _event(sid="s", token="t")),
        (_event(sid="s", token="t"), _event(sid="s", token="u")),
        (_event(sid="s", token="t"), _event(sid="r", token="t")),
        (_event(sid="s"), _event(sid="s")),
        (_event(token="t"), _event(token="t")),
        (_event(sid="s", token="t"), _event(sid="s")),
        (_event(sid="s"), _event("{1}", sid="s", token="t")),
    ],
)
def test_same_event(journal: SqliteJournal, first: Event, second: Event) -> None:
    """A copy is recognised by its SID or its token; it is not stored, and gets the first one's answer."""
    recorded = journal.record(first)
    assert recorded.new
    assert journal.record(second) == Recorded(id=recorded.id, new=False)
    journal.answered(recorded.id, "<Response/>")
    assert journal.record(second) == Recorded(id=recorded.id, new=False, answer="<Response/>")
    assert len(_pending(journal)) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (_event(), _event()),
        (_event(sid="s"), _event(sid="r")),
        (_event(token="t"), _event(token="u")),
        (_event(sid="x"), _event(token="x")),
        (_event(sid="s", token="t"), _event()),
    ],
)
def test_other_event(journal: SqliteJournal, first: Event, second: Event) -> None:
    """Events without a common key are different."""
    recorded = journal.record(first)
    assert recorded.new
    assert journal.record(second) == Recorded(id=recorded.id + 1, new=True)


def test_copies_from_many_threads(journal: SqliteJournal) -> None:
    """Of simultaneous copies, exactly one is new."""
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda n: journal.record(_event(sid=f"s{n % 10}")), range(160)))
    assert sum(recorded.new for recorded in results) == 10
    assert len(_pending(journal)) == 10


def test_order_and_limit(journal: SqliteJournal) -> None:
    """Deliveries come oldest first, urgent ones apart from the others."""
    for number in range(6):
        journal.record(_event(str(number), urgent=number % 2 == 0))
    assert _pending(journal, urgent=True) == ["0", "2", "4"]
    assert _pending(journal) == ["1", "3", "5"]
    assert [delivery.event.payload for delivery in journal.pending("openhab", urgent=False, limit=2)] == ["1", "3"]
    assert journal.pending("openhab", urgent=False, limit=0) == []


def test_delivered(journal: SqliteJournal) -> None:
    """What one lane has delivered still waits for the other; the backlog counts the rest."""
    for number in range(3):
        journal.record(_event(str(number)))
    journal.delivered("openhab", journal.pending("openhab", urgent=False, limit=2)).result()
    assert _pending(journal) == ["2"]
    assert (journal.backlog("openhab"), journal.backlog("mqtt")) == (1, 3)
    journal.delivered("openhab", []).result()
    assert journal.backlog("openhab") == 1


def test_age(journal: SqliteJournal, clock: Clock) -> None:
    """A trigger is stale after its lifetime, not before; setting the clock back makes nothing younger."""
    journal.record(_event(lifetime=10))
    for now, stale, age in ((1010.0, False, 10.0), (1010.1, True, 10.1), (900.0, False, 0.0)):
        clock.now = now
        (delivery,) = journal.pending("openhab", urgent=False, limit=1)
        assert (delivery.stale, round(delivery.age, 3)) == (stale, age)


def test_last_states(journal: SqliteJournal) -> None:
    """The last state of each channel is stored when openHAB has it, and outlives the event."""
    journal.record(_event(states=(("a", "1"), ("b", "2"))))
    journal.record(_event(states=(("a", "3"),)))
    assert journal.last_states() == {}
    deliveries = journal.pending("openhab", urgent=False, limit=10)
    journal.delivered("mqtt", deliveries).result()
    assert journal.last_states() == {}
    journal.delivered("openhab", deliveries).result()
    assert journal.last_states() == {f"{_PHONE}:a": "3", f"{_PHONE}:b": "2"}
    assert journal.forget(older_than=-1) == 2
    assert journal.last_states() == {f"{_PHONE}:a": "3", f"{_PHONE}:b": "2"}


def test_forget(journal: SqliteJournal, clock: Clock, announced: Announced) -> None:
    """Only events that are old enough and delivered everywhere are deleted, and are still recognised."""
    announced("webhook.replayed")
    for number in range(4):
        journal.record(_event(str(number), sid=str(number)))
        clock.now += 100
    deliveries = journal.pending("openhab", urgent=False, limit=10)
    journal.delivered("openhab", deliveries).result()
    journal.delivered("mqtt", deliveries[1:]).result()
    assert journal.forget(older_than=250) == 1
    copies = [journal.record(_event(sid=str(number))) for number in range(4)]
    assert [copy.new for copy in copies] == [False] * 4
    assert [copy.replayed for copy in copies] == [False, True, False, False]


def test_waker(journal: SqliteJournal) -> None:
    """Subscribers are notified of new events, not of copies, when the events can be read."""
    seen: list[tuple[set[bool], int]] = []

    def wake(urgencies: frozenset[bool]) -> None:
        seen.append(({*urgencies}, journal.backlog("openhab")))

    journal.on_change(wake)
    journal.record(_event(sid="s"))
    journal.record(_event(sid="s"))
    journal.record(_event(urgent=True))
    assert seen == [({False}, 1), ({True}, 2)]


def test_answered_channels(store: Database) -> None:
    """Answered channels are stored once, until they are removed."""
    answered = SqliteAnsweredChannels(store)
    for channel in ("x", "y", "x"):
        answered.add_answered_channel(channel)
    answered.drop_answered_channel("y")
    store.write(lambda _: None)
    assert answered.answered_channels() == {"x"}


def test_reopened(store: Database, journal: SqliteJournal, clock: Clock) -> None:
    """Events, answers, states and listeners exist in the next process."""
    first = journal.record(_event("1", token="t", states=(("a", "1"),)))
    journal.record(_event("2"))
    journal.answered(first.id, "<Response>ü</Response>")
    SqliteAnsweredChannels(store).add_answered_channel(_PHONE)
    journal.delivered("openhab", journal.pending("openhab", urgent=False, limit=1)).result()
    store.stop()
    again = Database(store.path)
    again.start()
    journal = SqliteJournal(again, clock=clock)
    assert _pending(journal) == ["2"]
    assert journal.record(_event(token="t")).answer == "<Response>ü</Response>"
    assert journal.last_states() == {f"{_PHONE}:a": "1"}
    assert SqliteAnsweredChannels(again).answered_channels() == {_PHONE}
    again.stop()


def test_text_that_is_no_unicode(journal: SqliteJournal, announced: Announced) -> None:
    """A text that cannot be stored is refused alone; the next one is stored."""
    announced("store.write_failed")
    with pytest.raises(UnicodeEncodeError):
        journal.record(_event("\ud83d"))
    assert journal.record(_event("ok")).new
    assert _pending(journal) == ["ok"]


def _request(signature: str, form: str = "as Twilio meant it", *, repeatable_for: float = 0.0) -> Event:
    urgent = repeatable_for > 0
    return replace(
        _event(sid="" if urgent else "SM1", urgent=urgent),
        signature_key=signature,
        form=form,
        repeatable_for=repeatable_for,
    )


def test_keys_outlive_the_events(journal: SqliteJournal, clock: Clock, announced: Announced) -> None:
    """An event whose texts were deleted is not new, however long ago that was and whatever signs it."""
    announced("webhook.replayed")
    assert journal.record(_request("s1")).new
    for lane in ("openhab", "mqtt"):
        journal.delivered(lane, journal.pending(lane, urgent=False, limit=10)).result()
    clock.now += 10 * 365 * 86400
    assert journal.forget(older_than=30 * 86400) == 1
    assert journal.record(_request("s1")) == Recorded(id=0, new=False, replayed=True)
    assert journal.record(_request("s2")) == Recorded(id=0, new=False, replayed=True)
    assert journal.knows(_request("s3"))
    assert journal.backlog("openhab") == 0


def test_another_form_under_a_signature(journal: SqliteJournal, announced: Announced) -> None:
    """What was read in one way is never read in another, even while it may be repeated."""
    announced("webhook.replayed")
    assert journal.record(_request("s1", repeatable_for=600)).new
    assert journal.record(_request("s1", repeatable_for=600)).new
    assert journal.record(_request("s1", "in another way", repeatable_for=600)).replayed
    assert journal.record(_request("s2", "in another way", repeatable_for=600)).new


def test_how_long_a_call_may_repeat(journal: SqliteJournal, clock: Clock, announced: Announced) -> None:
    """A request of a call may be repeated while the call rings or lasts, and not after that."""
    announced("webhook.replayed")
    assert journal.record(_request("s1", repeatable_for=600)).new
    clock.now += 599
    assert journal.record(_request("s1", repeatable_for=600)).new
    clock.now += 2
    assert journal.record(_request("s1", repeatable_for=600)).replayed
