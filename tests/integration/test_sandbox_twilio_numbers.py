"""The stand-in's numbers and what takes over from them, asked by Twilio's own SDK.

Leans on: SIDs of applications and trunks override URLs, a messaging service without URL drops texts, a refused account
answers 20005 (that this comes with status 403 is a guess).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from lab.standins.client import TwilioStandIn
from tests.standins import Receiver, receiver, twilio_standin

OURS = "+15551234567"


@pytest.fixture(scope="module")
def server() -> Iterator[TwilioStandIn]:
    """A stand-in whose webhooks go where their URLs say."""
    with twilio_standin() as up:
        yield up


@pytest.fixture
def twilio(server: TwilioStandIn) -> TwilioStandIn:
    """The stand-in as good as new."""
    server.reset()
    return server


@pytest.fixture
def client(twilio: TwilioStandIn) -> Iterator[Any]:
    """The SDK with the account's token."""
    made = Client(twilio.options.account_sid, twilio.options.auth_token)
    for product in (made.api, made.messaging, made.routes):
        product.base_url = twilio.url
    yield made
    made.http_client.session.close()


@pytest.fixture
def ours() -> Iterator[Receiver]:
    """Somebody whom webhooks may lead to."""
    with receiver() as here:
        yield here


def _sid(twilio: TwilioStandIn) -> str:
    return str(twilio.console.number()["sid"])


def test_webhooks_follow_the_number(client: Any, twilio: TwilioStandIn, ours: Receiver) -> None:
    """Texts and calls go to the URLs that the number has at that moment."""
    client.incoming_phone_numbers(_sid(twilio)).update(sms_url=f"{ours.url}/new/sms", voice_url=f"{ours.url}/new/voice")
    assert twilio.receive_sms("hello")["status"] == 200
    twilio.call()
    assert [asked.target for asked in ours.asked] == ["/new/sms", "/new/voice"]


def test_released_number(client: Any, twilio: TwilioStandIn) -> None:
    """A released number is gone, and nothing comes in for it."""
    sid = _sid(twilio)
    assert client.incoming_phone_numbers(sid).delete()
    with pytest.raises(TwilioRestException) as caught:
        client.incoming_phone_numbers(sid).fetch()
    assert caught.value.code == 20404
    with pytest.raises(requests.HTTPError, match="has no number"):
        twilio.receive_sms("hello")


def test_update_that_is_not_kept(client: Any, twilio: TwilioStandIn) -> None:
    """An update may be answered as if it was done, and not be done."""
    twilio.configure(keeps_updates=False)
    sid = _sid(twilio)
    assert client.incoming_phone_numbers(sid).update(sms_url="https://new.example").sms_url == "https://new.example"
    assert client.incoming_phone_numbers(sid).fetch().sms_url != "https://new.example"


def test_small_pages(client: Any, twilio: TwilioStandIn) -> None:
    """Pages may be smaller than asked for."""
    twilio.configure(page_limit=1)
    twilio.console.add_number("+15550000001")
    assert len(client.incoming_phone_numbers.list()) == 2
    assert client.incoming_phone_numbers.page(page_size=50).next_page_url


def test_application_gets_everything(client: Any, twilio: TwilioStandIn, ours: Receiver) -> None:
    """An application's URLs replace those of the number; one without URLs gets nothing."""
    application = twilio.console.add_application(sms_url=f"{ours.url}/app/sms", voice_url=f"{ours.url}/app/voice")
    assert client.applications(application["sid"]).fetch().sms_url == f"{ours.url}/app/sms"
    twilio.console.change_number(sms_application_sid=application["sid"], voice_application_sid=application["sid"])
    twilio.receive_sms("hello")
    twilio.call()
    assert [asked.target for asked in ours.asked] == ["/app/sms", "/app/voice"]
    twilio.console.change_number(sms_application_sid="AP0", voice_application_sid="AP0")
    with pytest.raises(requests.HTTPError, match="no webhook"):
        twilio.receive_sms("hello")
    assert twilio.call().reason == "the number has no voice URL"


def test_messaging_service(client: Any, twilio: TwilioStandIn, ours: Receiver) -> None:
    """A service passes texts to its own URL, drops them without one, and leaves them to the number when told to."""
    twilio.console.change_number(sms_url=f"{ours.url}/number/sms")
    twilio.console.add_service(use_inbound_webhook_on_number=True)
    twilio.receive_sms("to the number")
    service = twilio.console.add_service(inbound_request_url=f"{ours.url}/service/sms")
    twilio.receive_sms("to the service")
    assert [asked.target for asked in ours.asked] == ["/number/sms", "/service/sms"]
    assert service["sid"] in [each.sid for each in client.messaging.v1.services.list()]
    member = client.messaging.v1.services(service["sid"]).phone_numbers(_sid(twilio)).fetch()
    assert member.phone_number == OURS
    with pytest.raises(TwilioRestException):
        client.messaging.v1.services(service["sid"]).phone_numbers("PN0").fetch()


def test_service_without_url(twilio: TwilioStandIn) -> None:
    """A service without URL drops texts."""
    twilio.console.add_service()
    with pytest.raises(requests.HTTPError, match="no webhook"):
        twilio.receive_sms("hello")


def test_region_of_a_number(client: Any, twilio: TwilioStandIn) -> None:
    """The region that handles a number's calls can be asked for."""
    twilio.console.add_number("+15550000001", voice_region="ie1")
    assert client.routes.v2.phone_numbers(OURS).fetch().voice_region == "us1"
    assert client.routes.v2.phone_numbers("+15550000001").fetch().voice_region == "ie1"
    with pytest.raises(TwilioRestException):
        client.routes.v2.phone_numbers("+15550000002").fetch()


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_account_that_is_not_active(client: Any, twilio: TwilioStandIn, status: str) -> None:
    """An account that is not active still tells of itself, and does nothing else."""
    twilio.configure(account_status=status)
    assert client.api.accounts(twilio.options.account_sid).fetch().status == status
    with pytest.raises(TwilioRestException) as caught:
        client.messages.create(to="+15557654321", from_=OURS, body="hello")
    assert caught.value.code == 20005


def test_fault_with_a_header(twilio: TwilioStandIn) -> None:
    """A fault may have headers, such as Retry-After."""
    twilio.faults.set("429", headers={"Retry-After": "4"}, count=1)
    answer = requests.get(f"{twilio.url}/2010-04-01/Accounts/AC1.json", timeout=30)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "4")


@pytest.mark.parametrize(
    "order",
    [
        lambda twilio: twilio.console.remove_number("+15550009999"),
        lambda twilio: twilio.console.change_number("+15550009999", sms_url=""),
        lambda twilio: twilio.console.add_number("+15550000001", nonsense="x"),
        lambda twilio: twilio.console.add_application(nonsense="x"),
        lambda twilio: twilio.console.add_service(nonsense="x"),
    ],
)
def test_orders_that_make_no_sense(twilio: TwilioStandIn, order: Any) -> None:
    """A number that is not there, or a setting that nothing has, is refused."""
    with pytest.raises(requests.HTTPError):
        order(twilio)
