"""Trying texts and calls: like a rule, and with the sandbox's phone like somebody outside."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from lab.standins.stack import Stack
from tests.browser import seeded
from tests.browser.conftest import Open, begins, look
from tests.browser.drawing import drawing
from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.actions import connect
from twilio_binding.sandbox.service_process import SEEDS, ServiceProcess

_PHONE = "twilio:phone:myaccount:myphone"
_LISTEN = "() => { speechSynthesis.speak = one => { window.spoken = [...(window.spoken || []), one.text] } }"


@pytest.fixture(scope="module", autouse=True)
def _rule(home: Stack) -> None:
    """The rule of the demo answers texts and calls."""
    home.start_rule()


@pytest.fixture
def on_try(home: Stack, open_page: Open) -> Page:
    """The page."""
    return open_page(f"{home.service.admin_url}/try")


def test_whole_call(home: Stack, on_try: Page) -> None:
    """A call through a menu of two levels, with the keys of the phone; what the rule got and answered is beside it."""
    look(on_try, "try")
    heard = _call(on_try)
    look(on_try, "phone-live")
    # Callers have some seconds for a key; taking the pictures may have taken longer.
    on_try.goto(f"{home.service.admin_url}/try")
    _call(on_try)
    on_try.evaluate(_LISTEN)
    on_try.get_by_label("Speak the words aloud").check()
    on_try.get_by_role("button", name="Key 1", exact=True).focus()
    on_try.keyboard.press("Enter")
    heard.get_by_text("Press 1 to arm it").wait_for()
    assert on_try.evaluate("document.activeElement.value") == "1", "the key keeps the focus"
    on_try.get_by_role("button", name="Key 1", exact=True).click()
    heard.get_by_text("The alarm is armed. Goodbye.").wait_for()
    on_try.get_by_text("The call is over").wait_for()
    story = on_try.locator("[data-swap=story]")
    story.get_by_text("Status: completed").wait_for()
    expect(story.get_by_text("Answered by a rule")).to_have_count(3)
    assert on_try.evaluate("window.spoken") == ["The alarm is off. Press 1 to arm it.", "The alarm is armed. Goodbye."]
    story.get_by_text("What rules got").nth(1).click()
    expect(story.locator("pre").nth(1)).to_contain_text('"digits": "1"', use_inner_text=True)
    look(on_try, "phone")


def _call(page: Page) -> Locator:
    """Call, and wait until the call waits for keys; returns what is heard."""
    page.get_by_role("button", name="Call").click()
    heard = page.locator("[data-swap=heard]")
    heard.get_by_text("Press 1 for the alarm").wait_for()
    page.get_by_text("The call waits for keys (it goes on after 1).").wait_for()
    return heard


def test_a_call_rings(home: Stack, on_try: Page) -> None:
    """A call of a rule to the phone's number rings on the page; it can be answered, with keys, or declined."""
    on_try.get_by_label("Your number").fill("+15558880033")
    on_try.get_by_role("button", name="Let it ring here").click()
    on_try.get_by_text("Calls to this number ring").wait_for()
    twiml = "<Response><Gather numDigits='1'><Say>Somebody is at the door. Press 1 to open.</Say></Gather></Response>"
    with connect(home.broker.url, timeout=60) as client:
        assert client.call(_PHONE, "makeCall", {"to": "+15558880033", "twiml": twiml}).ok
        look(on_try, "try-ringing")
        on_try.get_by_role("button", name="Answer").click()
        heard = on_try.locator("[data-swap=heard]")
        heard.get_by_text("Somebody is at the door.").wait_for()
        on_try.get_by_text("The call waits for keys (it goes on after 1).").wait_for()
        on_try.get_by_role("button", name="Key 1", exact=True).click()
        heard.locator("kbd", has_text="1").wait_for()
        on_try.get_by_text("The call is over").wait_for()
        on_try.goto(f"{home.service.admin_url}/try")
        sid = client.call(_PHONE, "makeTTSCall", {"to": "+15558880033", "text": "Hello"}).sid
        on_try.get_by_role("button", name="Decline").click()
        on_try.get_by_text("The call is over").wait_for()
    wait_until(lambda: home.twilio.calls()[-1]["status"] == "busy", 30, "the call to be declined")
    assert home.twilio.calls()[-1]["sid"] == sid


