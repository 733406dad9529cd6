"""Webhooks are offered before they are answered: whoever takes one answers once, and no error of theirs loses anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.contract.house import ACCOUNT_SID, PHONE, THINGS, TOKEN, House
from tests.sids import sid
from tests.waiting import wait_until
from twilio_binding.incoming.ports import Taken
from twilio_binding.model import twiml
from twilio_binding.model.events import Event, Webhook
from twilio_binding.model.things import DEFAULT_GATHER_RESPONSE, Phone

ADA = "twilio:contact:a:ada"
_TEXT = {"MessageSid": sid("SM", 1), "From": "+15557654321", "To": "+15551234567", "Body": "1"}
_KEYS = {
    "CallSid": sid("CA", 1), "From": "+15557654321", "To": "+15551234567", "Digits": "1", "CallStatus": "in-progress",
}  # fmt: skip
_ANSWER = "<Response><Message>Taken</Message></Response>"
_PATIENT = f"""
Bridge twilio:account:a [ accountSid="{ACCOUNT_SID}", authToken="{TOKEN}", publicUrl="https://my.domain.com" ] {{
    Thing phone b [ phoneNumber="+15551234567", responseTimeout=1, waitForRule="always" ]
}}
"""


class Butler:
    """Takes every text and key 1, adds an event to each webhook, and counts its work."""

    def __init__(self, *, yields: bool = False) -> None:
        self.yields = yields
        self.carried_out = 0
        self.seen: list[str] = []
        self.fails = ""

    def message(self, webhook: Webhook, phone: Phone) -> Taken | None:
        """Take a text 1."""
        if self.fails == "message":
            raise KeyError(phone)
        return self._taken() if webhook.fields["Body"] == "1" else None

    def call(self, webhook: Webhook, phone: Phone, gather_url: str | None) -> Taken | None:
        """Take the key 1."""
        is_one = webhook.fields.get("Digits") == "1" and phone.uid and gather_url
        return self._taken() if is_one else None

    def status(self, webhook: Webhook) -> bool:
        """Leave all status callbacks to others."""
        return not webhook.fields

    def _taken(self) -> Taken:
        return Taken(by="butler", answer=self._answer, yields_to_rules=self.yields)

    def events(self, webhook: Webhook, by: str) -> Sequence[Event]:
        """One event of the contact, which is counted."""
        if self.fails == "events" or not (webhook.fields or by):
            raise KeyError("events")
        return [Event(thing=ADA, states=(("message", "x"),), counter=("unread", None), lifetime=60)]

    def stored(self, webhook: Webhook) -> None:
        """Note it."""
        self.seen.append(webhook.endpoint)

    def _answer(self) -> str:
        if self.fails == "answer":
            raise KeyError("answer")
        self.carried_out += 1
        return _ANSWER


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., tuple[House, Butler]]]:
    """Makes a house with a butler."""
    houses: list[House] = []

    def made(butler: Butler, things: str = THINGS, *, rates: tuple[int, int] = (0, 0)) -> tuple[House, Butler]:
        house = House(tmp_path, things, rates=rates)
        house.offers.add(butler)
        house.offers.show(butler)
        house.__enter__()
        houses.append(house)
        return house, butler

    yield made
    for house in houses:
        house.__exit__(None, None, None)


def _of_the_phone(house: House) -> dict[str, object]:
    (event,) = [event for event in house.events() if event.thing == PHONE]
    payload: dict[str, object] = json.loads(event.payload)
    return payload


def test_text_that_is_taken(make: Callable[..., tuple[House, Butler]]) -> None:
    """The taker's answer goes to Twilio; the trigger fires, and says who handled it."""
    house, butler = make(Butler())
    assert house.post("sms", _TEXT).text == _ANSWER
    payload = _of_the_phone(house)
    assert (payload["body"], payload["handledBy"], list(payload)[:6]) == (
        "1", "butler", ["from", "to", "body", "messageSid", "numMedia", "mediaUrls"],
    )  # fmt: skip
    assert (butler.carried_out, butler.seen) == (1, ["sms"])


def test_copy_of_a_text_that_was_taken(make: Callable[..., tuple[House, Butler]]) -> None:
    """A copy gets the answer of the first one, and has no effect."""
    house, butler = make(Butler())
    house.post("sms", _TEXT)
    wait_until(lambda: house.post("sms", _TEXT).text == _ANSWER, 5, "the answer to be remembered")
    assert (butler.carried_out, butler.seen, len(house.events())) == (1, ["sms"], 2)


def test_text_that_nobody_takes(make: Callable[..., tuple[House, Butler]]) -> None:
    """It is handled as without a taker, and does not say who handled it."""
    house, butler = make(Butler())
    assert house.post("sms", _TEXT | {"Body": "Hello"}).text == twiml.EMPTY
    assert "handledBy" not in _of_the_phone(house)
    assert butler.carried_out == 0


