"""Numbers and their webhooks."""

from __future__ import annotations

from lab.standins.stack import Stack
from tests.browser.conftest import Open, look


def test_configure_and_restore(home: Stack, open_page: Open) -> None:
    """Values of others are shown beside ours; configuring and restoring work."""
    page = open_page(f"{home.service.admin_url}/numbers")
    look(page, "numbers")
    page.get_by_role("link", name="My Twilio Number").click()
    page.wait_for_load_state()
    assert page.locator(".card", has_text="Texts").get_by_text("✓ arrive here").is_visible()
    home.twilio.console.change_number(sms_url="https://elsewhere.example.com/sms")
    page.reload()
    assert page.locator(".card", has_text="Texts").get_by_text("✗ do not arrive here").is_visible()
    assert page.get_by_text("https://elsewhere.example.com/sms").is_visible()
    look(page, "number")
    page.get_by_role("button", name="Configure").click()
    page.wait_for_load_state()
    assert page.get_by_role("status").inner_text() == "The webhooks of the number now point to this service."
    assert page.locator(".card", has_text="Texts").get_by_text("✓ arrive here").is_visible()
    page.get_by_role("button", name="Restore").click()
    page.wait_for_load_state()
    assert page.get_by_text("https://elsewhere.example.com/sms").count() == 2
    page.get_by_role("button", name="Configure").click()
    page.wait_for_load_state()
    assert page.locator(".card", has_text="Calls").get_by_text("✓ arrive here").is_visible()


def test_discovery(home: Stack, open_page: Open) -> None:
    """A new number of the account is found, with the line for a `.things` file; it is masked until numbers are shown."""
    home.twilio.console.add_number("+15551110001", friendly_name="Garden & <b>shed</b>")
    page = open_page(f"{home.service.admin_url}/numbers")
    page.get_by_role("button", name="Look for new numbers").click()
    page.wait_for_load_state()
    summary = page.locator("summary")
    assert summary.inner_text().startswith("+15***01")
    assert not page.locator("pre").is_visible()
    summary.click()
    assert 'phoneNumber="+15551110001"' in page.locator("pre").inner_text()
    assert "Garden & <b>shed</b>" in page.locator("pre").inner_text()
    look(page, "numbers-found")


def test_twilio_is_down(home: Stack, open_page: Open) -> None:
    """Without Twilio, the page says why it knows nothing."""
    home.twilio.faults.set("status", status=503, path=".*IncomingPhoneNumbers")
    try:
        page = open_page(f"{home.service.admin_url}/numbers/twilio:phone:myaccount:myphone")
        assert page.get_by_role("alert").inner_text().startswith("Twilio did not answer")
    finally:
        home.twilio.faults.clear()