def test_many_keys(home: Stack, on_try: Page) -> None:
    """Keys that are pressed quickly are counted at once, and arrive in their order; shown numbers stay shown."""
    own = "+15558880039"
    on_try.get_by_label("Your number").fill(own)
    on_try.get_by_role("button", name="Let it ring here").click()
    on_try.get_by_text("Calls to this number ring").wait_for()
    twiml = "<Response><Gather timeout='60'><Say>Enter the code.</Say></Gather><Say>Bye.</Say></Response>"
    with connect(home.broker.url, timeout=60) as client:
        assert client.call(_PHONE, "makeCall", {"to": own, "twiml": twiml}).ok
    on_try.get_by_role("button", name="Answer").click()
    on_try.get_by_text("The call waits for keys (end them with #).").wait_for()
    on_try.get_by_role("link", name="Show numbers").click()
    on_try.get_by_role("link", name="Hide numbers").wait_for()
    for key in "31415926":
        on_try.get_by_role("button", name=f"Key {key}").click()
    on_try.get_by_text("Pressed: ••••••••").wait_for()
    on_try.get_by_role("button", name="Key hash").click()
    expect(on_try.locator("[data-swap=heard] kbd")).to_have_text("31415926#", use_inner_text=True)


def test_call_without_javascript(home: Stack, open_page: Open) -> None:
    """The phone works with forms alone."""
    page = open_page(f"{home.service.admin_url}/try", java_script_enabled=False)
    page.get_by_role("button", name="Call").click()
    page.wait_for_url("**/try/calls/*")
    _reload_until(page, "The call waits for keys")
    with page.expect_navigation():
        page.get_by_role("button", name="Key 1", exact=True).click()
    _reload_until(page, "Press 1 to arm it")
    with page.expect_navigation():
        page.get_by_role("button", name="Hang up").click()
    _reload_until(page, "The call is over: hung up")


def _reload_until(page: Page, text: str) -> None:
    def is_there() -> bool:
        if page.get_by_text(text).count():
            return True
        page.reload()
        return False

    wait_until(is_there, 30, text)


def test_text_with_a_picture(home: Stack, on_try: Page) -> None:
    """A text with a picture comes in, and is shown on the phone; so are the rule's answer and, by the link, the conversation."""
    on_try.get_by_label("Your number").fill("+15558880030")
    on_try.get_by_label("Text", exact=True).first.fill("Status?")
    files = FilePayload(name="sun.png", mimeType="image/png", buffer=drawing(80, 60))
    on_try.locator("input[type=file]").set_input_files(files)
    on_try.get_by_role("button", name="Send the text").click()
    on_try.wait_for_function("() => document.querySelector('img.picture')?.naturalWidth === 80")
    expect(on_try.get_by_role("status")).to_have_text("The text came in.", use_inner_text=True)
    assert on_try.url.endswith("/try") and on_try.get_by_label("Your number").input_value() == "+15558880030"
    texts = on_try.get_by_role("region", name="A phone outside").locator(".talk")
    expect(texts.locator(".ours .text")).to_have_text("Status?", use_inner_text=True)
    look(on_try, "try-texts")
    home.twilio.receive_sms("And now?", sender="+15558880030")
    texts.locator(".ours", has_text="And now?").wait_for()
    on_try.get_by_role("link", name="The conversation as your home sees it").click()
    expect(on_try.locator(".theirs .text").first).to_have_text("Status?", use_inner_text=True)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("Your number", "nobody", "is not a phone number"),
        ("Your number", "+1<script>", "is not a phone number"),
        ("Your number", "+15550000000", ""),
    ],
)
def test_odd_senders(on_try: Page, field: str, value: str, told: str) -> None:
    """An invalid number is refused with the reason."""
    on_try.get_by_label(field).fill(value)
    on_try.get_by_label("Text", exact=True).first.fill("x")
    on_try.get_by_role("button", name="Send the text").click()
    if told:
        on_try.get_by_role("heading", name="That did not work").wait_for()
    else:
        on_try.get_by_role("status").wait_for()


