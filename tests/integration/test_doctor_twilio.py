"""The doctor's links to Twilio: credentials, type of account, balance, clock, numbers and their webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.standins.client import TwilioStandIn
from tests.doctor import PHONE, bad, only, results, settings, silent_server
from tests.standins import Answer, receiver
from twilio_binding.doctor import LinkResult
from twilio_binding.sandbox.service_process import SEEDS
from twilio_binding.sandbox.twilio import TwilioOptions
from twilio_binding.settings import Settings

GOOD = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")
ACCOUNT = "twilio:account:myaccount"
LINKS = ("settings", "twilio-account", "clock", "numbers")


@pytest.fixture(scope="module")
def running() -> Iterator[TwilioStandIn]:
    """A Twilio for the tests of this module."""
    with TwilioStandIn(TwilioOptions()) as server:
        yield server


@pytest.fixture
def twilio(running: TwilioStandIn) -> TwilioStandIn:
    """The same, reset."""
    running.faults.clear()
    running.reset()
    return running


def things(folder: Path, old: str = "", new: str = "") -> list[str]:
    """The example's things, with a change."""
    (folder / "x.things").write_text(GOOD.replace(old, new) if old else GOOD, encoding="utf-8")
    (folder / "x.things").chmod(0o600)
    return [str(folder / "x.things")]


def look(given: Settings) -> list[LinkResult]:
    """The doctor's results for Twilio."""
    return [one for one in results(given, *LINKS) if one.id != "settings"]


def at(twilio: TwilioStandIn, folder: Path, **more: Any) -> Settings:
    """Settings with this Twilio."""
    return settings(folder, twilio={"api_url": twilio.url}, **more)


def test_good_account(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """Status, type and balance of the account, the clock, and webhooks that point here."""
    found = look(at(twilio, tmp_path))
    assert not bad(found)
    assert only(found, "active, of type Full").facts == {"account_status": "active", "account_type": "Full"}
    assert only(found, "balance 20.00 USD").facts == {"balance": 20.0, "currency": "USD"}
    assert only(found, "within a few seconds of Twilio's")
    assert only(found, "the webhooks of +15***67 point to this service").about == PHONE


def test_trial_account(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """The limits of a trial account are reported, with its verified numbers, masked."""
    twilio.configure(account_type="Trial", verified="+15557654321 +15551112222")
    trial = only(look(at(twilio, tmp_path)), "this is a trial account")
    assert trial.status == "warning"
    assert "only to verified numbers (+15***21, +15***22)" in trial.cause
    assert "upgrade the account" in trial.cure
    assert "+15557654321" not in str(trial)


@pytest.mark.parametrize(
    ("balance", "status", "cause"),
    [("-1.50", "failed", "Twilio sends nothing"), ("0.75", "warning", "little is left"), ("nothing", "", "")],
)
def test_balance(twilio: TwilioStandIn, tmp_path: Path, balance: str, status: str, cause: str) -> None:
    """An account without money sends nothing; one with little may not send the next alarm."""
    twilio.configure(balance=balance)
    found = bad(look(at(twilio, tmp_path)))
    assert [one.status for one in found] == ([status] if status else [])
    assert all(cause in one.cause and "top the account up" in one.cure for one in found)


def test_wrong_token(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """If Twilio refuses SID and token, dependent links are skipped, but the clock is reported."""
    given = at(twilio, tmp_path, things=things(tmp_path, "your_auth_token", "0123456789abcdef0123456789abcdef"))
    found = look(given)
    assert "Invalid Account SID or Auth Token" in only(found, "Invalid").cause
    assert "Twilio Console" in only(found, "Invalid").cure
    assert only(found, "Twilio accepted no account").status == "skipped"
    assert only(found, "within a few seconds of Twilio's")
    assert "0123456789abcdef0123456789abcdef" not in str(found)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_account_that_is_not_active(twilio: TwilioStandIn, tmp_path: Path, status: str) -> None:
    """A suspended or closed account is reported as such."""
    twilio.configure(account_status=status)
    found = bad(look(at(twilio, tmp_path)))
    assert [one.status for one in found] == ["failed"]
    assert f"the account is {status}" in found[0].cause


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"kind": "html"}, "Twilio answered 502"),
        ({"kind": "500"}, "Twilio answered 500"),
        ({"kind": "empty"}, "could not be read"),
        ({"kind": "nonsense"}, "could not be read"),
        ({"kind": "reset"}, "broke before its answer"),
        ({"kind": "429"}, "too many requests"),
        ({"kind": "status", "status": 403, "body": "<html>Portal"}, "does not come from Twilio's API"),
    ],
)
def test_odd_answers(twilio: TwilioStandIn, tmp_path: Path, fault: dict[str, Any], cause: str) -> None:
    """Pages, invalid answers, errors and broken connections are failures with a cure."""
    twilio.faults.set(**fault)
    found = bad(look(at(twilio, tmp_path)), "failed")
    assert len(found) == 1
    assert cause in found[0].cause
    assert found[0].cure


@pytest.mark.parametrize("path", ["/2010-04-01/Accounts/[^/]*/IncomingPhoneNumbers", "/2010-04-01/Accounts/[^/]*/Bal"])
def test_one_odd_answer(twilio: TwilioStandIn, tmp_path: Path, path: str) -> None:
    """One list that cannot be read affects no other result."""
    twilio.faults.set("html", path=path)
    found = look(at(twilio, tmp_path))
    assert only(found, "active, of type Full")
    assert len(bad(found)) == ("Incoming" in path)


