"""Contract, section 4: the answers by path and verb, and the order of the checks."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.conftest import Announced
from tests.contract.house import ACCOUNT_SID, PHONE, PUBLIC_URL, TOKEN, House
from tests.contract.signing import sign
from tests.sids import sid
from twilio_binding.model.things import DEFAULT_GATHER_RESPONSE, DEFAULT_GREETING

_SMS = {
    "AccountSid": ACCOUNT_SID,
    "MessageSid": sid("SM", 1),
    "From": "+15557654321",
    "To": "+15551234567",
    "Body": "Hi",
}
_CALLBACK = "/twilio/callback/"


def _signed(target: str, *, token: str = TOKEN) -> dict[str, str]:
    return {"X-Twilio-Signature": sign(token, PUBLIC_URL + target)}


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (_CALLBACK, "Missing path"),
        ("/twilio/callback", "Missing path"),
        ("/other", "Missing path"),
        (_CALLBACK + "sms", "Invalid path"),
        (_CALLBACK + PHONE, "Invalid path"),
        (_CALLBACK + "twilio:phone:a:other/sms", "Unknown thing"),
        (_CALLBACK + "twilio:account:a/sms", "Unknown thing"),
        (_CALLBACK + f"{PHONE}/x/sms", "Unknown thing"),
    ],
)
def test_paths_that_are_not_ours(house: House, target: str, text: str) -> None:
    """An answer says which part of an unknown path is wrong, before the signature is checked."""
    answer = house.ask("POST", target, headers=_signed(target))
    assert (answer.status, answer.text) == (404, text)
    assert house.events() == []


@pytest.mark.parametrize(
    "target",
    [
        f"/twilio//callback/{PHONE}/sms",
        f"/twilio/callback//{PHONE}/sms",
        f"{_CALLBACK}{PHONE}//sms",
        f"{_CALLBACK}{PHONE}%2Fsms",
        f"{_CALLBACK}{PHONE}%2fsms",
        f"{_CALLBACK}{PHONE};x=1/sms",
        f"{_CALLBACK}{PHONE}/sms;x=1",
        f"{_CALLBACK}other/../{PHONE}/sms",
        f"{_CALLBACK}./{PHONE}/sms",
        f"{_CALLBACK}{PHONE}/sms/..",
        f"/x/..{_CALLBACK}{PHONE}/sms",
    ],
)
def test_paths_in_disguise(house: House, target: str) -> None:
    """A path that only another server would take for ours is 404, even if it is signed."""
    answer = house.ask("POST", target, f"MessageSid={sid('SM')}".encode(), _signed(target))
    assert answer.status == 404
    assert house.events() == []


@pytest.mark.parametrize("part", ["%", "%4", "%zz", "%ff", "%c3%28"])
def test_broken_escapes(house: House, part: str) -> None:
    """Invalid percent escapes and bytes that are not UTF-8 are 400 anywhere, and have no effect."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert house.ask("POST", f"{_CALLBACK}{PHONE}{part}/sms").status == 400
    assert house.ask("POST", f"{_CALLBACK}{PHONE}/sms", f"Body={part}".encode(), form).status == 400
    assert house.ask("GET", f"{_CALLBACK}{PHONE}/sms?Body={part}").status == 400
    assert house.events() == []


def test_form_that_is_not_utf8(house: House) -> None:
    """Raw bytes that are not UTF-8 are refused instead of stored as something else."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert house.ask("POST", f"{_CALLBACK}{PHONE}/sms", b"Body=\xff\xfe", form).status == 400


def test_signature_comes_before_the_endpoint(house: House, announced: Announced) -> None:
    """A wrong endpoint with a wrong signature is 403; only a signed request learns that the endpoint is unknown."""
    announced("webhook.forged")
    forged = house.post("nope", _SMS, signature="wrong")
    assert (forged.status, forged.text) == (403, "Invalid signature")
    signed = house.post("nope", _SMS)
    assert (signed.status, signed.text) == (404, "Unknown endpoint: nope")
    assert house.post("SMS", _SMS).status == 404
    assert house.events() == []


@pytest.mark.parametrize("endpoint", ["sms", "whatsapp"])
def test_messages_get_an_empty_response(house: House, endpoint: str) -> None:
    """A message is answered with an empty TwiML document, as XML in UTF-8."""
    answer = house.post(endpoint, _SMS)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response/>")


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": sid("SM", 1), "MessageStatus": "sent"},
        {"CallSid": sid("CA", 1), "CallStatus": "ringing"},
        {"Something": "else"},
        {},
    ],
)
def test_status_callbacks_get_an_empty_body(house: House, fields: dict[str, str]) -> None:
    """A status callback is answered with XML content type and an empty body, whatever it is about."""
    answer = house.post("status", fields)
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "text/xml; charset=utf-8", b"")


def test_a_colon_may_be_escaped(house: House) -> None:
    """Twilio signs its request as sent: the thing's colons may arrive as %3A, signed in either form."""
    target = f"{_CALLBACK}{PHONE.replace(':', '%3A')}/sms"
    plain = f"{PUBLIC_URL}{_CALLBACK}{PHONE}/sms"
    for number, url in enumerate((PUBLIC_URL + target, plain)):
        pairs = [("MessageSid", sid("SM", number))]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": sign(TOKEN, url, pairs),
        }
        assert house.ask("POST", target, urlencode(pairs).encode(), headers).status == 200
    assert len(house.events()) == 2


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_verbs(house: House, method: str) -> None:
    """Verbs that Twilio never uses are 405, with the allowed ones."""
    target = f"{_CALLBACK}{PHONE}/sms"
    answer = house.ask(method, target, headers=_signed(target))
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert "<" not in answer.text


