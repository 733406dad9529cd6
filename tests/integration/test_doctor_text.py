"""`doctor --send`: one text to yourself, and your answer in an item."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from lab.standins.stack import Stack, stack
from tests.doctor import bad, only, settings
from twilio_binding import doctor
from twilio_binding.doctor import LinkResult, Wishes
from twilio_binding.doctor.links import LINKS
from twilio_binding.settings import Settings

ME = "+15557654321"
NEEDED = ("settings", "service", "broker", "openhab", "twilio-account", "text")


@pytest.fixture(scope="module")
def up() -> Iterator[Stack]:
    """A stack for the tests of this module."""
    with stack() as running:
        yield running


@pytest.fixture
def home(up: Stack) -> Stack:
    """The same, without faults."""
    up.twilio.faults.clear()
    up.twilio.configure(account_type="Full", verified="")
    return up


def of(home: Stack, folder: Path, **more: Any) -> Settings:
    """The settings of the running service."""
    token = home.service._settings["OPENHAB__TOKEN"]
    sections: dict[str, Any] = {
        "data_dir": home.folder / "data",
        "things": [str(home.things)],
        "admin": {"listen": home.service.admin_url.removeprefix("http://")},
        "webhook": {"listen": home.service.url.removeprefix("http://")},
        "openhab": {"url": home.openhab.url, "token": token},
        "mqtt": {"url": home.broker.url},
        "twilio": {"api_url": home.twilio.url},
    }
    return settings(folder, **(sections | more))


def look(given: Settings, to: str = ME, *, answer_seconds: float = 0.0, home: Stack | None = None) -> list[LinkResult]:
    """The doctor's results for the text; `home` answers it."""
    wishes = Wishes(send_to=to, answer_seconds=answer_seconds)
    found = []
    for result in doctor.run(given, wishes, links=[link for link in LINKS if link.id in NEEDED]):
        if result.id == "text":
            found.append(result)
        if home is not None and "now answer that text" in result.text:
            home.twilio.receive_sms("somebody else's")
            home.twilio.receive_sms(f"Grüße {token_hex(4)}", sender=to)
    return found


def test_text_and_answer(home: Stack, tmp_path: Path) -> None:
    """Sent by the service, delivered, status received, answer received, and in the linked item; each with its time."""
    found = look(of(home, tmp_path), answer_seconds=20.0, home=home)
    assert not bad(found)
    assert only(found, "sent by the service to +15***21: Twilio accepted it as")
    times = only(found, "delivered (").facts["seconds"]
    assert isinstance(times, dict)
    assert "delivered" in times
    assert only(found, "its status came back to the service")
    assert only(found, "your answer came after")
    assert only(found, "the item TwilioLastMessage has your answer")
    assert ME not in str(found)
    assert home.twilio.messages()[-3]["body"].startswith("Test of Twilio for openHAB")


def test_no_answer(home: Stack, tmp_path: Path) -> None:
    """A missing answer is a warning, because perhaps nobody answered."""
    found = bad(look(of(home, tmp_path), answer_seconds=0.5))
    assert [(one.status, one.cause) for one in found] == [("warning", "no answer came within 0 s")]


def test_answer_that_no_item_gets(home: Stack, tmp_path: Path) -> None:
    """If an item does not accept the state, the chain ends there, and the item is named."""
    fault = home.openhab.faults.set("lose-run")
    found = look(of(home, tmp_path), answer_seconds=20.0, home=home)
    home.openhab.faults.clear()
    assert fault
    assert only(found, "the item TwilioLastMessage does not have your answer").status == "failed"
    home.service.wait_ready()


def test_text_that_is_not_delivered(home: Stack, tmp_path: Path) -> None:
    """Twilio accepts the text but cannot deliver it: error code and meaning are reported."""
    found = bad(look(of(home, tmp_path), "+15005530003"))
    assert [one.status for one in found] == ["failed"]
    assert "not delivered: undelivered, error 30003" in found[0].cause
    assert found[0].facts["error"] == "30003"
    assert found[0].cure


def test_status_that_does_not_come_back(home: Stack, tmp_path: Path) -> None:
    """The text is delivered, but Twilio's callbacks do not arrive."""
    url = home.service.url
    home.twilio.configure(deliver_to="http://127.0.0.1:9")
    found = bad(look(of(home, tmp_path)))
    home.twilio.configure(deliver_to=url)
    assert [(one.status, one.cause) for one in found] == [("failed", "no status of it came back to the service")]
    assert "public URL" in found[0].cure


@pytest.mark.parametrize(
    ("to", "cause", "cure"),
    [
        ("12", "--send:", "write the number as +15557654321"),
        ("+15005550001", "Invalid 'To' Phone Number", "see the cause"),
        ("+15005550004", "the text was not sent", "see the cause"),
    ],
)
def test_text_that_is_refused(home: Stack, tmp_path: Path, to: str, cause: str, cure: str) -> None:
    """Invalid numbers, and sends that Twilio refuses."""
    found = bad(look(of(home, tmp_path), to))
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert cure in found[0].cure


def test_trial_account(home: Stack, tmp_path: Path) -> None:
    """A trial account only sends to verified numbers: that is the cure, not only a code."""
    home.twilio.configure(account_type="Trial")
    found = bad(look(of(home, tmp_path)))
    assert [one.status for one in found] == ["failed"]
    assert "unverified" in found[0].cause
    assert "verify this one in the Twilio Console" in found[0].cure


def test_while_no_service_runs(home: Stack, tmp_path: Path) -> None:
    """Without the service, the doctor sends the text itself, and says that it does not wait for an answer."""
    found = look(
        of(home, tmp_path, admin={"listen": "127.0.0.1:9"}, webhook={"listen": "127.0.0.1:10"}), answer_seconds=9
    )
    assert not bad(found)
    assert only(found, "sent by the doctor, because the service is not running")
    assert only(found, "delivered (")
    assert only(found, "not waiting for your answer").status == "skipped"
    home.twilio.faults.set("401", path="/2010-04-01/Accounts/[^/]*/Messages")
    refused = bad(look(of(home, tmp_path, admin={"listen": "127.0.0.1:9"})))
    assert ["Invalid Account SID or Auth Token" in one.cause for one in refused] == [True]


def test_no_account_that_works(tmp_path: Path) -> None:
    """If Twilio accepts no account, nothing is sent."""
    found = look(settings(tmp_path))
    assert [(one.status, one.text) for one in found] == [("skipped", "not sent: no account with a phone can be used")]