def test_what_else_a_text_means(make: Callable[..., tuple[House, Butler]]) -> None:
    """Additional events are stored with that of the text, once, and counted once for each text."""
    house, _ = make(Butler())
    for number in (1, 1, 2):
        house.post("sms", _TEXT | {"MessageSid": sid("SM", number)})
    states = [event.states for event in house.events() if event.thing == ADA]
    assert states == [(("message", "x"), ("unread", "1")), (("message", "x"), ("unread", "2"))]


@pytest.mark.parametrize("endpoint", ["sms", "gather"])
def test_who_is_just_being_loaded(tmp_path: Path, endpoint: str) -> None:
    """Webhooks wait for takers that a reload of the things has just asked for."""
    with House(tmp_path) as house:
        butler, asked = Butler(), list[str]()

        def load(webhook: Webhook, phone: Phone) -> None:
            if not asked:
                house.offers.add(butler)
                house.offers.show(butler)
            asked.append(f"{webhook.endpoint} {phone.uid}")

        house.offers.prepare = load
        assert house.post(endpoint, _TEXT if endpoint == "sms" else _KEYS).text == _ANSWER
        assert ADA in {event.thing for event in house.events()}
        assert asked == [f"{endpoint} {PHONE}"]


@pytest.mark.parametrize("endpoint", ["sms", "gather"])
def test_who_cannot_be_loaded(tmp_path: Path, announced: Announced, endpoint: str) -> None:
    """Then webhooks are handled without them."""
    announced("offer.failed")
    with House(tmp_path) as house:

        def load(webhook: Webhook, phone: Phone) -> None:
            raise KeyError(webhook, phone)

        house.offers.prepare = load
        assert house.post(endpoint, _TEXT if endpoint == "sms" else _KEYS).status == 200
        assert PHONE in {event.thing for event in house.events()}


@pytest.mark.parametrize("fails", ["message", "events"])
def test_error_of_who_is_offered(make: Callable[..., tuple[House, Butler]], announced: Announced, fails: str) -> None:
    """An error of a possible taker or witness loses nothing."""
    announced("offer.failed")
    house, butler = make(Butler())
    butler.fails = fails
    assert house.post("sms", _TEXT).status == 200
    assert _of_the_phone(house)["body"] == "1"


def test_error_of_who_took_it(make: Callable[..., tuple[House, Butler]], announced: Announced) -> None:
    """An error while a text is carried out leaves the text stored, and Twilio gets an answer."""
    announced("offer.failed")
    house, butler = make(Butler())
    butler.fails = "answer"
    assert house.post("sms", _TEXT).text == twiml.EMPTY
    assert _of_the_phone(house)["handledBy"] == "butler"
    assert house.post("gather", _KEYS).text == DEFAULT_GATHER_RESPONSE


def test_sender_who_sends_too_much(make: Callable[..., tuple[House, Butler]], announced: Announced) -> None:
    """Over a limit, nothing is carried out."""
    announced("webhook.limited")
    house, butler = make(Butler(), rates=(1, 0))
    for number in range(3):
        house.post("sms", _TEXT | {"MessageSid": sid("SM", number)})
    assert butler.carried_out == 1


def test_keys_that_are_taken(make: Callable[..., tuple[House, Butler]]) -> None:
    """A taker answers keys immediately, although a rule listens; a copy is not carried out again."""
    house, butler = make(Butler())
    house.listening.add(f"{PHONE}:dtmf-received")
    assert house.post("gather", _KEYS, idempotency="t").text == _ANSWER
    wait_until(lambda: house.post("gather", _KEYS, idempotency="t").text == _ANSWER, 5, "the answer to be remembered")
    assert butler.carried_out == 1
    assert _of_the_phone(house)["handledBy"] == "butler"


def test_rule_that_is_first(make: Callable[..., tuple[House, Butler]]) -> None:
    """If the phone always waits for rules, a rule's answer wins; without one, the keys are taken."""
    house, butler = make(Butler(yields=True), _PATIENT)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(house.post, "gather", _KEYS)
        wait_until(lambda: len(house.held) == 1, 5, "the call to be held")
        house.respond(_KEYS["CallSid"], "<Response><Hangup/></Response>")
        assert answer.result(30).text == "<Response><Hangup/></Response>"
    assert butler.carried_out == 0
    assert house.post("gather", _KEYS).text == _ANSWER
    assert butler.carried_out == 1


def test_status_callback(make: Callable[..., tuple[House, Butler]]) -> None:
    """Witnesses also get status callbacks, each once."""
    house, butler = make(Butler())
    for _ in range(2):
        house.post("status", {"MessageSid": sid("SM", 1), "MessageStatus": "delivered", "To": "+15557654321"})
    assert butler.seen == ["status"]
    assert [event.thing for event in house.events()] == [PHONE, ADA]
