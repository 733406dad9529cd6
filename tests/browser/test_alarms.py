"""Alarms in the console: shown on top, with a button to acknowledge them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import expect

from lab.standins.stack import Stack, stack
from tests.browser.conftest import Open, look
from tests.waiting import wait_until
from twilio_binding.actions import connect

_THINGS = """
    Thing contact ada "Ada" [ phoneNumber="+15557654321", rights="acknowledge" ]
    Thing contact eve "Eve" [ phoneNumber="+15557654399" ]
    Thing alarm fire "Fire" [ steps="text ada; wait 10m; call ada", message="Smoke in the kitchen" ]
    Thing alarm door "Door" [ steps="text ada; wait 10m", message="The door is open", severity="info" ]
    Thing alarm bell "Bell" [ steps="text ada, call ada, text eve; wait 10m", message="Somebody is at the door" ]
    Thing alarm odd "<script>window.hurt=1</script>" [ steps="text ada", message="<img src=x onerror=window.hurt=1>" ]
}
"""
_ITEMS = """
Switch Fire_Active { channel="twilio:alarm:myaccount:fire:active" }
String Fire_State { channel="twilio:alarm:myaccount:fire:state" }
"""


@pytest.fixture(scope="module", autouse=True)
def _configured(home: Stack) -> Iterator[None]:
    """A contact and an alarm, for these tests."""
    before = home.things.read_text(encoding="utf-8")
    home.things.write_text(before.rstrip().removesuffix("}") + _THINGS, encoding="utf-8")
    items = home.folder / "items" / "fire.items"
    items.write_text(_ITEMS, encoding="utf-8")
    yield
    home.things.write_text(before, encoding="utf-8")
    items.unlink()


def test_acknowledge(home: Stack, open_page: Open) -> None:
    """An active alarm is on top of the overview with the notified contacts; the button acknowledges it."""
    page = open_page(f"{home.service.admin_url}/alarms")
    wait_until(lambda: page.reload() and page.get_by_role("heading", name="Fire").count(), 60)
    page.get_by_role("region", name="Fire").get_by_role("button", name="Test it").click()
    page.get_by_text("The test has started").wait_for()
    page.goto(f"{home.service.admin_url}/")
    alarm = page.get_by_role("region", name="Fire")
    expect(alarm.get_by_text("alerting")).to_be_visible()
    alarm.get_by_text("Who was told: 1 person").wait_for()
    look(page, "alarm")
    alarm.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("You have acknowledged the test.").wait_for()
    expect(page.get_by_role("region", name="Fire").get_by_text("acknowledged by the console")).to_be_visible()
    page.goto(f"{home.service.admin_url}/alarms")
    page.get_by_role("button", name="End the alarm").click()
    page.get_by_text("The test has ended.").wait_for()
    expect(page.locator(".rows li", has_text="Fire").first).to_be_visible()
    expect(page.get_by_role("heading", name="<script>window.hurt=1</script>")).to_be_visible()
    assert page.evaluate("window.hurt") is None
    expect(page.get_by_role("region", name="Fire").get_by_text("Severity: critical")).to_be_visible()
    expect(page.get_by_role("region", name="Door").get_by_text("Severity: info")).to_be_visible()
    expect(page.locator(".rows li", has_text="Fire").first).to_contain_text(
        "critical · Smoke in the kitchen", use_inner_text=True
    )
    for other in ("<script>", "Bell"):  # the picture is for the docs
        page.get_by_role("region", name=other).evaluate("one => one.remove()")
    look(page, "alarms")


def test_who_was_told(home: Stack, open_page: Open) -> None:
    """People are counted, not texts and calls; who cannot be notified is not told, and the reason is there."""
    home.twilio.failing("+15557654399", "undelivered", 30003)
    page = open_page(f"{home.service.admin_url}/alarms")
    bell = page.get_by_role("region", name="Bell")
    wait_until(lambda: page.reload() and bell.count(), 60)
    bell.get_by_role("button", name="Test it").click()
    bell.get_by_text("Who was told: 1 of 2 people").click()
    ada, eve = (bell.locator("details > ul > li", has_text=name) for name in ("Ada", "Eve"))
    expect(ada.locator("li")).to_have_count(2)
    expect(ada.get_by_text(re.compile(r"^call \d\d:\d\d: "))).to_be_visible()
    expect(eve.locator("li")).to_contain_text("undelivered", use_inner_text=True)
    expect(page.locator(".rows li", has_text="Bell").first).to_contain_text("told: 1 of 2 people", use_inner_text=True)
    bell.get_by_role("button", name="End the alarm").click()
    page.get_by_text("The test has ended.").wait_for()


@pytest.mark.parametrize("button", ["Acknowledge", "End the alarm"])
def test_another_alarm_meanwhile(home: Stack, open_page: Open, button: str) -> None:
    """A button acts on the alarm that its page shows: one that has started since then goes on, until it was seen, too."""
    page = open_page(f"{home.service.admin_url}/alarms", java_script_enabled=False)
    door = page.get_by_role("region", name="Door")
    with connect(home.broker.url, timeout=60) as client:
        uid = "twilio:alarm:myaccount:door"
        assert client.call(uid, "startAlarm", {"message": "The first"}).ok
        wait_until(lambda: page.reload() and door.get_by_text("The first").count(), 60)
        assert client.call(uid, "acknowledgeAlarm", {"by": "Ada"}).ok
        assert client.call(uid, "startAlarm", {"message": "The second"}).ok
    door.get_by_role("button", name=button).click()
    page.get_by_text("Nothing was done: the alarm has started again").wait_for()
    assert door.get_by_text("The second").is_visible() and door.get_by_text("alerting").is_visible()
    door.get_by_role("button", name=button).click()
    door.get_by_text("acknowledged by the console" if button == "Acknowledge" else "idle").wait_for()
    if button == "Acknowledge":
        door.get_by_role("button", name="End the alarm").click()


def test_disk_that_takes_long(open_page: Open) -> None:
    """Whoever acknowledges while the disk is very slow learns that it may still be done, and later that it is."""
    with stack() as own:
        disk = own.slow_disk()
        own.things.write_text(
            own.things.read_text(encoding="utf-8").rstrip().removesuffix("}") + _THINGS, encoding="utf-8"
        )
        page = open_page(f"{own.service.admin_url}/alarms")
        door = page.get_by_role("region", name="Door")
        wait_until(lambda: page.reload() and door.count(), 60)
        door.get_by_role("button", name="Test it").click()
        door.get_by_text("Who was told: 1 person").wait_for()
        disk.write_text("14", encoding="ascii")
        door.get_by_role("button", name="Acknowledge").click()
        page.get_by_text("The service takes unusually long, and may still do it.").wait_for()
        disk.write_text("0", encoding="ascii")
        page.goto(f"{own.service.admin_url}/alarms")
        door.get_by_text("acknowledged by the console").wait_for()
        assert "console.failed" not in own.service.log.read_text(encoding="utf-8")


def test_too_late(home: Stack, open_page: Open) -> None:
    """Pressing the button after the alarm has ended gives a message."""
    page = open_page(f"{home.service.admin_url}/alarms", java_script_enabled=False)
    wait_until(lambda: page.reload() and page.get_by_role("button", name="Test it").count(), 60)
    page.get_by_role("region", name="Fire").get_by_role("button", name="Test it").click()
    other = open_page(f"{home.service.admin_url}/alarms")
    other.get_by_role("button", name="End the alarm").click()
    other.get_by_text("The test has ended.").wait_for()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("That did not work").wait_for()


def test_no_test_of_an_active_alarm(home: Stack, open_page: Open) -> None:
    """On a page that is out of date, a test of an alarm that has become active is not started, and nobody claims it."""
    page = open_page(f"{home.service.admin_url}/alarms", java_script_enabled=False)
    door = page.get_by_role("region", name="Door")
    wait_until(lambda: page.reload() and door.get_by_role("button", name="Test it").count(), 60)
    with connect(home.broker.url, timeout=60) as client:
        assert client.call("twilio:alarm:myaccount:door", "startAlarm", {}).ok
    door.get_by_role("button", name="Test it").click()
    page.get_by_text("No test was started: this is a real alarm, and it is still active.").wait_for()
    assert door.get_by_text("alerting").is_visible() and not door.get_by_text("test", exact=True).count()
    door.get_by_role("button", name="End the alarm").click()
    page.get_by_text("The alarm has ended.").wait_for()


def _command(home: Stack, command: str) -> None:
    """Send a command like a switch in a sitemap."""
    url = f"{home.openhab.url}/rest/items/Fire_Active"
    requests.post(url, command, headers={"Content-Type": "text/plain"}, timeout=30).raise_for_status()


def test_from_a_switch_to_the_page_and_back_to_an_item(home: Stack, open_page: Open) -> None:
    """A switch in openHAB starts it; the open page shows it without a reload; the button sets the linked item."""
    page = open_page(f"{home.service.admin_url}/alarms")
    wait_until(lambda: page.reload() and page.get_by_role("heading", name="Fire").count(), 30)
    page.goto(f"{home.service.admin_url}/")
    page.evaluate("window.isTheSame = true")
    wait_until(lambda: home.openhab.states("Fire_State")[-1:] == ["idle"], 30)
    _command(home, "ON")
    alarm = page.get_by_role("region", name="Fire")
    alarm.get_by_text("alerting").wait_for()
    assert page.evaluate("window.isTheSame")
    alarm.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("You have acknowledged the alarm.").wait_for()
    wait_until(lambda: home.openhab.states("Fire_State")[-1:] == ["acknowledged"], 30)
    _command(home, "OFF")
    wait_until(lambda: home.openhab.states("Fire_State")[-1:] == ["idle"], 30)
