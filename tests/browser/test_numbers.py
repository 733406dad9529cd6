"""Numbers and their webhooks."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lab.standins.stack import Stack
from tests.browser.conftest import Open, begins, look


def test_configure_and_restore(home: Stack, open_page: Open) -> None:
    """Values of others are shown beside ours; configuring and restoring work."""
    page = open_page(f"{home.service.admin_url}/numbers")
    look(page, "numbers")
    with page.expect_navigation():
        page.get_by_role("link", name="My Twilio Number").click()
    expect(page.locator(".card", has_text="Texts").get_by_text("✓ arrive here")).to_be_visible()
    home.twilio.console.change_number(sms_url="https://elsewhere.example.com/sms")
    page.reload()
    expect(page.locator(".card", has_text="Texts").get_by_text("✗ do not arrive here")).to_be_visible()
    expect(page.get_by_text("https://elsewhere.example.com/sms")).to_be_visible()
    look(page, "number")
    with page.expect_navigation():
        page.get_by_role("button", name="Configure").click()
    expect(page.get_by_role("status")).to_have_text(
        "The webhooks of the number now point to this service.", use_inner_text=True
    )
    expect(page.locator(".card", has_text="Texts").get_by_text("✓ arrive here")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("https://elsewhere.example.com/sms")).to_have_count(2)
    with page.expect_navigation():
        page.get_by_role("button", name="Configure").click()
    expect(page.locator(".card", has_text="Calls").get_by_text("✓ arrive here")).to_be_visible()


def test_discovery(home: Stack, open_page: Open) -> None:
    """A new number of the account is found, with the line for a `.things` file; it is masked until numbers are shown."""
    home.twilio.console.add_number("+15551110001", friendly_name="Garden & <b>shed</b>")
    page = open_page(f"{home.service.admin_url}/numbers")
    with page.expect_navigation():
        page.get_by_role("button", name="Look for new numbers").click()
    summary = page.locator("summary")
    expect(summary).to_have_text(begins("+15***01"), use_inner_text=True)
    assert not page.locator("pre").is_visible()
    summary.click()
    expect(page.locator("pre")).to_contain_text('phoneNumber="+15551110001"', use_inner_text=True)
    expect(page.locator("pre")).to_contain_text("Garden & <b>shed</b>", use_inner_text=True)
    look(page, "numbers-found")


def test_twilio_is_down(home: Stack, open_page: Open) -> None:
    """Without Twilio, the page says why it knows nothing."""
    home.twilio.faults.set("status", status=503, path=".*IncomingPhoneNumbers")
    try:
        page = open_page(f"{home.service.admin_url}/numbers/twilio:phone:myaccount:myphone")
        expect(page.get_by_role("alert")).to_have_text(
            begins("Where Twilio sends texts and calls is not known: "), use_inner_text=True
        )
    finally:
        home.twilio.faults.clear()


_COSTS = "/numbers/twilio:account:myaccount/costs"


def test_costs(home: Stack, open_page: Open) -> None:
    """What Twilio charged today, this month and last month, by kind, and the balance."""
    page = open_page(home.service.admin_url)
    page.get_by_role("link", name="Costs").click()
    page.wait_for_url(f"**{_COSTS}")
    expect(page.get_by_text("Balance:")).to_have_text("Balance: 20.00 USD", use_inner_text=True)
    expect(page.get_by_text("Balance and costs are made up")).to_be_visible()
    assert not page.get_by_text("These are Twilio's figures.").count()

    def shown() -> list[float]:
        cells = page.get_by_role("row", name="Total").get_by_role("cell")
        return [float(text) for text in cells.all_inner_texts()]

    before = shown()
    assert before[0] == before[1]
    assert before[2] == 0
    for _ in range(3):
        home.twilio.receive_sms("Hello")
    page.reload()
    assert shown() == pytest.approx(
        [before[0] + 0.0249, before[1] + 0.0249, 0], abs=0.0101
    )  # from 1 on, in whole cents
    look(page, "costs")


@pytest.mark.parametrize(
    "answer",
    [
        "not json",
        '{"usage_records": "none"}',
        '{"usage_records": []}',
        '{"usage_records": [{"category": "totalprice", "price": "a lot"}]}',
        '{"usage_records": [{"category": "totalprice", "price": "nan"}]}',
    ],
)
def test_costs_that_cannot_be_read(home: Stack, open_page: Open, answer: str) -> None:
    """The page says that Twilio's answer is no list of costs, and shows no figure."""
    home.twilio.faults.set("status", status=200, body=answer, path=".*Usage")
    try:
        page = open_page(f"{home.service.admin_url}{_COSTS}")
        expect(page.get_by_role("alert")).to_contain_text("could not be read", use_inner_text=True)
        expect(page.get_by_role("table")).to_have_count(0)
    finally:
        home.twilio.faults.clear()


def test_costs_of_nothing(home: Stack, open_page: Open) -> None:
    """A phone has no costs of its own, and an unknown account has no page."""
    for thing in ("twilio:phone:myaccount:myphone", "twilio:account:other"):
        page = open_page(f"{home.service.admin_url}/numbers/{thing}/costs")
        assert page.get_by_role("heading", level=1).inner_text() != "Costs"
        expect(page.get_by_role("table")).to_have_count(0)