def test_twilio_that_cannot_be_reached(tmp_path: Path) -> None:
    """Without a connection, the internet connection is named."""
    found = look(settings(tmp_path))
    assert "Twilio cannot be reached" in only(found, "cannot be reached").cause
    assert "internet connection" in only(found, "cannot be reached").cure
    assert only(found, "not compared").status == "skipped"


def test_twilio_that_hangs(tmp_path: Path) -> None:
    """A socket that never answers leads to a result."""
    with silent_server() as port:
        found = look(settings(tmp_path, twilio={"api_url": f"http://127.0.0.1:{port}"}))
    assert "Twilio did not answer in time" in only(found, "in time").cause


@pytest.mark.parametrize(
    ("ahead", "status", "cause"),
    [(3600.0, "failed", "s behind Twilio's"), (-30.0, "warning", "s ahead of Twilio's")],
)
def test_clock(twilio: TwilioStandIn, tmp_path: Path, ahead: float, status: str, cause: str) -> None:
    """A wrong clock is reported with the difference, and the command that sets it."""
    twilio.configure(clock_ahead=ahead)
    found = only(look(at(twilio, tmp_path)), "this machine's clock")
    assert found.status == status
    assert cause in found.cause
    assert "timedatectl set-ntp true" in found.cure
    twilio.configure(clock_ahead=0.0)


def test_number_that_is_not_there(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """The numbers of the account are listed, masked."""
    found = bad(look(at(twilio, tmp_path, things=things(tmp_path, "+15551234567", "+15550000000"))), "failed")
    assert [one.about for one in found] == [PHONE]
    assert found[0].cause == "the account does not have the number +15***00; it has +15***67"
    assert "correct phoneNumber" in found[0].cure


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("", "no webhook is set"),
        ("https://demo.twilio.com/welcome/sms/reply", "still points to Twilio's example"),
        ("https://somebody.example/hook", "points to another server (somebody.example)"),
        ("https://old.example/twilio/callback/twilio%3Aphone%3Amyaccount%3Amyphone/sms", "an old address, or another"),
        ("https://[broken/", "an invalid address"),
    ],
)
@pytest.mark.parametrize("configures", [True, False])
def test_webhooks_that_lead_elsewhere(
    twilio: TwilioStandIn, tmp_path: Path, url: str, cause: str, *, configures: bool
) -> None:
    """Webhooks of nobody, of Twilio's example, of others and old ones are distinguished; the cure fits the account."""
    twilio.console.change_number(sms_url=url)
    more = ", autoConfigureWebhooks=false" if not configures else ""
    public = 'publicUrl="https://my.domain.com"'
    found = bad(look(at(twilio, tmp_path, things=things(tmp_path, public, public + more))))
    assert [(one.status, one.facts["setting"]) for one in found] == [("warning" if configures else "failed", "SmsUrl")]
    assert (
        f"texts do not arrive here: {'the webhook ' if 'points' in cause else ''}{cause}" in found[0].cause
        or cause in found[0].cause
    )
    assert ("start the service" if configures else "set SmsUrl to https://my.domain.com") in found[0].cure


def test_webhooks_with_the_wrong_method(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """URLs that point here, but with GET: Twilio's requests would be refused."""
    twilio.console.change_number(sms_method="GET")
    found = bad(look(at(twilio, tmp_path)))
    assert [(one.status, one.about) for one in found] == [("warning", PHONE)]
    assert found[0].cause == "the webhooks use GET instead of POST"
    assert f"twilio-binding configure {PHONE}" in found[0].cure


def test_key_that_may_not_read_numbers(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """With a restricted API key, the webhooks are not checked; that is reported, and is no failure."""
    path = "/2010-04-01/Accounts/[^/]*/IncomingPhoneNumbers"
    body = '{"code": 70051, "message": "Authorization Error", "more_info": "", "status": 403}'
    twilio.faults.set("status", path=path, status=403, body=body, content_type="application/json")
    found = bad(look(at(twilio, tmp_path)))
    assert [(one.status, one.about) for one in found] == [("warning", ACCOUNT)]
    assert "may not read the account's numbers, so their webhooks are not checked" in found[0].cause
    assert "use a standard key" in found[0].cure


def test_number_that_is_no_thing(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """A number whose webhooks point here, but that is not a thing: its texts and calls are refused."""
    base = "https://my.domain.com/twilio/callback/twilio:phone:myaccount:gone"
    twilio.console.add_number("+15553334444", sms_url=f"{base}/sms")
    found = bad(look(at(twilio, tmp_path)))
    assert [one.status for one in found] == ["warning"]
    assert "+15***44 is not a thing, but its texts are sent here and refused" in found[0].cause
    assert "twilio-binding discover" in found[0].cure


def test_something_else_gets_the_texts(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """A messaging service that gets the texts of the number is named, with what to do."""
    twilio.console.add_service()
    found = bad(look(at(twilio, tmp_path)), "failed")
    assert len(found) == 1
    assert "texts do not arrive here: the messaging service MG" in found[0].cause
    assert "Integration" in found[0].cure


def test_no_public_url(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """Without a public URL, you can send: a note, and no failure."""
    given = at(twilio, tmp_path, things=things(tmp_path, ', publicUrl="https://my.domain.com"', ""))
    found = look(given)
    assert not bad(found)
    assert only(found, "without a public URL, you cannot receive").status == "ok"


def test_page_in_the_place_of_twilio(tmp_path: Path) -> None:
    """A captive portal that answers everything with a page is named."""
    with receiver() as server:
        answer = Answer(body="<html>Log in</html>", content_type="text/html", status=200)
        server.answer("/2010-04-01/Accounts/AC00000000000000000000000000000001.json", answer)
        found = bad(look(settings(tmp_path, twilio={"api_url": server.url})), "failed")
    assert ["could not be read" in one.cause for one in found] == [True]
