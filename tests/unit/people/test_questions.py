"""Questions to contacts: each gets one answer, the contact's or the default, also across restarts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Announced
from tests.gateway import ScriptedGateway
from tests.unit.people.household import ADA, BOB, EVE, PHONE, Household
from tests.waiting import wait_until
from twilio_binding.errors import TwilioError
from twilio_binding.incoming.offers import Offers, answer_of
from twilio_binding.model import twiml
from twilio_binding.model.contact_actions import Question
from twilio_binding.model.events import Webhook

_ASK = {"question": "Garage open?", "answers": "yes, no", "minutes": "10"}


def _answers(home: Household, thing: str = ADA) -> list[dict[str, Any]]:
    return [json.loads(event.payload) for event in home.events(thing) if event.channel == "answer-received"]


def _says(home: Household, body: str, sender: str = "+15557654321", payload: str = "") -> bool:
    """Let a text come in; returns whether it counts as an answer."""
    offers = Offers()
    offers.add(home.people.answers)
    contact = home.people.contacts.of_number(sender, PHONE)
    fields = {"From": sender, "Body": body} | ({"ButtonPayload": payload} if payload else {})
    webhook = Webhook(thing=PHONE, endpoint="sms", fields=fields, contact=contact)
    taken = offers.message(webhook, home.current().phones[PHONE])
    if taken is None:
        return False
    assert taken.by == "answer"
    assert answer_of(taken, webhook, "") == twiml.EMPTY
    return True


@pytest.mark.parametrize(
    ("body", "answer"),
    [("1", "yes"), ("2", "no"), ("YES", "yes"), (" no. ", "no"), ("Yes!", "yes"), ("3", None), ("0", None),
     ("yes please", None), ("", None), ("12345", None), ("²", None)],
)  # fmt: skip
def test_reading_of_answers(body: str, answer: str | None) -> None:
    """A number or the words of an answer, in any case and with full stops; nothing else."""
    assert Question(text="?", answers=("yes", "no"), minutes=1).answer_in(body) == answer


def test_answer(tmp_path: Path) -> None:
    """The contact's first answer counts; other texts are not answers."""
    with Household(tmp_path) as home:
        assert home.ask(ADA, "ask", "q", **_ASK).ok
        assert home.sent == [("+15557654321", "Garage open? (1 yes, 2 no)")]
        assert not _says(home, "yes", sender="+15550000000")
        assert not _says(home, "yes", sender="+15557654322")
        assert not _says(home, "what?")
        assert _says(home, "Yes")
        assert not _says(home, "no")
        assert _answers(home) == [
            {"id": "q", "question": "Garage open?", "answer": "yes", "isDefault": False, "contact": ADA}
        ]


def test_default(tmp_path: Path) -> None:
    """After the deadline the last answer counts, once, also after a restart."""
    with Household(tmp_path) as home:
        home.ask(ADA, "ask", "q", **_ASK)
        home.now += 599
        home.people.review()
        assert _answers(home) == []
    with Household(tmp_path, home.gateway, now=home.now + 2) as again:
        wait_until(lambda: _answers(again), 5, "the default")
        assert [(one["answer"], one["isDefault"]) for one in _answers(again)] == [("no", True)]
        wait_until(lambda: not again.questions.open(), 5, "the question to be closed")
        assert not _says(again, "yes")
        assert len(again.sent) == 1


def test_two_questions(tmp_path: Path) -> None:
    """A number answers the newest open question; words answer the question that has them."""
    with Household(tmp_path) as home:
        home.ask(ADA, "ask", "1", **_ASK)
        home.ask(ADA, "ask", "2", question="Which?", answers="red,green", minutes=5)
        assert _says(home, "no") and _says(home, "1")
        assert [(one["id"], one["answer"]) for one in _answers(home)] == [("1", "no"), ("2", "red")]


def test_question_in_quiet_hours(tmp_path: Path) -> None:
    """A question waits like any text, and its minutes begin when it may go out."""
    with Household(tmp_path) as home:
        assert home.ask(EVE, "ask", "q", **_ASK).result["status"] == "waiting"
        (open_question,) = home.questions.open()
        assert open_question.due > home.now + 600
        home.now += 5
        home.wake_eve()
        assert home.wait_for(1) == [("+15557654323", "Garage open? (1 yes, 2 no)")]
        (open_question,) = home.questions.open()
        assert open_question.due == home.now + 600


def test_question_whose_time_has_passed_before_it_was_sent(tmp_path: Path) -> None:
    """If the service was stopped at the end of the quiet hours, the contact still has the whole time to answer."""
    with Household(tmp_path) as home:
        assert home.ask(EVE, "ask", "q", **_ASK).result["status"] == "waiting"
    again = Household(tmp_path, home.gateway, now=home.now + 3 * 86400)
    again.wake_eve()
    with again:
        assert again.wait_for(1) == [("+15557654323", "Garage open? (1 yes, 2 no)")]
        again.now += 599
        again.people.review()
        assert _says(again, "yes", sender="+15557654323")
        assert [(one["answer"], one["isDefault"]) for one in _answers(again, EVE)] == [("yes", False)]


def test_question_that_cannot_be_sent(tmp_path: Path, announced: Announced) -> None:
    """The default applies immediately, and the fallback is not asked."""
    announced("contact.not_reached")
    gateway = ScriptedGateway()
    gateway.sends.append(TwilioError("twilio.21614", "this is not a mobile number"))
    with Household(tmp_path, gateway) as home:
        assert not home.ask(ADA, "ask", "q", **_ASK).ok
        wait_until(lambda: _answers(home), 5, "the default")
        assert [one["isDefault"] for one in _answers(home)] == [True]
        assert _answers(home, BOB) == [] and len(home.sent) == 1


def test_question_of_before_a_crash(tmp_path: Path) -> None:
    """A question that was stored but not sent is sent after a restart; the same request asks nobody twice."""
    gateway = ScriptedGateway()
    gateway.open.clear()
    with Household(tmp_path, gateway) as home:
        home.submit(ADA, "ask", "q", **_ASK)
    gateway.open.set()
    with Household(tmp_path, gateway) as again:
        wait_until(lambda: (known := again.book.get("q/question")) and known.status == "queued", 10, "the outcome")
        assert again.ask(ADA, "ask", "q", **_ASK).ok
        assert again.ask(ADA, "ask", "q", question="?", answers="a,b", minutes=1).code == "id_reused"
        assert len({text for _, text in again.sent}) == 1
        assert len(again.gateway.taken) == 1


@pytest.mark.parametrize(("body", "payload"), [("Ja, gern", "yes"), ("Yes", "id_of_theirs"), ("Yes", "1")])
def test_a_button_answers(tmp_path: Path, body: str, payload: str) -> None:
    """By its payload, otherwise by its label."""
    with Household(tmp_path) as home:
        home.ask(ADA, "ask", **_ASK)
        assert _says(home, body, payload=payload)
        wait_until(lambda: _answers(home))
        assert _answers(home)[0]["answer"] == "yes"


def test_a_button_of_something_else(tmp_path: Path) -> None:
    """It answers no question."""
    with Household(tmp_path) as home:
        home.ask(ADA, "ask", **_ASK)
        assert not _says(home, "Later", payload="later")
