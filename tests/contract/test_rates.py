"""Incoming events over a limit: answered, stored, and not delivered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.contract.house import ACCOUNT_SID, PHONE, House
from tests.sids import sid
from twilio_binding.incoming.rates import IncomingRates
from twilio_binding.metrics import Metrics
from twilio_binding.model.events import Event, Webhook
from twilio_binding.model.things import DEFAULT_GREETING
from twilio_binding.store.history import events, replay

_FROM, _OTHER = "+15557654321", "+15557654322"


def _text(number: int, sender: str = _FROM, **more: str) -> dict[str, str]:
    form = {
        "AccountSid": ACCOUNT_SID,
        "MessageSid": sid("SM", number),
        "From": sender,
        "To": "+15551234567",
        "Body": "Hi",
    }
    return form | more


def _call(number: int, sender: str = _FROM) -> dict[str, str]:
    call = {"CallSid": sid("CA", number), "CallStatus": "ringing", "From": sender, "To": "+15551234567"}
    return call | {"AccountSid": ACCOUNT_SID}


def _post(house: House, forms: list[Mapping[str, str]], endpoint: str = "sms") -> None:
    for form in forms:
        assert house.post(endpoint, form).status == 200


def test_sender_beyond_the_limit(tmp_path: Path, announced: Announced) -> None:
    """The third text is answered as usual, stored as limited and not delivered; others still get through."""
    announced("webhook.limited")
    with House(tmp_path, rates=(2, 0)) as house:
        first = house.post("sms", _text(1))
        _post(house, [_text(2)])
        third = house.post("sms", _text(3))
        assert (third.status, third.text) == (first.status, first.text)
        _post(house, [_text(4, _OTHER)])
        assert [event.payload.count(sid("SM", 3)) for event in house.events()] == [0, 0, 0]
        assert [event.limited for event in events(house.database.path, last=10)] == [False, False, True, False]
        assert b'limited_total{by="sender",endpoint="sms"} 1.0' in house.metrics.text()


def test_number_beyond_the_limit(tmp_path: Path, announced: Announced) -> None:
    """Many senders together reach the limit of the phone; the log says so once."""
    announced("webhook.limited")
    with House(tmp_path, rates=(0, 3)) as house:
        _post(house, [_text(number, f"+1555000{number:04d}") for number in range(20)])
        assert len(house.events()) == 3


def test_next_minute(tmp_path: Path, announced: Announced) -> None:
    """A minute after the first texts, the sender gets through again, however much was refused meanwhile."""
    announced("webhook.limited")
    with House(tmp_path, rates=(2, 0)) as house:
        _post(house, [_text(number) for number in range(30)])
        house.now = 59.9
        _post(house, [_text(31)])
        assert len(house.events()) == 2
        house.now = 60.1
        _post(house, [_text(32)])
        assert len(house.events()) == 3


def test_copies_do_not_count(tmp_path: Path) -> None:
    """The same text ten times, also simultaneously and a minute later, counts once."""
    with House(tmp_path, rates=(2, 0)) as house:
        with ThreadPoolExecutor(5) as pool:
            assert {answer.status for answer in pool.map(lambda _: house.post("sms", _text(1)), range(10))} == {200}
        house.now = 61.0
        _post(house, [_text(1)] * 5)
        _post(house, [_text(2), _text(3)])
        assert len(house.events()) == 3


def test_copy_of_a_limited_one(tmp_path: Path, announced: Announced) -> None:
    """An event over the limit stays so, even if its copy comes a minute later."""
    announced("webhook.limited")
    with House(tmp_path, rates=(1, 0)) as house:
        _post(house, [_text(1), _text(2)])
        house.now = 61.0
        _post(house, [_text(2)])
        assert len(house.events()) == 1
        _post(house, [_text(3)])
        assert len(house.events()) == 2


def test_caller_beyond_the_limit(tmp_path: Path, announced: Announced) -> None:
    """A caller over the limit hears the default immediately although a rule listens, and no error."""
    announced("webhook.limited")
    with House(tmp_path, rates=(1, 0)) as house:
        _post(house, [_call(1)], "voice")
        house.listening.add(f"{PHONE}:call-received")
        began = time.monotonic()
        answer = house.post("voice", _call(2))
        assert time.monotonic() - began < 8
        assert answer.status == 200
        assert answer.text.partition("<Say>")[2] == DEFAULT_GREETING.partition("<Say>")[2]
        assert len(house.events()) == 1


def test_texts_do_not_cost_a_call(tmp_path: Path, announced: Announced) -> None:
    """A flood of texts counts neither against calls of the same sender nor against status callbacks."""
    announced("webhook.limited")
    with House(tmp_path, rates=(1, 1)) as house:
        _post(house, [_text(number) for number in range(5)])
        _post(house, [_call(1)], "voice")
        status = {"AccountSid": ACCOUNT_SID, "MessageSid": sid("SM", 9), "MessageStatus": "delivered", "To": _FROM}
        _post(house, [status], "status")
        assert [event.channel for event in house.events()] == ["call-received", "sms-received", "message-status"]


def test_stop_is_heard(tmp_path: Path, announced: Announced) -> None:
    """A STOP over the limit counts."""
    announced("webhook.limited")
    with House(tmp_path, rates=(1, 0)) as house:
        _post(house, [_text(1), _text(2, Body="STOP", OptOutType="STOP")])
        rows = house.database.read("SELECT recipient FROM opt_outs")
        assert rows == [(_FROM,)]


def test_replay(tmp_path: Path, announced: Announced) -> None:
    """A limited event can be replayed, and is delivered then."""
    announced("webhook.limited")
    with House(tmp_path, rates=(1, 0)) as house:
        _post(house, [_text(1), _text(2)])
        limited = events(house.database.path, last=1)[0]
        replay(house.database.path, limited.id)
        assert len(house.events()) == 2


def test_forged_ones_do_not_count(tmp_path: Path, announced: Announced) -> None:
    """Without Twilio's signature, nobody can use up somebody else's limit."""
    announced("webhook.forged")
    with House(tmp_path, rates=(1, 1)) as house:
        assert house.post("sms", _text(1), secret="wrong").status == 403
        _post(house, [_text(2)])
        assert len(house.events()) == 1


def test_only_the_newest_are_kept(tmp_path: Path, announced: Announced, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood does not fill the journal: only a limited number of events over a limit is stored."""
    announced("webhook.limited")
    monkeypatch.setattr("twilio_binding.store.journal.MOST_LIMITED", 3)
    with House(tmp_path, rates=(1, 0)) as house:
        _post(house, [_text(number) for number in range(10)])
        assert house.journal.forget(older_than=3600) == 6
        assert [event.limited for event in events(house.database.path, last=10)] == [False, True, True, True]


def test_memory_is_bounded() -> None:
    """New senders at a phone without a limit of its own take limited memory, and hardly any time."""
    now = 0.0
    rates = IncomingRates(per_sender=60, per_number=0, metrics=Metrics(), clock=lambda: now)
    event = Event(thing=PHONE, lifetime=1)
    began = time.process_time()
    for number in range(20_000):
        rates.take(Webhook(thing=PHONE, endpoint="sms", fields={"From": f"+1555{number}"}), event)
    assert time.process_time() - began < 2
    (window,) = rates._windows.values()
    assert len(window.tickets) == len(window.by_sender) == 10_000
    now = 61.0
    rates.take(Webhook(thing=PHONE, endpoint="sms", fields={"From": "+1555"}), event)
    assert len(window.tickets) == len(window.by_sender) == 1