def test_options(house: House) -> None:
    """OPTIONS lists the allowed verbs and has no effect."""
    answer = house.ask("OPTIONS", f"{_CALLBACK}{PHONE}/sms")
    assert answer.status == 200
    assert {"GET", "POST", "OPTIONS"} <= {verb.strip() for verb in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("target", [f"{_CALLBACK}{PHONE}/sms", f"{_CALLBACK}{PHONE}/nope", "/", "/favicon.ico"])
def test_get_without_a_signature(house: House, target: str) -> None:
    """An unsigned GET finds nothing, and cannot distinguish an endpoint from none."""
    assert house.ask("GET", target).status == 404
    assert house.ask("GET", target, headers={"X-Twilio-Signature": "wrong"}).status == 404


def test_get_with_a_signature(house: House) -> None:
    """A GET signed over the full URL counts like a POST; the fields are in the query."""
    target = f"{_CALLBACK}{PHONE}/sms?MessageSid={sid('SM')}&Body=Gr%C3%BC%C3%9Fe+%2B1&From=%2B15557654321&Empty="
    assert house.ask("GET", target, headers=_signed(target)).status == 200
    payload = house.payload()
    assert (payload["body"], payload["from"], payload["messageSid"]) == ("Grüße +1", "+15557654321", sid("SM"))
    assert house.ask("GET", target + "&x=1", headers=_signed(target)).status == 404


def test_large_bodies(house: House) -> None:
    """256 KiB are accepted, one byte more is 413, and nothing of it is stored."""
    pairs = [("MessageSid", sid("SM")), ("Body", "x" * (256 * 1024 - len(f"MessageSid={sid('SM')}&Body=")))]
    assert house.post("sms", pairs).status == 200
    answer = house.post("sms", [pairs[0], ("Body", pairs[1][1] + "x")])
    assert (answer.status, answer.text) == (413, "Request too large")
    assert len(house.events()) == 1


def test_too_many_fields(house: House) -> None:
    """A form of more fields than Twilio could ever send is refused."""
    assert house.post("sms", [(f"F{number}", "") for number in range(1001)]).status == 400


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"Body=Hi"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="Body"\r\n\r\nHi\r\n--b--\r\n',
        ),
        ("application/xml", b"<Response/>"),
        ("", b"Body=Hi"),
    ],
)
@pytest.mark.parametrize("endpoint", ["sms", "voice", "status"])
def test_bodies_that_are_no_form(house: House, endpoint: str, content_type: str, body: bytes) -> None:
    """A body that is not a form has no effect, even if the URL is signed."""
    target = f"{_CALLBACK}{PHONE}/{endpoint}"
    answer = house.ask("POST", target, body, _signed(target) | {"Content-Type": content_type})
    assert answer.status == 400
    assert house.events() == []


def test_no_answer_is_html(house: House, announced: Announced) -> None:
    """Every refusal is plain text in UTF-8 without internal details."""
    announced("webhook.forged")
    answers = [
        house.ask("GET", "/"),
        house.ask("POST", "/twilio/callback/x"),
        house.ask("PUT", f"{_CALLBACK}{PHONE}/sms"),
        house.post("sms", _SMS, signature="wrong"),
        house.post("sms", [("Body", "x" * 300_000)]),
    ]
    for answer in answers:
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert len(answer.text) < 60


def test_journal_out_of_order(house: House, announced: Announced) -> None:
    """If a message cannot be stored, Twilio gets 503 without the reason; a caller hears TwiML."""
    announced("webhook.failed", "store.write_failed", "call.failed")

    house.database.write(lambda connection: connection.execute("DROP TABLE events"))
    answer = house.post("sms", _SMS)
    assert (answer.status, answer.text) == (503, "Not available")
    assert house.post("status", {"MessageSid": sid("SM", 1), "MessageStatus": "sent"}).status == 503
    call = house.post("voice", {"CallSid": sid("CA", 1), "From": "+15557654321"})
    assert call.status == 200
    assert call.text == DEFAULT_GREETING.replace("{gatherUrl}", f"{PUBLIC_URL}{_CALLBACK}{PHONE}/gather")


def test_journal_closed(house: House, announced: Announced) -> None:
    """The same applies if the database is closed."""
    announced("webhook.failed", "call.failed")
    house.database.stop()
    assert house.post("sms", _SMS).status == 503
    assert house.post("gather", {"CallSid": sid("CA", 1), "Digits": "1"}).text == DEFAULT_GATHER_RESPONSE
