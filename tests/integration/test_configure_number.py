"""Contract, section 9: webhooks of numbers at Twilio; with a real socket, the SDK and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lab.standins.client import TwilioStandIn
from tests.conftest import Announced
from tests.standins import PUBLIC_URL
from twilio_binding.accounts.number_webhooks import ConfigureNumber
from twilio_binding.errors import OutcomeUnknownError, TwilioError
from twilio_binding.model.statuses import ONLINE, Status
from twilio_binding.model.things import Account, Phone
from twilio_binding.model.uids import ThingUID
from twilio_binding.protocol.errors import Refusal
from twilio_binding.sandbox.twilio import TwilioOptions
from twilio_binding.store import Database, SqliteKeptWebhooks
from twilio_binding.twilio_api import Clients, TwilioNumbers

ACCOUNT = Account(
    uid=ThingUID("twilio:account:a"),
    account_sid="AC00000000000000000000000000000001",
    auth_token="your_auth_token",
    public_url=PUBLIC_URL,
)
PHONE = Phone(uid=ThingUID("twilio:phone:a:b"), bridge=ACCOUNT.uid, phone_number="+15551234567")
OURS = f"{PUBLIC_URL}/twilio/callback/{PHONE.uid}"
READ = r"/2010-04-01/Accounts/AC\w+/IncomingPhoneNumbers"
WRITE = READ + r"/PN\w+.json"
OLD = {"sms_url": "https://old.example/sms", "sms_method": "GET", "voice_url": "", "status_callback": ""}
URLS = {"sms_url": f"{OURS}/sms", "voice_url": f"{OURS}/voice", "status_callback": f"{OURS}/status"}


@pytest.fixture(scope="module")
def running() -> Iterator[TwilioStandIn]:
    """A running Twilio."""
    with TwilioStandIn(TwilioOptions()) as standin:
        yield standin


@pytest.fixture
def twilio(running: TwilioStandIn) -> TwilioStandIn:
    """Twilio with one number whose webhooks point elsewhere."""
    running.reset()
    running.console.change_number(**OLD)
    return running


@contextmanager
def a_run(twilio: TwilioStandIn, folder: Path) -> Iterator[ConfigureNumber]:
    """One process."""
    with ExitStack() as stack:
        clients, database = Clients(twilio.url), Database(folder / "kept.db")
        database.start()
        stack.callback(database.stop)
        stack.callback(clients.stop)
        yield ConfigureNumber(TwilioNumbers(clients), SqliteKeptWebhooks(database))


@pytest.fixture
def webhooks(twilio: TwilioStandIn, tmp_path: Path) -> Iterator[ConfigureNumber]:
    """The first process."""
    with a_run(twilio, tmp_path) as webhooks:
        yield webhooks


def _settings(twilio: TwilioStandIn, like: dict[str, str]) -> dict[str, str]:
    number = twilio.console.number()
    return {name: number[name] for name in like}


def _is_misconfigured(status: Status, text: str) -> bool:
    return (status.status, status.detail) == ("OFFLINE", "CONFIGURATION_ERROR") and text in status.text


def _is_unreached(status: Status, text: str) -> bool:
    return (status.status, status.detail) == ("OFFLINE", "COMMUNICATION_ERROR") and text in status.text


def test_sets_all_three(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """SmsUrl, VoiceUrl and StatusCallback point to us, all with POST."""
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    assert _settings(twilio, URLS) == URLS
    assert twilio.console.number()["sms_method"] == "POST"


def test_writes_only_what_differs(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Nothing is written if everything is right, otherwise only the differences."""
    twilio.console.change_number(**URLS, sms_method="POST")
    twilio.faults.set("500", path=WRITE, method="POST")
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    twilio.faults.clear()
    twilio.console.change_number(
        voice_url="https://old.example", sms_method="post", sms_url=URLS["sms_url"].replace(":p", "%3Ap")
    )
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    number = twilio.console.number()
    assert number["voice_url"] == URLS["voice_url"]
    assert (number["sms_method"], "%3A" in number["sms_url"]) == ("post", True)


