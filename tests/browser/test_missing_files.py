"""Pictures and recordings that Twilio refuses: the page says why, and what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import expect

from lab.standins.stack import Stack
from tests.browser.conftest import Open, begins, look
from tests.browser.drawing import drawing

_PNG = (drawing(40, 30), "image/png")
_FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "401"}, "does not accept the login (HTTP 401). Check accountSid and authToken"),
    ({"kind": "forbidden"}, "does not allow this login to read it (HTTP 403)"),
    ({"kind": "status", "status": 404}, "does not have it (HTTP 404): it was deleted"),
    ({"kind": "status", "status": 410}, "does not have it (HTTP 410): it was deleted"),
    ({"kind": "429"}, "gets too many requests at the moment (HTTP 429). Wait a minute"),
    ({"kind": "500"}, "has a problem at the moment (HTTP 500)"),
    ({"kind": "html"}, "has a problem at the moment (HTTP 502)"),
    ({"kind": "status", "status": 418}, "Twilio refused it (HTTP 418)"),
    ({"kind": "empty"}, "Twilio sent nothing"),
    ({"kind": "reset"}, "Twilio cannot be reached"),
    ({"kind": "slow", "seconds": 16}, "did not send it within 15 seconds"),
    ({"kind": "status", "status": 200, "body": "x" * 9_000_000, "content_type": "audio/mpeg"}, "more than 8 MiB"),
]
_IDS = [str(fault.get("status", fault["kind"])) for fault, _ in _FAULTS]


@pytest.fixture(scope="module")
def addresses(home: Stack) -> tuple[str, str]:
    """The addresses of a picture and a recording."""
    caller = "+15557770096"
    home.twilio.receive_sms("Look", sender=caller, media=[_PNG])
    home.twilio.call([], caller=caller)
    account = home.twilio.calls()[-1]["account_sid"]
    url = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/RE1"
    recorded = """
        UPDATE events SET payload = json_set(payload, '$.recordingSid', 'RE1', '$.recordingUrl', ?)
        WHERE channel = 'call-received' AND peer = ? RETURNING id
    """
    with closing(sqlite3.connect(home.folder / "data" / "twilio-binding.db", timeout=30)) as database, database:
        [(call,)] = database.execute(recorded, (url, caller)).fetchall()
        [(text,)] = database.execute(
            "SELECT id FROM events WHERE channel = 'sms-received' AND peer = ?", (caller,)
        ).fetchall()
    return f"{home.service.admin_url}/pictures/{text}/0", f"{home.service.admin_url}/recordings/{call}?download=1"


@pytest.mark.parametrize(("fault", "told"), _FAULTS, ids=_IDS)
def test_reason(home: Stack, open_page: Open, addresses: tuple[str, str], fault: dict[str, Any], told: str) -> None:
    """Whatever Twilio answers, a page shows the reason and what to do."""
    home.twilio.faults.set(path=".*/(Recordings|Media)/", **fault)
    try:
        for address, title in zip(addresses, ("picture cannot be shown", "recording cannot be played"), strict=True):
            page = open_page(address, java_script_enabled=False)
            expect(page.get_by_role("heading", level=1)).to_contain_text(title, use_inner_text=True)
            expect(page.locator("main p").first).to_contain_text(told, use_inner_text=True)
            expect(page.get_by_role("navigation")).to_be_visible()
    finally:
        home.twilio.faults.clear()


def test_beside_the_picture(home: Stack, open_page: Open, addresses: tuple[str, str]) -> None:
    """The reason is beside the picture or the player, also after the page has updated itself."""
    home.twilio.faults.set("status", status=404, path=".*/(Recordings|Media)/")
    try:
        look(open_page(addresses[1].partition("?")[0]), "missing")
        page = open_page(f"{home.service.admin_url}/conversations")
        page.locator(".rows a", has_text="+15***96").click()
        told = page.locator(".bubble .problem")
        told.wait_for()
        expect(told).to_have_text(
            begins("The picture cannot be shown: Twilio does not have it (HTTP 404)"), use_inner_text=True
        )
        home.twilio.receive_sms("And now?", sender="+15557770096")
        page.get_by_text("And now?").wait_for()
        told.wait_for()
        look(page, "conversation-missing")
        page.get_by_role("link", name="Called you").click()
        page.locator("audio").evaluate("one => one.play().catch(() => {})")
        page.locator(".steps .problem").wait_for()
        expect(page.locator(".steps")).to_contain_text(
            "The recording cannot be played: Twilio does not have it", use_inner_text=True
        )
        look(page, "call-missing")
    finally:
        home.twilio.faults.clear()


def test_phone_that_is_no_thing_any_more(home: Stack, open_page: Open, addresses: tuple[str, str]) -> None:
    """Without the thing there are no credentials for Twilio: the page names the thing."""
    gone = "UPDATE events SET thing = ? WHERE peer = '+15557770096'"
    with closing(sqlite3.connect(home.folder / "data" / "twilio-binding.db", timeout=30)) as database:
        for thing, told in (("twilio:phone:myaccount:gone", True), ("twilio:phone:myaccount:myphone", False)):
            with database:
                database.execute(gone, (thing,))
            if told:
                for address in addresses:
                    page = open_page(address, java_script_enabled=False)
                    expect(page.locator("main p").first).to_contain_text(
                        "twilio:phone:myaccount:gone", use_inner_text=True
                    )
