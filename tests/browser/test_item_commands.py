"""Items used by text and phone, as the console shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from lab.standins.stack import Stack, stack
from tests.browser.conftest import Open, accessible, begins, fits, look
from tests.waiting import wait_until

_HEADERS = {"Authorization": "Bearer oh.demo.0123456789", "Content-Type": "text/plain"}
_PIN = "471147"
_ADA = "+15557654321"
_CONTACTS = f"""
    Thing contact ada "Ada" [ phoneNumber="{_ADA}", language="en", rights="read,command", pin="{_PIN}" ]
    Thing contact bob "Bob" [ phoneNumber="+15557654322", language="de", rights="read" ]
    Thing contact eve "Eve" [ phoneNumber="+15557654323", rights="acknowledge" ]
}}"""
_HURT = "<script>window.hurt=1</script>"
_ITEMS = f"""
Group Lights "Lights" {{ twilio="lights" }}
Switch Kitchen_Light "Kitchen light" (Lights) {{ twilio="kitchen light, lamp" [ status=true, key=1 ] }}
Switch Hall_Light "Hall light" (Lights) {{ twilio="" }}
Switch Garage "Garage" {{ twilio="garage" [ pin=true, key=2, states="ON=open,OFF=closed" ] }}
Switch Boiler "Boiler" {{ twilio="boiler" [ confirm=true ] }}
Number:Temperature Living "Living room" {{ twilio="living room" [ key=3 ] }}
Switch Odd "Zoo {_HURT}" {{ twilio="odd, {_HURT}" [ pni=true ] }}
String Note "Note" {{ twilio="note" }}
Switch Secret "Safe"
"""


@pytest.fixture(scope="module")
def items(chromium: object) -> Iterator[Stack]:
    """A stack where contacts use items."""
    del chromium  # without it there is nothing to look with, and no need of a stack
    with stack() as up:
        text = up.things.read_text(encoding="utf-8").replace("\n}", _CONTACTS)
        text = text.replace('phoneNumber="+15551234567"', 'phoneNumber="+15551234567", commands=true, menu=true')
        (up.folder / "items" / "house.items").write_text(_ITEMS, encoding="utf-8")
        up.things.write_text(text, encoding="utf-8")
        wait_until(lambda: requests.get(f"{up.openhab.url}/rest/items/Secret", timeout=30).status_code == 200, 60)
        page = f"{up.service.admin_url}/commands"
        wait_until(lambda: "Ada hears in a call" in _text(page), 60, "the contacts to be known")
        yield up


def _text(url: str) -> str:
    """The text of a page; "" if it does not appear in time."""
    try:
        return requests.get(url, timeout=30).text
    except requests.RequestException:
        return ""


def _item(page: Page, text: str) -> Locator:
    return page.get_by_role("region", name="Items").locator(".rows li", has_text=text)


def test_numbers_in_texts_for_items(items: Stack, open_page: Open) -> None:
    """A long number in a text for an item may be a code: it is shown only with the other numbers."""
    items.twilio.receive_sms("note 4711 8888", sender=_ADA)
    page = open_page(f"{items.service.admin_url}/commands")
    page.get_by_label("Text").fill("note 4711 8888")
    with page.expect_navigation():
        page.get_by_role("button", name="How is this understood?").click()
    page.get_by_text("command •••• ••••").wait_for()
    # Random hex in the page may contain the same digits, but not as a word.
    assert not re.search(r"\b(4711|8888)\b", page.content())


def test_items(items: Stack, open_page: Open) -> None:
    """Each item has its names, its state as a phone says it, its key, obstacles to commands, and its metadata."""
    state = f"{items.openhab.url}/rest/items/Kitchen_Light/state"
    assert requests.put(state, "ON", headers=_HEADERS, timeout=30).status_code == 202
    page = open_page(f"{items.service.admin_url}/commands")
    light = _item(page, "Kitchen_Light")
    wait_until(lambda: page.reload() and "Kitchen light is on." in light.inner_text(), 30, "the state on the page")
    text = light.inner_text()
    assert "Also “lamp”" in text and "Takes on, off" in text and "in STATUS" in text and "key 1" in text
    light.get_by_text("Metadata").click()
    assert light.locator("pre").inner_text() == '{ twilio="kitchen light, lamp" [ status=true, key=1 ] }'
    assert "PIN" in _item(page, "Garage").inner_text()
    assert "confirmation" in _item(page, "Boiler").inner_text()
    assert not _item(page, "Safe").count()
    heard = page.get_by_role("region", name="What Ada hears in a call").inner_text()
    assert "To switch it off, press 1." in heard and "For Living room, press 3." in heard
    assert page.get_by_text("item Odd, metadata twilio:").is_visible() and page.get_by_text("'pni'").is_visible()
    assert page.evaluate("window.hurt") is None
    page.get_by_label("Contact").select_option("Bob: asks")
    page.get_by_label("Text").fill("küchenlicht")
    page.get_by_role("button", name="How is this understood?").click()
    page.get_by_role("region", name="What Bob hears in a call").wait_for()
    expect(_item(page, "Kitchen_Light")).to_contain_text("Kitchen light: an.", use_inner_text=True)


@pytest.mark.parametrize(
    ("contact", "sentence", "told"),
    [
        ("Ada", "kitchen light on", ["A command ON (on) to Kitchen light"]),
        ("Ada", "lamp?", ["A question for the state of Kitchen light"]),
        ("Ada", "garage open", ["A command ON (open) to Garage", "asks for the PIN first"]),
        (
            "Ada",
            f"{_PIN} garage open",
            ["A command ON (open) to Garage", "The PIN in the text is checked first", "••••"],
        ),
        ("Ada", "000000 garage open", ["A command ON (open) to Garage", "The PIN in the text is checked first"]),
        ("Ada", "boiler on", ["A command ON (on) to Boiler", "asks for a confirmation first"]),
        ("Ada", "light on", ["This is not clear", "Kitchen light", "Hall light"]),
        ("Ada", "living room on", ["Living room Living does not take this"]),
        ("Ada", "status", ["The keyword STATUS"]),
        ("Ada", "make me a coffee", ["This is not understood."]),
        ("Ada", _HURT, ["A question for the state of"]),
        ("Bob", "kitchen light an", ["A command ON (an) to Kitchen light", "no right to command"]),
    ],
)
def test_sentences(items: Stack, open_page: Open, contact: str, sentence: str, told: list[str]) -> None:
    """The meaning of a sentence, and obstacles to a command; nothing is commanded, and no PIN is shown."""
    page = open_page(f"{items.service.admin_url}/commands", java_script_enabled=False)
    before = len(items.openhab.changes("Kitchen_Light") + items.openhab.changes("Garage"))
    page.get_by_label("Contact").select_option(f"twilio:contact:myaccount:{contact.lower()}")
    page.get_by_label("Text").fill(sentence)
    page.get_by_role("button", name="How is this understood?").click()
    understood = page.get_by_role("status").inner_text()
    assert not [one for one in told if one not in understood], understood
    assert _PIN not in page.content() and "000000" not in page.content() and _ADA not in page.content()
    assert len(items.openhab.changes("Kitchen_Light") + items.openhab.changes("Garage")) == before


def test_past(items: Stack, open_page: Open) -> None:
    """Past commands with contact, way and outcome, newest first and in parts; no PIN is stored."""
    for text in ("kitchen light on", "999999 garage open", f"{_PIN} garage open", "kitchen light off"):
        items.twilio.receive_sms(text, sender=_ADA)
    items.twilio.receive_sms("lampe an", sender="+15557654322")
    page = open_page(f"{items.service.admin_url}/commands")
    page.get_by_label("Text").fill("garage open")
    page.get_by_role("button", name="How is this understood?").click()
    page.get_by_text("asks for the PIN first").wait_for()
    look(page, "commands")
    rows = page.get_by_role("region", name="Commands that were given").locator(".rows li")
    expect(rows.nth(0)).to_contain_text("Bob by text: Kitchen light ON", use_inner_text=True)
    expect(rows.nth(0)).to_contain_text("no right to command", use_inner_text=True)
    expect(rows.nth(1)).to_contain_text("Ada by text: Kitchen light OFF", use_inner_text=True)
    expect(rows.nth(1)).to_contain_text(re.compile("done|sent"), use_inner_text=True)
    expect(rows.nth(2)).to_contain_text("Garage ON", use_inner_text=True)
    assert any("wrong PIN" in text for text in rows.all_inner_texts())
    assert _PIN not in page.content() and "999999" not in page.content()
    with page.expect_navigation():
        page.get_by_role("link", name="All commands").click()
    page.get_by_role("heading", name="Commands that were given").wait_for()
    items.twilio.receive_sms("hall light on", sender=_ADA)
    page.locator(".rows li", has_text="Hall light").first.wait_for(timeout=60_000)
    look(page, "commands-past")


def test_openhab_is_down(items: Stack, open_page: Open) -> None:
    """Without openHAB the page says so, and shows what is known."""
    items.openhab.faults.down()
    try:
        wait_until(lambda: not items.service.dependencies()["openhab"]["up"], 60, "openHAB to be missed")
        page = open_page(f"{items.service.admin_url}/commands")
        expect(page.get_by_role("alert")).to_have_text(begins("openHAB does not answer"), use_inner_text=True)
        expect(_item(page, "Kitchen_Light")).to_contain_text("State unknown.", use_inner_text=True)
        page.get_by_label("Text").fill("kitchen light on")
        page.get_by_role("button", name="How is this understood?").click()
        page.get_by_role("status").wait_for()
        assert fits(page) and accessible(page) == []
    finally:
        items.openhab.faults.up()
        items.service.wait_ready()


def test_nothing_is_set_up(home: Stack, open_page: Open) -> None:
    """If no phone, contact or item is set up for commands, the page says how to change that."""
    page = open_page(f"{home.service.admin_url}/commands")
    expect(page.get_by_role("region", name="Commands are off")).to_contain_text("commands=true", use_inner_text=True)
    expect(page.get_by_text("No contact may use items.")).to_be_visible()
    expect(page.get_by_text("No item has metadata twilio.")).to_be_visible()
    expect(page.get_by_text("Nobody has given a command yet.").first).to_be_visible()
    look(page, "commands-off")
    page.goto(f"{home.service.admin_url}/commands/past")
    expect(page.get_by_text("Nobody has given a command yet.")).to_be_visible()


@pytest.mark.parametrize(
    "query", ["page=0", "page=99", "page=x", "page=-1", "contact=nobody", "q=%00", f"page={'9' * 400}"]
)
def test_odd_addresses(items: Stack, open_page: Open, query: str) -> None:
    """A changed address shows a page, not an error."""
    for path in ("/commands", "/commands/past"):
        before = query.replace("page", "before")
        page = open_page(f"{items.service.admin_url}{path}?{query}&{before}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("ommands", use_inner_text=True)


def test_thousand_items(items: Stack, open_page: Open) -> None:
    """A thousand items are shown in parts, and are found by a part of their name."""
    many = "\n".join(f'Switch Lamp_{n} "Lamp {n}" {{ twilio="lamp {n}" }}' for n in range(1000))
    (items.folder / "items" / "many.items").write_text(many, encoding="utf-8")
    page = open_page(f"{items.service.admin_url}/commands")
    wait_until(lambda: page.reload() and "Page 1 of 21" in page.content(), 60, "the items to be known")
    expect(page.get_by_role("region", name="Items").locator(".rows li")).to_have_count(50)
    assert fits(page) and accessible(page) == []
    page.get_by_role("link", name="More items").click()
    page.get_by_text("Page 2 of 21").wait_for()
    search = page.get_by_role("searchbox")
    search.fill("lamp 77")
    search.press("Enter")  # in the field: the page may still be loading, which moves the focus
    page.wait_for_url("**q=lamp+77*")
    expect(page.get_by_role("region", name="Items").locator(".rows li")).to_have_count(11)