def test_webhooks_really_arrive_there(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """What Twilio sends afterwards goes to the configured URLs."""
    webhooks.check(ACCOUNT, PHONE)
    twilio.configure(deliver_to="http://127.0.0.1:9")
    assert twilio.receive_sms("hello")["url"] == URLS["sms_url"]
    assert twilio.call().requests[0]["url"] == URLS["voice_url"]


def test_nothing_is_written_where_that_is_off(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """autoConfigureWebhooks=false writes nothing; the difference is reported, and the phone works."""
    account = replace(ACCOUNT, auto_configure_webhooks=False)
    status = webhooks.check(account, PHONE)
    assert status.is_online
    assert "SmsUrl, StatusCallback, VoiceUrl of the number at Twilio does not point to this service" in status.text
    assert _settings(twilio, OLD) == OLD
    twilio.console.change_number(**URLS)
    assert webhooks.check(account, PHONE) == ONLINE


def test_application_of_ones_own(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """An application that points here is as good as the number's own URLs."""
    application = twilio.console.add_application(sms_url=URLS["sms_url"], voice_url=URLS["voice_url"])
    twilio.console.change_number(
        sms_application_sid=application["sid"],
        voice_application_sid=application["sid"],
        status_callback=URLS["status_callback"],
    )
    assert webhooks.check(replace(ACCOUNT, auto_configure_webhooks=False), PHONE) == ONLINE
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE


def test_without_public_url(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """While no URL is known, nothing is written; the number must exist."""
    account = replace(ACCOUNT, public_url="")
    assert webhooks.check(account, PHONE) == ONLINE
    assert _settings(twilio, OLD) == OLD
    twilio.console.remove_number()
    assert _is_misconfigured(webhooks.check(account, PHONE), "does not have this phone number")


def test_number_that_goes_and_comes(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Contract, section 10: a number that is not (or no longer) on the account is offline with the reason."""
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    twilio.console.remove_number()
    status = webhooks.check(ACCOUNT, PHONE)
    assert _is_misconfigured(status, "The account does not have this phone number")
    twilio.console.add_number(PHONE.phone_number)
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    assert _settings(twilio, URLS) == URLS


def test_number_that_moved_to_another_account(twilio: TwilioStandIn, webhooks: ConfigureNumber, tmp_path: Path) -> None:
    """A moved number is offline in the old account, and set up in the new one when its thing is configured there."""
    webhooks.check(ACCOUNT, PHONE)
    twilio.console.remove_number()
    assert _is_misconfigured(webhooks.check(ACCOUNT, PHONE), "The account does not have this phone number")
    other = replace(ACCOUNT, uid=ThingUID("twilio:account:c"), account_sid="AC" + "2" * 32)
    moved = replace(PHONE, uid=ThingUID("twilio:phone:c:b"), bridge=other.uid)
    with (
        TwilioStandIn(TwilioOptions(account_sid=other.account_sid)) as there,
        a_run(there, tmp_path / "c") as elsewhere,
    ):
        assert elsewhere.check(other, moved) == ONLINE
        assert there.console.number()["sms_url"] == f"{PUBLIC_URL}/twilio/callback/{moved.uid}/sms"


def test_changed_public_url(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Another publicUrl is set without suspecting anybody; the original values can still be restored."""
    webhooks.check(ACCOUNT, PHONE)
    for url in ("https://second.example", "https://third.example"):
        assert webhooks.check(replace(ACCOUNT, public_url=url), PHONE) == ONLINE
        assert twilio.console.number()["sms_url"].startswith(url)
    webhooks.restore(replace(ACCOUNT, public_url=url), PHONE)
    assert _settings(twilio, OLD) == OLD


def test_url_that_twilio_does_not_take(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """A refused write is reported with Twilio's code, and retried without suspecting anybody."""
    account = replace(ACCOUNT, public_url="https://not_a_host")
    for _ in range(3):
        status = webhooks.check(account, PHONE)
        assert _is_misconfigured(status, "could not be set: Twilio API error (21402): The URL is not valid")
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    webhooks.restore(ACCOUNT, PHONE)
    assert _settings(twilio, OLD) == OLD


def test_read_back_differs(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Values that Twilio accepts but does not keep are reported by name."""
    twilio.configure(keeps_updates=False)
    status = webhooks.check(ACCOUNT, PHONE)
    assert _is_misconfigured(
        status, "Twilio accepted SmsMethod, SmsUrl, StatusCallback, VoiceUrl but kept other values"
    )
    twilio.configure(keeps_updates=True)
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("html", "Twilio answered 502"),
        ("empty", "Twilio's answer could not be read"),
        ("nonsense", "Twilio's answer could not be read"),
        ("500", "Twilio answered 500"),
        ("cut", "broke before its answer"),
    ],
)
@pytest.mark.parametrize("asked", [("GET", "checked"), ("POST", "set")])
def test_answers_that_make_no_sense(
    twilio: TwilioStandIn, webhooks: ConfigureNumber, fault: str, text: str, asked: tuple[str, str]
) -> None:
    """HTML, empty and invalid answers: offline with the reason until the next check, and nothing is lost."""
    method, verb = asked
    twilio.faults.set(fault, path=READ, method=method)
    assert _is_unreached(webhooks.check(ACCOUNT, PHONE), f"could not be {verb}: ")
    assert text in webhooks.check(ACCOUNT, PHONE).text
    twilio.faults.clear()
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    webhooks.restore(ACCOUNT, PHONE)
    assert _settings(twilio, OLD) == OLD


def test_answer_that_is_lost(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """A write that arrived although its answer was lost counts as ours at the next check."""
    twilio.faults.set("reset", path=WRITE, method="POST", count=1)
    assert _is_unreached(webhooks.check(ACCOUNT, PHONE), "could not be set")
    assert _settings(twilio, URLS) == URLS
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    webhooks.restore(ACCOUNT, PHONE)
    assert _settings(twilio, OLD) == OLD


def test_asked_too_often(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Too many requests are not the phone's fault: the caller must wait."""
    twilio.faults.set("429", path=WRITE, method="POST", headers={"Retry-After": "3"}, count=1)
    with pytest.raises(TwilioError) as caught:
        webhooks.check(ACCOUNT, PHONE)
    assert caught.value.retry_after == 3
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE


def test_key_that_may_not_read(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """With a key that cannot read numbers, the phone is online, and says what that means."""
    twilio.faults.set("forbidden", path=READ)
    status = webhooks.check(ACCOUNT, PHONE)
    assert (status.status, status.text[:32]) == ("ONLINE", "The API key is not allowed to re")


def test_key_that_may_not_write(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """With a key that cannot write numbers, webhooks cannot be set, and the phone says so."""
    twilio.faults.set("forbidden", path=READ, method="POST")
    assert _is_misconfigured(
        webhooks.check(ACCOUNT, PHONE), "(70051): these credentials do not have permission for this"
    )


def test_restore(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """The original values are restored on request, also empty URLs."""
    webhooks.check(ACCOUNT, PHONE)
    restored = webhooks.restore(ACCOUNT, PHONE)
    assert restored == {"SmsUrl": OLD["sms_url"], "SmsMethod": "GET", "VoiceUrl": "", "StatusCallback": ""}
    assert _settings(twilio, OLD) == OLD


def test_restored_is_left_alone_until_asked(twilio: TwilioStandIn, tmp_path: Path) -> None:
    """Restored values stay across restarts and another publicUrl, until a request to configure."""
    with a_run(twilio, tmp_path) as webhooks:
        webhooks.check(ACCOUNT, PHONE)
        webhooks.restore(ACCOUNT, PHONE)
    with a_run(twilio, tmp_path) as webhooks:
        status = webhooks.check(replace(ACCOUNT, public_url="https://second.example"), PHONE)
        assert status.is_online
        assert f"`twilio-binding configure {PHONE.uid}` sets them again" in status.text
        assert _settings(twilio, OLD) == OLD
        assert webhooks.set_again(ACCOUNT, PHONE) == ONLINE
        assert _settings(twilio, URLS) == URLS
        webhooks.restore(ACCOUNT, PHONE)
        assert _settings(twilio, OLD) == OLD


def test_change_while_left_alone(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Values that somebody sets meanwhile become the original values when we configure again."""
    webhooks.check(ACCOUNT, PHONE)
    webhooks.restore(ACCOUNT, PHONE)
    twilio.console.change_number(sms_url="https://newer.example")
    assert webhooks.set_again(ACCOUNT, PHONE) == ONLINE
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    webhooks.restore(ACCOUNT, PHONE)
    number = twilio.console.number()
    assert (number["sms_url"], number["voice_url"], number["sms_method"]) == ("https://newer.example", "", "GET")


def test_restore_that_is_refused_and_undone(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """A failed restore does not make our own webhooks the original values."""
    webhooks.check(ACCOUNT, PHONE)
    twilio.faults.set("500", path=WRITE, method="POST", count=1)
    with pytest.raises(OutcomeUnknownError):
        webhooks.restore(ACCOUNT, PHONE)
    assert webhooks.set_again(ACCOUNT, PHONE) == ONLINE
    webhooks.restore(ACCOUNT, PHONE)
    assert _settings(twilio, OLD) == OLD


def test_restore_of_what_was_never_changed(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Nothing can be restored if nothing was changed, or if the number does not exist."""
    twilio.console.change_number(**URLS, sms_method="POST")
    webhooks.check(ACCOUNT, PHONE)
    with pytest.raises(Refusal, match="has never changed the webhooks of this number"):
        webhooks.restore(ACCOUNT, PHONE)
    twilio.console.remove_number()
    with pytest.raises(Refusal, match="does not have this phone number"):
        webhooks.restore(ACCOUNT, PHONE)


def test_restore_that_twilio_does_not_keep(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """A restore that Twilio does not keep is reported, and can be requested again."""
    webhooks.check(ACCOUNT, PHONE)
    twilio.configure(keeps_updates=False)
    with pytest.raises(Refusal, match="but kept other values"):
        webhooks.restore(ACCOUNT, PHONE)
    twilio.configure(keeps_updates=True)
    webhooks.restore(ACCOUNT, PHONE)
    assert _settings(twilio, OLD) == OLD


def test_changed_by_somebody_else(twilio: TwilioStandIn, webhooks: ConfigureNumber, announced: Announced) -> None:
    """A change in the Console is corrected once; a second one stays, is reported, and is corrected on request."""
    announced("webhooks.changed_by_somebody_else")
    webhooks.check(ACCOUNT, PHONE)
    twilio.console.change_number(sms_url="https://somebody.example")
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE
    assert _settings(twilio, URLS) == URLS
    twilio.console.change_number(sms_url="https://somebody.example/again")
    for _ in range(2):
        assert _is_misconfigured(webhooks.check(ACCOUNT, PHONE), "Another program keeps changing SmsUrl of the number")
    assert twilio.console.number()["sms_url"] == "https://somebody.example/again"
    assert webhooks.set_again(ACCOUNT, PHONE) == ONLINE
    assert _settings(twilio, URLS) == URLS


def test_restore_brings_back_the_latest_of_somebody_else(
    twilio: TwilioStandIn, webhooks: ConfigureNumber, announced: Announced
) -> None:
    """Values that somebody set in between are restored; their last values stay."""
    announced("webhooks.changed_by_somebody_else")
    webhooks.check(ACCOUNT, PHONE)
    twilio.console.change_number(sms_url="https://somebody.example")
    webhooks.check(ACCOUNT, PHONE)
    twilio.console.change_number(voice_url="https://voice.example")
    webhooks.restore(ACCOUNT, PHONE)
    number = twilio.console.number()
    assert (number["sms_url"], number["voice_url"]) == ("https://somebody.example", "https://voice.example")


def test_two_that_want_the_same_number(
    twilio: TwilioStandIn, webhooks: ConfigureNumber, tmp_path: Path, announced: Announced
) -> None:
    """Two services that want the same number do not overwrite each other forever."""
    announced("webhooks.changed_by_somebody_else")
    rival = replace(ACCOUNT, public_url="https://rival.example")
    with a_run(twilio, tmp_path / "rival") as others:
        rounds = [(webhooks.check(ACCOUNT, PHONE), others.check(rival, PHONE)) for _ in range(4)]
    ends = [status.status for pair in rounds for status in pair]
    assert ends == ["ONLINE"] * 4 + ["OFFLINE", "ONLINE"] * 2
    assert twilio.console.number()["sms_url"].startswith("https://rival.example")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"sms_application_sid": "AP1"}, "Texts do not arrive here: the application AP1 gets them"),
        ({"voice_application_sid": "AP1"}, "Calls do not arrive here: the application AP1 gets them"),
        ({"trunk_sid": "TK1"}, "Calls do not arrive here: the SIP trunk TK1 gets them"),
    ],
)
def test_dead_letter(twilio: TwilioStandIn, webhooks: ConfigureNumber, settings: dict[str, str], text: str) -> None:
    """What overrides texts or calls is named; the phone works for the rest, and its webhooks are set anyway."""
    twilio.console.change_number(**settings)
    status = webhooks.check(ACCOUNT, PHONE)
    assert status.is_online
    assert text in status.text
    assert _settings(twilio, URLS) == URLS


def test_dead_letters_for_all_that_comes_in(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """A phone that gets neither texts nor calls is offline; what a number does not support does not count."""
    service = twilio.console.add_service(PHONE.phone_number, inbound_request_url="https://elsewhere.example")
    twilio.console.change_number(trunk_sid="TK1")
    status = webhooks.check(ACCOUNT, PHONE)
    assert _is_misconfigured(status, f"Texts do not arrive here: the messaging service {service['sid']} gets them")
    assert "Calls do not arrive here: the SIP trunk TK1 gets them" in status.text
    assert webhooks.check(replace(ACCOUNT, auto_configure_webhooks=False), PHONE).is_online
    twilio.console.change_number(trunk_sid="", capabilities={"sms": True, "mms": False, "voice": False, "fax": False})
    assert _is_misconfigured(webhooks.check(ACCOUNT, PHONE), "Texts do not arrive here")


def test_messaging_service_that_leads_here(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """A messaging service that passes texts on to us overrides nothing."""
    twilio.console.add_service(PHONE.phone_number, inbound_request_url=URLS["sms_url"])
    assert webhooks.check(ACCOUNT, PHONE) == ONLINE


def test_region_of_calls(twilio: TwilioStandIn, webhooks: ConfigureNumber) -> None:
    """Calls that another region handles are named."""
    phone = replace(PHONE, phone_number="+15550000001")
    twilio.console.add_number(phone.phone_number, voice_region="ie1")
    assert webhooks.check(ACCOUNT, phone).text.startswith("Calls do not arrive here: the region ie1 gets them")