def test_refused_on_the_phone(on_try: Page) -> None:
    """A form that is refused says which field is wrong, with what was typed, and keeps all of it."""
    own, text = on_try.get_by_label("Your number"), on_try.get_by_label("Text", exact=True).first
    for wrong, told in (("12 34", "1234 does not begin with +"), ("+1", "+1 is not a phone number: it is too short")):
        own.fill(wrong)
        text.fill("Is anybody home?")
        on_try.get_by_role("button", name="Send the text").click()
        on_try.get_by_role("alert").get_by_text(told).wait_for()
        assert (own.input_value(), text.input_value()) == (wrong, "Is anybody home?")
        assert own.get_attribute("aria-invalid") == "true"
    look(on_try, "try-refused")
    sun = FilePayload(name="sun.png", mimeType="image/png", buffer=drawing(80, 60))
    on_try.locator("input[type=file]").set_input_files(sun)
    on_try.get_by_role("button", name="Send the text").click()
    on_try.get_by_role("alert").get_by_text("Choose the picture again: sun.png").wait_for()
    own.fill("+15558880035")
    files = FilePayload(name="page.html", mimeType="text/html", buffer=b"<p>no picture</p>")
    on_try.locator("input[type=file]").set_input_files(files)
    on_try.get_by_role("button", name="Send the text").click()
    on_try.locator("#outside-picture-problem").wait_for()
    assert own.input_value() == "+15558880035" and own.get_attribute("aria-invalid") is None
    expect(text).to_have_value("Is anybody home?")


def test_send(home: Stack, on_try: Page) -> None:
    """Before a text is sent, the page shows what Twilio will charge for; then it is sent, and the conversations are linked."""
    form = on_try.get_by_role("region", name="Send as a rule would")
    form.get_by_label("To", exact=True).fill("+15557654321, +4917012345678")
    form.get_by_label("Text", exact=True).fill("x" * 60 + " ę " + "y" * 20)
    with on_try.expect_navigation():
        form.get_by_role("button", name="Check").click()
    costs = form.locator(".costs").inner_text()
    assert "2 SMS segments, within the country (83 units, UCS-2 because of ę)" in costs
    assert "2 SMS segments, to another country" in costs
    look(on_try, "try-check")
    before = len(home.twilio.messages())
    form.get_by_role("button", name="Send now").click()
    on_try.get_by_role("status").get_by_text("Twilio has accepted it.").wait_for()
    sent = home.twilio.messages()[before:]
    assert sorted(one["to"] for one in sent) == ["+15557654321", "+4917012345678"]
    links = on_try.get_by_role("status").get_by_role("link")
    assert sorted(links.all_inner_texts()) == ["+15***21", "+49***78"]
    links.filter(has_text="+49").click()
    expect(on_try.locator(".ours .text").last).to_have_text("x" * 60 + " ę " + "y" * 20, use_inner_text=True)


def test_page_that_is_shown_again(home: Stack, on_try: Page) -> None:
    """A form sent twice is sent once; another text in a form that the browser shows again is another text."""
    own = "+15558880038"
    sent = """async ([to, text]) => {
        const body = new FormData(document.querySelector("[action='/try/send']"));
        for (const [name, value] of Object.entries({ to, text, step: "send" })) body.set(name, value);
        return (await fetch("/try/send", { method: "POST", body })).status;
    }"""
    assert [on_try.evaluate(sent, [own, text]) for text in ("one", "one", "two")] == [200, 200, 200]
    assert [one["body"] for one in home.twilio.messages() if one["to"] == own] == ["one", "two"]


def test_a_checked_page_goes_on(home: Stack, on_try: Page) -> None:
    """The page that shows what a text costs is current like others, and can be opened again at its address."""
    own = "+15558880036"
    on_try.get_by_label("Your number").fill(own)
    on_try.get_by_role("button", name="Let it ring here").click()
    on_try.get_by_text("Calls to this number ring").wait_for()
    form = on_try.get_by_role("region", name="Send as a rule would")
    form.get_by_label("To", exact=True).fill("+15557654321")
    form.get_by_label("Text", exact=True).fill("Hello")
    form.get_by_role("button", name="Check").click()
    form.locator(".costs").wait_for()
    with connect(home.broker.url, timeout=60) as client:
        assert client.call(_PHONE, "makeTTSCall", {"to": own, "text": "Hello"}).ok
    on_try.get_by_role("heading", name="rings").wait_for()
    assert form.locator(".costs").is_visible() and form.get_by_label("Text", exact=True).input_value() == "Hello"
    on_try.goto(on_try.url)
    on_try.get_by_role("button", name="Decline").click()
    on_try.get_by_text("The call is over").wait_for()


def test_segments_while_typing(on_try: Page) -> None:
    """While a text is typed, its number of segments is shown; not for a call."""
    form = on_try.get_by_role("region", name="Send as a rule would")
    counted = form.locator("[data-counts]")
    form.get_by_label("Text", exact=True).fill("x" * 161)
    counted.get_by_text("2 SMS segments (161 characters, GSM-7)").wait_for()
    form.get_by_label("Text", exact=True).press_sequentially(" <ę>")
    counted.get_by_text("3 SMS segments (165 units, UCS-2 because of ę)").wait_for()
    form.get_by_label("Call that says the text").check()
    on_try.wait_for_function("() => document.querySelector('[data-counts]').textContent === ''")


