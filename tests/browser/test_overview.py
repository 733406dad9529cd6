"""The first page, and how it looks."""

from __future__ import annotations

import time

from lab.standins.stack import Stack
from tests.browser.conftest import Open, look


def test_overview(home: Stack, open_page: Open) -> None:
    """What is connected, which things there are, and the numbers of today."""
    home.twilio.receive_sms("Hello")
    page = open_page(f"{home.service.admin_url}/")
    assert page.get_by_text("Everything is connected.").is_visible()
    assert page.get_by_role("heading", name="works openHAB").is_visible()
    assert page.get_by_text("twilio:phone:myaccount:myphone").is_visible()
    assert page.locator(".figures div", has_text="Texts received").locator("dd").inner_text() != "0"
    look(page, "overview")


def test_first_paint(home: Stack, open_page: Open) -> None:
    """The page is painted within 300 ms once it is asked for."""
    page = open_page(f"{home.service.admin_url}/")
    times = []
    for _ in range(5):
        page.reload()
        paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        page.wait_for_function(f"() => {paint}")
        times.append(page.evaluate(paint))
    assert min(times) <= 300, times


def test_broker_down(home: Stack, open_page: Open) -> None:
    """What is not connected is named, with the reason."""
    home.broker.stop()
    try:
        deadline = time.monotonic() + 15
        while home.service.dependencies()["mqtt"]["up"] and time.monotonic() < deadline:
            pass
        page = open_page(f"{home.service.admin_url}/")
        assert page.get_by_text("Something needs attention: MQTT broker").is_visible()
        assert page.get_by_role("img", name="does not work").first.is_visible()
    finally:
        home.broker.start()
        home.service.wait_ready()
