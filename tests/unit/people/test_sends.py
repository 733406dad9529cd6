"""Texts and calls to contacts: each is sent once, waits for quiet hours, and goes to the fallback if it does not arrive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Announced
from tests.gateway import ScriptedGateway
from tests.unit.people.household import ADA, BOB, EVE, FILE, PHONE, Household
from tests.waiting import let_pass, wait_until
from twilio_binding.errors import TwilioError
from twilio_binding.model.events import Webhook

_ADA, _BOB, _EVE = "+15557654321", "whatsapp:+15557654322", "+15557654323"
_GONE = TwilioError("twilio.21614", "this is not a mobile number")


def test_ways(tmp_path: Path) -> None:
    """A text goes by SMS or WhatsApp, with a picture; a call is spoken in the language of the contact, or of openHAB."""
    with Household(tmp_path) as home:
        assert home.ask(ADA, "send", "1", text="Hi").result["sid"] == "SM1"
        assert home.ask(BOB, "send", "2", text="", mediaUrl="https://x.org/1.jpg").ok
        assert home.ask(ADA, "call", "3", text="Es brennt").ok
        assert home.ask(BOB, "call", "4", text="Au feu").ok
        assert [to for to, _ in home.sent] == [_ADA, _BOB, _ADA, "+15557654322"]
        assert home.gateway.asked[1].send.media == ("https://x.org/1.jpg",)  # type: ignore[union-attr]
        assert 'language="de-DE"' in home.sent[2][1] and 'language="fr-FR"' in home.sent[3][1]
        assert {asked.phone for asked in home.gateway.asked} == {PHONE}
        wait_until(lambda: home.states(ADA, "delivery-status") == ["queued"], 5, "the status")


@pytest.mark.parametrize(
    ("action", "args", "code"),
    [
        ("send", {}, "missing_argument"),
        ("send", {"text": " "}, "missing_argument"),
        ("send", {"text": 7}, "bad_argument"),
        ("send", {"text": "x", "to": "+1"}, "bad_argument"),
        ("send", {"text": "x" * 1601}, "too_long"),
        ("call", {}, "missing_argument"),
        ("ask", {"question": "Q?", "answers": "yes", "minutes": 1}, "bad_argument"),
        ("ask", {"question": "Q?", "answers": "yes,YES ,yes", "minutes": "0"}, "bad_argument"),
        ("ask", {"question": "Q?", "answers": "yes,no", "minutes": "soon"}, "bad_argument"),
        ("ask", {"question": "Q?", "answers": "yes,no", "minutes": 1441}, "bad_argument"),
        ("ask", {"question": "Q?", "answers": "yes,no", "minutes": True}, "bad_argument"),
        ("ask", {"question": "Q?", "answers": "yes,no"}, "bad_argument"),
        ("ask", {"question": " ", "answers": "yes,no", "minutes": 1}, "missing_argument"),
        ("ask", {"question": "x" * 1600, "answers": "yes,no", "minutes": 1}, "too_long"),
        ("ask", {"question": "Q?", "answers": "1,2,3,4,5,6,7,8,9,10", "minutes": 1}, "bad_argument"),
        ("ask", {"question": "Q?", "answers": f"{'x' * 41},no", "minutes": 1}, "bad_argument"),
    ],
)
def test_requests_that_are_refused(tmp_path: Path, action: str, args: dict[str, object], code: str) -> None:
    """Invalid requests are refused with a code, and nothing is sent."""
    with Household(tmp_path) as home:
        reply = home.ask(ADA, action, "r1", **args)
        assert (reply.ok, reply.code) == (False, code)
        assert home.sent == []


@pytest.mark.parametrize("thing", ["twilio:contact:a:nobody", PHONE, "twilio:account:a", "nonsense"])
def test_no_such_contact(tmp_path: Path, thing: str) -> None:
    """An action of a contact needs a contact."""
    with Household(tmp_path) as home:
        assert home.ask(thing, "send", text="Hi").code == "unknown_thing"


def test_same_request_again(tmp_path: Path) -> None:
    """The same request is sent once and gets the same reply; a different request with that id is refused, also after a restart."""
    with Household(tmp_path) as home:
        first = home.ask(ADA, "send", text="Hi")
        assert home.ask(ADA, "send", text="Hi").result == first.result
        assert home.ask(BOB, "send", text="Hi").code == "id_reused"
    with Household(tmp_path, home.gateway) as again:
        assert again.ask(ADA, "send", text="Hi").result == first.result
        assert again.ask(ADA, "send", text="Ho").code == "id_reused"
        assert len(again.sent) == 1


def test_quiet_hours(tmp_path: Path) -> None:
    """During quiet hours nothing is sent; afterwards everything is, in order and once, also after a kill."""
    with Household(tmp_path) as home:
        reply = home.ask(EVE, "send", "1", text="one")
        assert (reply.ok, reply.result["status"], bool(reply.result["until"])) == (True, "waiting", True)
        assert home.ask(EVE, "call", "2", text="two").result["status"] == "waiting"
        home.people.review()
        assert home.states(EVE, "delivery-status") == ["waiting"]
        assert home.sent == []
    with Household(tmp_path, home.gateway) as again:
        assert again.ask(EVE, "send", "1", text="one").result["status"] == "waiting"
        again.wake_eve()
        assert [to for to, _ in again.wait_for(2)] == [_EVE, _EVE]
        again.people.review()
        let_pass(0.1)
        assert len(again.sent) == 2
        wait_until(lambda: again.states(EVE, "delivery-status") == ["waiting", "queued"], 5, "the statuses")


def test_contact_that_goes_while_a_text_waits(tmp_path: Path, announced: Announced) -> None:
    """A waiting text to a contact who is no longer configured is given up, once."""
    announced("contact.not_reached")
    with Household(tmp_path) as home:
        home.ask(EVE, "send", text="one")
        home.file = "\n".join(line for line in FILE.splitlines() if "eve" not in line)
        home.people.review()
        wait_until(lambda: not home.book.waiting(), 5, "the text to be given up")
        assert home.sent == []


def test_refused_by_twilio(tmp_path: Path, announced: Announced) -> None:
    """A text that Twilio refuses goes to the fallback, and only to contacts who have not been tried."""
    announced("contact.not_reached")
    gateway = ScriptedGateway()
    gateway.sends.extend([_GONE, _GONE])
    with Household(tmp_path, gateway) as home:
        reply = home.ask(ADA, "send", text="Hi")
        assert (reply.ok, reply.code) == (False, "twilio.21614")
        wait_until(lambda: home.states(BOB, "delivery-status") == ["failed"], 10, "the failure of the fallback")
        let_pass(0.1)
        assert home.sent == [(_ADA, "Hi"), (_BOB, "(Ada) Hi")]
        assert home.states(ADA, "delivery-status") == ["failed"]


def _status(home: Household, request_id: str, status: str, *, kind: str = "Message") -> None:
    """A status callback, as `incoming` passes it on."""
    fields = {f"{kind}Sid": "SM1" if kind == "Message" else "CA1", f"{kind}Status": status}
    webhook = Webhook(thing=PHONE, endpoint="status", fields=fields, query={"request": request_id})
    for event in home.people.witness.events(webhook, ""):
        home.journal.record(event)
    home.people.witness.stored(webhook)


def test_statuses(tmp_path: Path) -> None:
    """The status of the newest text only advances; that of older texts is not shown."""
    with Household(tmp_path) as home:
        home.ask(ADA, "send", "1", text="one")
        wait_until(lambda: home.states(ADA, "delivery-status") == ["queued"], 5)
        for status, known in (("sent", "sent"), ("delivered", "delivered"), ("sent", "delivered")):
            _status(home, "1", status)
            wait_until(lambda known=known: (one := home.book.get("1")) and one.status == known, 5)  # type: ignore[misc]
        home.ask(ADA, "send", "2", text="two")
        wait_until(lambda: len(home.states(ADA, "delivery-status")) == 4, 5)
        _status(home, "1", "read")
        _status(home, "strange", "read")
        _status(home, "2", "read")
        assert home.states(ADA, "delivery-status") == ["queued", "sent", "delivered", "queued", "read"]


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [("send", "undelivered", "Message"), ("send", "failed", "Message"), ("call", "busy", "Call"),
     ("call", "no-answer", "Call")],
)  # fmt: skip
def test_not_delivered(tmp_path: Path, action: str, status: str, kind: str) -> None:
    """An undelivered text goes to the fallback in the same way, once, however often Twilio reports it."""
    with Household(tmp_path) as home:
        home.ask(ADA, action, text="Hi")
        wait_until(lambda: (known := home.book.get("r1")) and known.status == "queued", 5, "the first status")
        for _ in range(2):
            _status(home, "r1", status, kind=kind)
        home.wait_for(2)
        let_pass(0.1)
        assert len(home.sent) == 2
        to, text = home.sent[1]
        assert to.endswith("+15557654322") and "(Ada) Hi" in text


@pytest.mark.parametrize(("text", "passed"), [("x" * 1600, "x" * 1594), ("😀" * 800, "😀" * 797)])
def test_a_long_text_goes_to_the_fallback(tmp_path: Path, announced: Announced, text: str, passed: str) -> None:
    """With the name of the contact it would be too long: its end is left out, not the whole text."""
    announced("contact.not_reached")
    gateway = ScriptedGateway()
    gateway.sends.append(_GONE)
    with Household(tmp_path, gateway) as home:
        assert home.ask(ADA, "send", text=text).code == "twilio.21614"
        assert home.wait_for(2)[1] == (_BOB, f"(Ada) {passed}")


def test_crash_before_the_send(tmp_path: Path) -> None:
    """A stored text goes out, even if the process ended before Twilio was asked, or before it answered."""
    gateway = ScriptedGateway()
    gateway.open.clear()
    home = Household(tmp_path, gateway)
    with home:
        home.submit(ADA, "send", "1", text="one")
        wait_until(lambda: gateway.asked, 5)
    gateway.open.set()
    with Household(tmp_path, gateway) as again:
        wait_until(lambda: (known := again.book.get("1")) and known.status == "queued", 10, "the outcome")
        assert again.ask(ADA, "send", "1", text="one").ok
