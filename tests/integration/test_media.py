"""A picture from a camera or an item, over the rule and its message, to Twilio."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from lab.standins.stack import Stack
from tests.camera import PICTURE, Camera, camera
from tests.waiting import wait_until
from twilio_binding.actions import Phone
from twilio_binding.sandbox.demo_rule import PHONE

TO = "+15557654321"


@pytest.fixture
def cam() -> Iterator[Camera]:
    """A camera."""
    with camera() as cam:
        yield cam


def fetched(home: Stack, body: str) -> list[dict[str, Any]]:
    """What Twilio fetched for a message."""

    def found() -> list[dict[str, Any]]:
        messages = (message for message in home.twilio.messages() if message["body"] == body)
        return next((message["fetched"] for message in messages if message.get("fetched")), [])

    return wait_until(found, 15, "Twilio to fetch the picture")


def test_picture_of_a_camera(home: Stack, own_phone: Phone, cam: Camera) -> None:
    """Twilio gets the camera's picture of the alarm, although the camera shows another one by now."""
    url = own_phone.createProxyMediaUrl(f"{cam.url}/snapshot.png")
    assert url
    wait_until(lambda: cam.shots == 1, 5, "the fetch")
    assert own_phone.sendSMS(TO, "picture of a camera", url)
    (picture,) = fetched(home, "picture of a camera")
    assert (picture["status"], picture["type"]) == (200, "image/png")
    assert picture["sha256"] == hashlib.sha256(PICTURE + b"1").hexdigest()


def test_picture_of_an_item(home: Stack, own_phone: Phone) -> None:
    """Twilio gets an Image item's picture as it was when the rule requested it."""
    headers = {"Authorization": "Bearer oh.demo.0123456789"}
    item = f"{home.openhab.url}/rest/items/Door"
    assert requests.put(item, json={"type": "Image", "name": "Door"}, headers=headers, timeout=30).status_code == 201
    state = f"data:image/jpeg;base64,{base64.b64encode(PICTURE).decode()}"
    requests.put(f"{item}/state", data=state, headers=headers | {"Content-Type": "text/plain"}, timeout=30)
    url = wait_until(lambda: own_phone.createItemMediaUrl("Door"), 5, "the picture")
    assert own_phone.sendWhatsApp(TO, "picture of an item", url)
    (picture,) = fetched(home, "picture of an item")
    assert (picture["status"], picture["type"]) == (200, "image/jpeg")
    assert picture["sha256"] == hashlib.sha256(PICTURE).hexdigest()


def test_no_picture(own_phone: Phone) -> None:
    """Without a picture, the rule gets None, and can send its text alone."""
    assert own_phone.createItemMediaUrl("Nobody") is None
    assert own_phone.createProxyMediaUrl("ftp://camera/x") is None


def test_sigterm_during_a_fetch(home: Stack, own_phone: Phone, cam: Camera) -> None:
    """The end of the process cuts a fetch; the next process makes it, under the same URL."""
    cam.open.clear()
    url = own_phone.createProxyMediaUrl(f"{cam.url}/later")
    assert url
    wait_until(lambda: cam.asked, 5, "the fetch")
    assert home.service.stop() == 0
    cam.open.set()
    home.service.start()
    local = home.service.url + url[url.index("/twilio/callback/media/") :]
    answer = requests.get(local, timeout=30)
    assert (answer.status_code, answer.content[: len(PICTURE)]) == (200, PICTURE)
    assert url.rpartition("/")[2] not in home.service.log.read_text(encoding="utf-8")


def test_own_pages(home: Stack, own_phone: Phone) -> None:
    """Neither the pages of the service nor openHAB's REST get a public URL."""
    listeners = (home.service.url, home.service.admin_url)
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
        for url in (
            f"{listeners[0]}/twilio/callback/x/sms",
            f"{listeners[1]}/metrics",
            f"{home.openhab.url}/rest/items",
        ):
            result = own_phone.client.call(PHONE, "createProxyMediaUrl", {"sourceUrl": url.replace("127.0.0.1", host)})
            assert (result.ok, result.code) == (False, "bad_source")
            assert "never fetched" in result.message


def test_login_page(home: Stack, own_phone: Phone, cam: Camera) -> None:
    """A camera that shows its login page gives no URL; the reason is in the result and in the log."""
    result = own_phone.client.call(PHONE, "createProxyMediaUrl", {"sourceUrl": f"{cam.url}/body/login/image~jpeg"})
    assert (result.ok, result.code, result.retryable) == (False, "bad_source", True)
    assert "an HTML page instead of a picture" in result.message
    assert "an HTML page instead of a picture" in home.service.log.read_text(encoding="utf-8")
    assert own_phone.createProxyMediaUrl(f"{cam.url}/body/empty") is None
    assert own_phone.createProxyMediaUrl(f"{cam.url}/body/jpeg")
