"""A public URL with a password, an IPv6 address, a port, or other letter case: Twilio gets in, and nobody sees the password."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from lab.standins.stack import Stack, stack
from tests.standins import Answer, Receiver, receiver
from tests.waiting import wait_until
from twilio_binding.actions import connect, phone
from twilio_binding.mqtt import Client
from twilio_binding.sandbox.demo_rule import PHONE

PASSWORD = "p%2Fss-w0rd"


@pytest.fixture(scope="module")
def up() -> Iterator[Stack]:
    """A stack."""
    with stack() as up:
        yield up


@pytest.mark.parametrize(
    ("written", "given", "shown"),
    [
        (f"https://ada:{PASSWORD}@my.domain.com", f"https://ada:{PASSWORD}@my.domain.com", "https://my.domain.com"),
        (f"https://ada:{PASSWORD}@my.domain.com:8443/", None, "https://my.domain.com:8443"),
        ("https://ada:p@ss@my.domain.com", "https://ada:p%40ss@my.domain.com", "https://my.domain.com"),
        ("https://[2001:db8::1]:8443", None, "https://[2001:db8::1]:8443"),
        (f"https://ada:{PASSWORD}@[2001:db8::1]", None, "https://[2001:db8::1]"),
        ("https://My.Domain.COM:443", None, "https://My.Domain.COM:443"),
        ("HTTPS://bücher.example", "https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_public_url(up: Stack, written: str, given: str | None, shown: str) -> None:
    """Twilio gets the URL with the proxy's password, signs it without, and everybody else sees it without."""
    given = (given or written).rstrip("/")
    good = up.things.read_text(encoding="utf-8")
    up.things.write_text(good.replace("https://my.domain.com", written), encoding="utf-8")
    end = f"/twilio/callback/{PHONE}/sms"
    try:
        wait_until(lambda: up.twilio.console.number()["sms_url"] == given + end, 20, "the number's webhooks")
        up.service.wait_ready()
        assert up.twilio.receive_sms("Hello")["status"] == 200
        assert up.twilio.call().requests[0]["status"] == 200
        with Client(up.broker.url, timeout=30) as client:
            told = (client.retained(client.topics.things) or b"").decode()
        properties = {thing["uid"]: thing["properties"] for thing in json.loads(told)}[PHONE]
        assert properties["smsWebhookUrl"] == shown + end
        with connect(up.broker.url, timeout=15) as connected:
            assert phone(PHONE, connected).sendSMS("+15559876543", "Hello")
        everything = told + up.service.log.read_text(encoding="utf-8")
        assert [secret for secret in (PASSWORD, "p/ss-w0rd", "p@ss", "p%40ss") if secret in everything] == []
    finally:
        up.things.write_text(good, encoding="utf-8")


@pytest.fixture
def camera() -> Iterator[Receiver]:
    """A camera in the home network."""
    with receiver() as found:
        yield found


def test_picture_behind_a_password(up: Stack, camera: Receiver) -> None:
    """Rules get a picture's URL without the password, Twilio gets it with the password."""
    good = up.things.read_text(encoding="utf-8")
    up.things.write_text(good.replace("https://my", f"https://ada:{PASSWORD}@my"), encoding="utf-8")
    try:
        wait_until(lambda: PASSWORD in up.twilio.console.number()["sms_url"], 20, "the number's webhooks")
        camera.answer("/picture.jpg", Answer(body=b"\xff\xd8picture", content_type="image/jpeg"))
        with connect(up.broker.url, timeout=15) as connected:
            own = phone(PHONE, connected)
            url = own.createProxyMediaUrl(f"{camera.url}/picture.jpg") or ""
            assert url.startswith("https://my.domain.com/twilio/callback/media/")
            assert own.sendSMS("+15559876543", "Look", url)
        message = wait_until(lambda: (sent := up.twilio.messages()[-1]).get("fetched") and sent, 20, "Twilio's fetch")
        assert message["media"] == [url.replace("https://", f"https://ada:{PASSWORD}@")]
        assert [fetched["status"] for fetched in message["fetched"]] == [200]
    finally:
        up.things.write_text(good, encoding="utf-8")
