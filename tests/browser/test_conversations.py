"""Conversations and calls, as they happen."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from lab.standins.stack import Stack
from tests.browser.conftest import Open, accessible, begins, look
from tests.browser.drawing import drawing
from tests.waiting import wait_until

_PNG = drawing(240, 150)
_SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>parent.hurt = 1; document.title = 'hurt'</script></svg>"
_LOADED = """one => new Promise(done => {
    one.onloadedmetadata = () => done(Math.round(one.duration));
    one.onerror = () => done(one.error.message);
    one.preload = "metadata";
    one.load();
})"""
HURT = "<script>window.hurt=1</script><img src=x onerror='window.hurt=1'>{{ 7*7 }}"


@pytest.fixture(scope="module", autouse=True)
def _rule(home: Stack) -> None:
    """The rule of the demo answers texts and calls."""
    home.start_rule()


def _ask(url: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


def test_conversation(home: Stack, open_page: Open) -> None:
    """Texts in both directions, a picture, ticks, the reason of a failure; a reply is sent; numbers are masked."""
    somebody = "+15558880001"
    home.twilio.receive_sms("Is the window in the kitchen open?", sender=somebody)
    home.twilio.receive_sms("Look", sender=somebody, media=[(_PNG, "image/png")])
    url = home.service.admin_url
    page = open_page(f"{url}/conversations")
    page.locator(".rows a", has_text="+15***01").click()
    page.locator(".theirs .text", has_text="Is the window in the kitchen open?").wait_for()
    assert "+15558880001" not in page.content()
    page.wait_for_function("() => document.querySelector('img.picture')?.naturalWidth > 0")
    page.get_by_label("Reply by text message").fill("Yes, it is.")
    page.get_by_text("1 SMS segment (11 characters, GSM-7)").wait_for()
    page.get_by_role("button", name="Send").click()
    page.locator(".ours .text", has_text="Yes, it is.").wait_for()
    wait_until(lambda: home.twilio.messages()[-1]["body"] == "Yes, it is.", 30)
    expect(page.locator(".ours .text").last).to_have_text("Yes, it is.", use_inner_text=True)
    wait_until(lambda: page.reload() and "delivered" in page.locator(".ours .under").last.inner_text(), 60)
    home.twilio.failing(somebody, "undelivered", 30005)
    page.get_by_label("Reply by text message").fill("And the door?")
    page.get_by_role("button", name="Send").click()
    page.locator(".ours .text", has_text="And the door?").wait_for()
    wait_until(lambda: page.reload() and "undelivered" in page.locator(".ours .under").last.inner_text(), 60)
    expect(page.locator(".ours .under").last).to_contain_text(
        "the number is not in use (Twilio error 30005)", use_inner_text=True
    )
    with page.expect_navigation():
        page.get_by_role("link", name="Show numbers").click()
    expect(page.get_by_role("heading", name="+15558880001")).to_be_visible()
    page.goto(page.url.partition("?")[0])
    look(page, "conversation")
    page.goto(f"{url}/conversations")
    look(page, "conversations")


def test_reply_before_the_page_is_loaded(home: Stack, open_page: Open) -> None:
    """Whoever begins to type while the page is still being loaded keeps the focus when it is."""
    home.twilio.receive_sms("Hello", sender="+15558880009")
    page = open_page(f"{home.service.admin_url}/conversations")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/segments.js", hold)
    page.locator(".rows a", has_text="+15***09").click()
    page.get_by_label("Reply").fill("half a")
    wait_until(lambda: page.evaluate("1") and held, 30)
    held.pop().continue_()
    page.wait_for_load_state()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.keyboard.type(" reply")
    expect(page.get_by_label("Reply")).to_have_value("half a reply")


def test_reply_that_is_refused(home: Stack, open_page: Open) -> None:
    """The text in the box stays, with the reason."""
    home.twilio.receive_sms("Hello", sender="+15558880002")
    page = open_page(f"{home.service.admin_url}/conversations", java_script_enabled=False)
    page.locator(".rows a", has_text="+15***02").click()
    page.locator("textarea").fill("   ")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_have_text("a message needs a text or a media URL", use_inner_text=True)


def test_replay(home: Stack, open_page: Open) -> None:
    """A replayed text fires its trigger again."""
    home.twilio.receive_sms("Once and again", sender="+15558880003")
    page = open_page(f"{home.service.admin_url}/conversations")
    page.locator(".rows a", has_text="+15***03").click()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("status")).to_have_text(begins("The event is delivered again"), use_inner_text=True)
    wait_until(
        lambda: len([one for one in home.openhab.triggers() if "Once and again" in str(one["payload"])]) == 2, 60
    )


def test_search(home: Stack, open_page: Open) -> None:
    """Texts are found in any case and both directions; numbers by some of their digits."""
    home.twilio.receive_sms("Straße ÄPFEL", sender="+15558880004")
    page = open_page(f"{home.service.admin_url}/conversations")
    _search(page, "äpfel")
    page.locator(".rows .preview", has_text="Straße ÄPFEL").wait_for()
    look(page, "search")
    _search(page, "888 0004")
    page.locator(".rows a", has_text="+15***04").wait_for()
    _search(page, f"{HURT}!")
    page.get_by_text("No text contains this.").wait_for()
    assert page.evaluate("window.hurt") is None


def _search(page: Page, text: str) -> None:
    search = page.get_by_role("searchbox")
    search.fill(text)
    with page.expect_navigation():
        search.press("Enter")


def test_nothing_of_strangers_runs(home: Stack, open_page: Open) -> None:
    """HTML and scripts in texts, names and numbers are shown as they are."""
    home.twilio.receive_sms(HURT, sender="+15558880005", extra={"ProfileName": HURT})
    home.twilio.receive_whatsapp(HURT, sender="+15558880005")
    page = open_page(f"{home.service.admin_url}/conversations")
    assert HURT[:30] in page.locator("main").inner_text()
    with page.expect_navigation():
        page.locator(".rows a", has_text="whatsapp:+15***05").click()
    expect(page.locator(".theirs .text").last).to_have_text(HURT, use_inner_text=True)
    assert page.evaluate("window.hurt") is None
    assert page.locator("main script").count() == 0


def test_pictures_cannot_act(home: Stack, open_page: Open) -> None:
    """What is not a picture is downloaded, never shown; nothing in it runs, even if it is opened on its own."""
    files = [(_SVG, "image/svg+xml"), (b"<html><script>top.hurt=1</script>", "text/html"), (_PNG, "image/png")]
    home.twilio.receive_sms("Files", sender="+15558880006", media=files)
    url = home.service.admin_url
    page = open_page(f"{url}/conversations")
    page.locator(".rows a", has_text="+15***06").click()
    page.locator(".theirs .bubble a").first.wait_for()
    links = page.locator(".theirs .bubble a").evaluate_all("links => links.map(link => link.href)")
    (svg, html, png) = map(_ask, links)
    assert (
        svg[1]["content-disposition"].startswith("attachment") and svg[1]["content-type"] == "application/octet-stream"
    )
    assert html[0] == 404
    assert png[1]["content-type"] == "image/png" and png[2] == _PNG
    for status, headers, _ in (svg, png):
        assert status == 200
        assert "sandbox" in headers["content-security-policy"] and headers["x-content-type-options"] == "nosniff"
    assert page.evaluate("window.hurt") is None


def test_call(home: Stack, open_page: Open) -> None:
    """A call has its steps: who answered what, and which keys were pressed."""
    home.twilio.call(["1", "1"], caller="+15558880007")
    page = open_page(f"{home.service.admin_url}/calls")
    with page.expect_navigation():
        page.locator(".rows a", has_text="+15***07").click()
    expect(page.get_by_text("Answered by a rule").first).to_be_visible()
    assert page.locator(".steps .card").count() >= 4
    expect(page.locator(".tree q", has_text="The alarm is armed. Goodbye.")).to_be_visible()
    look(page, "call")
    page.goto(f"{home.service.admin_url}/calls")
    look(page, "calls")


def test_recording(home: Stack, open_page: Open) -> None:
    """A recording can be played on the page, with the account's credentials; an address elsewhere is not fetched."""
    caller = "+15558880009"
    home.twilio.call([], caller=caller)
    account = home.twilio.calls()[-1]["account_sid"]
    _record(home, caller, f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/RE1")
    page = open_page(f"{home.service.admin_url}/calls")
    page.locator(".rows a", has_text="+15***09").click()
    audio = page.locator("audio").first
    assert audio.evaluate(_LOADED) == 3
    assert accessible(page) == []
    address = str(audio.evaluate("one => one.src"))
    status, headers, content = _ask(address)
    assert (status, headers["content-type"]) == (200, "audio/mpeg") and content
    assert "sandbox" in headers["content-security-policy"] and headers["x-content-type-options"] == "nosniff"
    for elsewhere in ("https://evil.example.com/RE1", f"{home.openhab.url}/rest", "javascript:window.hurt=1", ""):
        _record(home, caller, elsewhere)
        assert _ask(address)[0] == 404, elsewhere


def _record(home: Stack, caller: str, url: str) -> None:
    """Let a call have a recording."""
    sql = """
        UPDATE events SET payload = json_set(payload, '$.recordingSid', 'RE1', '$.recordingUrl', ?)
        WHERE channel = 'call-received' AND peer = ?
    """
    with closing(sqlite3.connect(home.folder / "data" / "twilio-binding.db", timeout=30)) as database, database:
        assert database.execute(sql, (url, caller)).rowcount


@pytest.mark.parametrize(
    "path",
    [
        "/recordings/1",
        "/recordings/99999999999999999999",
        "/conversations/99999",
        "/conversations/99999999999999999999999",
        "/calls/CAx",
        "/pictures/1/0",
        "/pictures/1/99999999999999999999",
    ],
)
def test_what_is_not_there(home: Stack, open_page: Open, path: str) -> None:
    """A page says that it does not exist."""
    page = open_page(f"{home.service.admin_url}{path}")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    assert accessible(page) == []


@pytest.mark.parametrize("before", ["x", "1", "nan_nan", "inf_1", "1_2_3_4", "-1_-1", "1e308_0", "9" * 400])
def test_odd_cursors(home: Stack, open_page: Open, before: str) -> None:
    """A changed address shows a page, not an error."""
    for path in ("/conversations", "/calls"):
        page = open_page(f"{home.service.admin_url}{path}?before={before}")
        assert page.get_by_role("heading", level=1).inner_text() in ("Conversations", "Calls")
