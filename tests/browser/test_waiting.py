"""What was not delivered or sent: the reason, retrying and dropping."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from lab.standins.stack import Stack
from tests.browser import seeded
from tests.browser.conftest import Open, begins, look
from tests.waiting import wait_until
from twilio_binding.actions import connect

_RUN = ".*/runnow"
_PHONE = "twilio:phone:myaccount:myphone"


def _texts(home: Stack, part: str) -> int:
    return sum(part in str(trigger["payload"]) for trigger in home.openhab.triggers())


def test_retry_of_something_set_aside(home: Stack, open_page: Open) -> None:
    """An event that a firewall refuses is set aside with the reason, and is delivered when it is retried later."""
    home.openhab.faults.set("status", status=413, path=_RUN, contains="too long for the wall")
    home.twilio.receive_sms("too long for the wall", sender="+15558880020")
    wait_until(lambda: home.service.dependencies()["openhab"].get("events_set_aside"), 60)
    page = open_page(f"{home.service.admin_url}/")
    page.get_by_role("link", name="1 set aside").click()
    row = page.locator(".rows li", has_text="too long for the wall")
    expect(row).to_contain_text("413", use_inner_text=True)
    look(page, "waiting")
    home.openhab.faults.clear()
    row.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("status")).to_have_text("It will be delivered as soon as possible.", use_inner_text=True)
    wait_until(lambda: _texts(home, "too long for the wall") == 1, 60, "the text to arrive")
    wait_until(lambda: "events_set_aside" not in home.service.dependencies()["openhab"], 60, "nothing to be set aside")
    wait_until(lambda: page.reload() and not row.count(), 60, "the row to go")


def test_the_page_renews_itself_meanwhile(home: Stack, open_page: Open) -> None:
    """The result of an action is shown on the next page, even if the previous one updated itself meanwhile."""
    page = open_page(f"{home.service.admin_url}/try")
    page.evaluate("""async () => {
        const body = new URLSearchParams({ of: "nothing", all: "1", csrf: document.querySelector("[name=csrf]").value });
        await fetch("/sends/withdraw", { method: "POST", body, redirect: "manual" });
        await (await import("/static/live.js")).refresh();
    }""")
    page.goto(f"{home.service.admin_url}/waiting")
    expect(page.get_by_role("status")).to_have_text(
        begins("It will not be sent to any of its recipients"), use_inner_text=True
    )


def test_failed_send(home: Stack, open_page: Open) -> None:
    """A send that Twilio refuses is shown with its reason, and can be sent again."""
    home.twilio.receive_sms("Who are you?", sender="+15558880071")
    page = open_page(f"{home.service.admin_url}/conversations")
    page.locator(".rows a", has_text="+15***71").click()
    home.twilio.faults.set("forbidden", path=".*Messages.json", method="POST")
    page.get_by_label("Reply").fill("The house")
    page.get_by_role("button", name="Send").click()
    problem = page.get_by_role("alert").inner_text()
    home.twilio.faults.clear()
    page.goto(f"{home.service.admin_url}/waiting")
    row = page.locator(".rows li", has_text="The house")
    expect(row).to_contain_text(problem, use_inner_text=True)
    row.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("sent", use_inner_text=True)


def test_send_that_is_dropped(home: Stack, open_page: Open) -> None:
    """A send that Twilio does not answer can be dropped: it is not sent when Twilio answers again."""
    home.twilio.faults.set("status", status=503, path=".*Messages.json", method="POST")
    try:
        sent = len(home.twilio.messages())
        with connect(home.broker.url, timeout=90) as client, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(client.call, _PHONE, "sendSMS", {"to": "+15558880072", "message": "Never mind"})
            page = open_page(f"{home.service.admin_url}/waiting")
            row = page.get_by_role("region", name="Sends under way").locator(".rows li", has_text="Never mind")
            row.wait_for()
            row.get_by_role("button", name="Drop", exact=True).click()
            expect(page.get_by_role("status")).to_have_text(
                begins("It will not be sent to +15***72, unless"), use_inner_text=True
            )
            home.twilio.faults.clear()
            assert not asked.result(90).ok
            assert len(home.twilio.messages()) == sent
    finally:
        home.twilio.faults.clear()


def test_nothing_can_be_stored(tmp_path: Path, open_page: Open) -> None:
    """Whoever presses a button while nothing can be stored learns that, and that nothing was done; later it works."""
    with seeded.service(tmp_path, rows=4) as service:
        page = open_page(f"{service.admin_url}/waiting")
        with closing(sqlite3.connect(tmp_path / "data" / "twilio-binding.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            page.get_by_role("button", name="Retry").first.click()
            page.get_by_text("Nothing can be stored: database is locked. Therefore nothing was done.").wait_for()
        page.go_back()
        page.get_by_role("button", name="Retry").first.click()
        page.get_by_text("It will be delivered as soon as possible.").wait_for()
        assert "console.failed" not in service.log.read_text(encoding="utf-8")


def test_fault_of_the_console_beside_a_damaged_database(tmp_path: Path) -> None:
    """While a database that was set aside is still there, everything can be stored: another error is told as one."""
    with seeded.service(tmp_path, rows=4) as service:
        database = tmp_path / "data" / "twilio-binding.db"
        database.with_name(f"{database.name}.damaged-20260101-000000-000000").touch()
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("DROP TABLE item_commands")
        answer = requests.get(f"{service.admin_url}/commands/past", timeout=60)
        assert answer.status_code == 500 and "Its log says what." in answer.text
        assert "console.failed" in service.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["", "x", "-1", "12345678"])
def test_drop_without_a_recipient(home: Stack, open_page: Open, part: str) -> None:
    """A form that names neither a recipient nor all of them is refused, in place of dropping the send for all."""
    page = open_page(f"{home.service.admin_url}/try")
    status = page.evaluate(
        """async (part) => {
            const body = new FormData();
            body.set("csrf", document.querySelector("[name=csrf]").value);
            body.set("of", "a-request");
            body.set("part", part);
            return (await fetch("/sends/withdraw", { method: "POST", body })).status;
        }""",
        part,
    )
    assert status == 400


def test_one_recipient_of_several_is_dropped(home: Stack, open_page: Open) -> None:
    """In a send to several recipients each can be dropped alone, or all of them: the buttons say which."""
    home.twilio.faults.set("429", path=".*Messages.json", method="POST")
    try:
        sent = len(home.twilio.messages())
        several = ["+15558880073", "+15558880074", "+15558880075"]
        with connect(home.broker.url, timeout=90) as client, ThreadPoolExecutor(2) as pool:
            first = pool.submit(client.call, _PHONE, "sendSMS", {"to": several, "message": "Dinner"})
            second = pool.submit(client.call, _PHONE, "sendSMS", {"to": several[:2], "message": "Lunch"})
            page = open_page(f"{home.service.admin_url}/waiting", java_script_enabled=False)
            rows = page.get_by_role("region", name="Sends under way").locator(".rows li")
            wait_until(lambda: page.reload() and rows.count() == 5, 60, "the sends to be listed")
            look(open_page(page.url), "waiting-recipients")
            row = rows.filter(has_text="Dinner").filter(has_text="+15***74")
            row.get_by_role("button", name="Drop for this recipient").click()
            expect(page.get_by_role("status")).to_have_text(
                begins("It will not be sent to +15***74, unless"), use_inner_text=True
            )
            rows.filter(has_text="Lunch").first.get_by_role("button", name="Drop for all recipients").click()
            expect(page.get_by_role("status")).to_have_text(
                begins("It will not be sent to any of its recipients"), use_inner_text=True
            )
            home.twilio.faults.clear()
            assert (first.result(90).code, second.result(90).code) == ("partly_failed", "withdrawn")
            arrived = home.twilio.messages()[sent:]
            assert sorted((one["to"], one["body"]) for one in arrived) == [
                (several[0], "Dinner"),
                (several[2], "Dinner"),
            ]
            page.goto(f"{home.service.admin_url}/waiting")
            failed = page.get_by_role("region", name="Sends that failed").locator(".rows li", has_text="Dinner")
            assert failed.count() == 1 and "it was dropped in the console" in failed.inner_text()
    finally:
        home.twilio.faults.clear()


def test_much(tmp_path: Path, open_page: Open) -> None:
    """While openHAB is down, waiting events have a reason; one is dropped, all set aside are retried; lists continue."""
    with seeded.service(tmp_path, rows=100) as service:
        page = open_page(f"{service.admin_url}/waiting", java_script_enabled=False)
        wait_until(lambda: page.reload() and page.locator(".problem").count(), 30, "openHAB to be reported as down")
        expect(page.locator(".problem").first).to_be_visible()
        text = page.locator("main").inner_text()
        assert "Waiting for openHAB 75" in text and "not delivered to openHAB 75" in text
        waiting = page.get_by_role("region", name="Waiting for openHAB")
        first = waiting.locator(".rows li").first.inner_text()
        with page.expect_navigation():
            waiting.get_by_role("button", name="Drop").first.click()
        expect(waiting.locator(".rows li").first).not_to_have_text(first, use_inner_text=True)
        with page.expect_navigation():
            page.get_by_role("button", name="Retry all").click()
        expect(page.get_by_role("status")).to_have_text(begins("75 events:"), use_inner_text=True)
        expect(page.locator("main")).to_contain_text("Waiting for openHAB 149", use_inner_text=True)
        with page.expect_navigation():
            waiting.get_by_role("link", name="All of these").click()
        seen = page.locator(".rows li").count()
        while page.get_by_role("link", name="Older").count():
            with page.expect_navigation():
                page.get_by_role("link", name="Older").click()
            seen += page.locator(".rows li").count()
        assert seen == 149


def test_nothing_waits(tmp_path: Path, open_page: Open) -> None:
    """An empty page says so, also for an empty part."""
    with seeded.service(tmp_path, rows=0) as service:
        page = open_page(f"{service.admin_url}/waiting")
        expect(page.get_by_text("Nothing is waiting, nothing was set aside, and no send failed.")).to_be_visible()
        page.goto(f"{service.admin_url}/waiting/limited")
        expect(page.get_by_text("Nothing here any more.")).to_be_visible()


@pytest.mark.parametrize("path", ["/waiting/nothing", "/waiting/openhab'--"])
def test_no_such_part(home: Stack, open_page: Open, path: str) -> None:
    """There is no other part."""
    assert open_page(f"{home.service.admin_url}{path}").get_by_text("There is no such page").is_visible()
