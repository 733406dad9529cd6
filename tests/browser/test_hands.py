"""What a user is using stays as it is, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, Route

from lab.standins.stack import Stack
from tests.browser.conftest import Open
from tests.waiting import wait_until

_COUNT_CHANGES = """
    sessionStorage.changes = 0;
    new MutationObserver(() => sessionStorage.changes++).observe(document.querySelector("main"),
        { subtree: true, childList: true, attributes: true, characterData: true });
"""


def _row(page: Page, text: str) -> Locator:
    return page.locator(".rows li", has_text=text)


class _Queue:
    """A page of texts that wait for openHAB, newest first, each with a button to drop it; and a second page."""

    def __init__(self, home: Stack, open_page: Open) -> None:
        self._home = home
        self._number = 0
        self._before = len(home.openhab.triggers())
        url = f"{home.service.admin_url}/waiting/openhab"
        self._watcher = open_page(url)
        self.grow(1)
        # openHAB is reported as down after a moment; until then the rows may still move.
        self._watcher.locator("p.problem").wait_for()
        self.page = open_page(url)
        self.drop.wait_for()

    def grow(self, texts: int = 2) -> None:
        """Let more texts come in. A second page shows each, so there was an update, and the second came a second after the first."""
        for _ in range(texts):
            self._number += 1
            self._home.twilio.receive_sms(f"queued {self._number}.", sender="+15558880090")
            _row(self._watcher, f"queued {self._number}.").wait_for()

    @property
    def drop(self) -> Locator:
        """The button that drops the first text."""
        return _row(self.page, "queued 1.").get_by_role("button", name="Drop")

    def check_only_the_first_was_dropped(self) -> None:
        """What was not dropped is delivered when openHAB is back."""
        self.page.get_by_role("status").wait_for()
        self._home.openhab.faults.up()
        wait_until(lambda: len(self._arrived()) >= self._number - 1, 60, "the other texts to arrive")
        assert not [text for text in self._arrived() if "queued 1." in text]

    def _arrived(self) -> list[str]:
        texts = [str(one["payload"]) for one in self._home.openhab.triggers()[self._before :]]
        return [text for text in texts if "queued" in text]


@pytest.fixture
def queue(home: Stack, open_page: Open) -> Iterator[_Queue]:
    """Waiting texts: openHAB is down for a while."""
    home.openhab.faults.down()
    try:
        yield _Queue(home, open_page)
    finally:
        home.openhab.faults.up()
        home.service.wait_ready()


def test_a_button_that_is_pressed(queue: _Queue) -> None:
    """If rows are added between pressing and releasing the mouse, the button is still that of its row."""
    queue.drop.hover()
    queue.page.mouse.down()
    queue.grow()
    queue.page.mouse.up()
    queue.check_only_the_first_was_dropped()


def test_a_form_that_is_under_way(queue: _Queue) -> None:
    """While the answer to a form is awaited, the page changes nothing, and still gets the answer."""
    sent: list[Route] = []

    def keep(route: Route) -> None:
        sent.append(route)

    queue.page.route("**/give-up", keep)
    queue.page.evaluate(_COUNT_CHANGES)
    with queue.page.expect_request("**/give-up"):
        queue.drop.click(no_wait_after=True)
    queue.grow()
    sent[0].continue_()
    queue.page.get_by_role("status").wait_for()
    assert queue.page.evaluate("sessionStorage.changes") == "0"
    queue.check_only_the_first_was_dropped()


def test_a_button_that_has_the_focus(queue: _Queue) -> None:
    """If rows are added while a button has the keyboard focus, the page shows them, and the focus stays."""
    queue.drop.focus()
    queue.grow()
    _row(queue.page, "queued 3.").wait_for()
    queue.page.keyboard.press("Enter")
    queue.check_only_the_first_was_dropped()


def test_a_page_that_is_let_go(queue: _Queue) -> None:
    """Delayed changes are shown as soon as no button is pressed."""
    queue.page.get_by_role("heading", level=1).hover()
    queue.page.mouse.down()
    queue.grow()
    assert not _row(queue.page, "queued 3.").count()
    queue.page.mouse.up()
    _row(queue.page, "queued 3.").wait_for()