def test_line_breaks(home: Stack, on_try: Page) -> None:
    """A line break is one character: so it is counted, and so it is sent, in both forms of the page."""
    own = "+15558880037"
    form = on_try.get_by_role("region", name="Send as a rule would")
    form.get_by_label("To", exact=True).fill(own)
    form.get_by_label("Text", exact=True).fill("x" * 79 + "\n" + "y" * 80)
    form.locator("[data-counts]").get_by_text("1 SMS segment (160 characters, GSM-7)").wait_for()
    form.get_by_role("button", name="Check").click()
    form.locator(".costs").get_by_text("1 SMS segment, within the country (160 characters, GSM-7)").wait_for()
    form.get_by_role("button", name="Send now").click()
    on_try.get_by_role("status").get_by_text("Twilio has accepted it.").wait_for()
    assert home.twilio.messages()[-1]["body"] == "x" * 79 + "\n" + "y" * 80
    on_try.get_by_label("Your number").fill(own)
    on_try.get_by_label("Text", exact=True).first.fill("two\nlines")
    on_try.get_by_role("button", name="Send the text").click()
    expect(on_try.locator(".ours .text").last).to_have_text("two\nlines", use_inner_text=True)
    on_try.get_by_role("link", name="The conversation as your home sees it").click()
    on_try.get_by_label("Reply").fill("z" * 1598 + "\nz")  # with two characters for a line break, it would be too long
    on_try.get_by_role("button", name="Send").click()
    on_try.locator(".ours .text", has_text="zzz").wait_for()
    assert home.twilio.messages()[-1]["body"] == "z" * 1598 + "\nz"


def test_refused(on_try: Page) -> None:
    """What cannot be sent has a reason, and the input stays."""
    form = on_try.get_by_role("region", name="Send as a rule would")
    form.get_by_label("Call that says the text").check()
    form.get_by_label("To", exact=True).fill("12")
    form.get_by_label("Text", exact=True).fill("Hello")
    with on_try.expect_navigation():
        form.get_by_role("button", name="Check").click()
    expect(form.get_by_role("alert")).to_have_text(begins("12 "), use_inner_text=True)
    assert form.get_by_label("To", exact=True).get_attribute("aria-invalid") == "true"
    expect(form.get_by_label("Text", exact=True)).to_have_value("Hello")
    expect(form.get_by_label("Call that says the text")).to_be_checked()


def test_sandbox_that_stops(tmp_path: Path, open_page: Open) -> None:
    """When the sandbox has just stopped, the page is there without the phone, and an open form keeps what was typed."""
    with receiver() as twilio:
        settings = {"TWILIO__API_URL": twilio.url, "THINGS": json.dumps([str(SEEDS / "things" / "twilio.things")])}
        twilio.answer("/sandbox/options", Answer(body='{"options": {}}', content_type="application/json"))
        twilio.answer("/sandbox/live", Answer(body='{"calls": []}', content_type="application/json"), Answer(status=0))
        twilio.answer("/sandbox/receive", Answer(status=0))
        with ServiceProcess(tmp_path, seeded.NOBODY | settings) as service:
            page = open_page(f"{service.admin_url}/try")
            page.get_by_label("Text", exact=True).first.fill("Is anybody there?")
            page.get_by_role("button", name="Send the text").click()
            page.get_by_role("alert").get_by_text("the sandbox does not answer; start it again").wait_for()
            expect(page.get_by_label("Text", exact=True).first).to_have_value("Is anybody there?")
            page.goto(f"{service.admin_url}/try")
            page.get_by_role("heading", name="Send as a rule would").wait_for()
            assert not page.get_by_role("heading", name="A phone outside").count()


def test_no_sandbox(tmp_path: Path, open_page: Open) -> None:
    """With Twilio itself, or without Twilio, there is no phone, and its addresses do not work."""
    with seeded.service(tmp_path, rows=0) as service:
        page = open_page(f"{service.admin_url}/try")
        expect(page.get_by_role("heading", name="Send as a rule would")).to_be_visible()
        assert not page.get_by_role("heading", name="A phone outside").is_visible()
        with suppress(AssertionError):
            page.goto(f"{service.admin_url}/try/calls/CA1")
        expect(page.get_by_text("There is no such page")).to_be_visible()
