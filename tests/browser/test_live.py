"""Pages that update themselves."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Locator, Page, Route, expect

from lab.standins.stack import Stack
from tests.browser.conftest import Open, look
from tests.waiting import busy, wait_until

_CALLS, _ROUNDS = 5, 4


def test_a_text_appears(home: Stack, open_page: Open) -> None:
    """A text that comes in appears on the open page without a reload; input and focus stay."""
    home.twilio.receive_sms("First", sender="+15558880040")
    page = open_page(f"{home.service.admin_url}/conversations")
    page.locator(".rows a", has_text="+15***40").click()
    page.get_by_label("Reply").fill("half a")
    home.twilio.receive_sms("Second", sender="+15558880040")
    page.locator(".theirs .text", has_text="Second").wait_for()
    page.keyboard.type(" reply")
    expect(page.get_by_label("Reply")).to_have_value("half a reply")


def test_a_dependency_goes_down(home: Stack, open_page: Open) -> None:
    """The open page shows within seconds that the broker is down, although nothing is stored."""
    page = open_page(f"{home.service.admin_url}/")
    home.broker.stop()
    try:
        page.get_by_text("Something needs attention: MQTT broker").wait_for(timeout=60_000)
    finally:
        home.broker.start()
        home.service.wait_ready()
    page.get_by_text("Everything is connected.").wait_for(timeout=60_000)


@contextmanager
def _following(home: Stack, number: int) -> Iterator[list[HTTPResponse]]:
    """Open so many pages; they get changes, or 503 if there are too many."""
    connections = [HTTPConnection(urlsplit(home.service.admin_url).netloc, timeout=30) for _ in range(number)]
    with urlopen(f"{home.service.admin_url}/", timeout=30) as page:
        known = page.read().partition(b'data-version="')[2].partition(b'"')[0].decode()
    try:
        for connection in connections:
            connection.request("GET", f"/changes?known={known}")
        yield [connection.getresponse() for connection in connections]
    finally:
        for connection in connections:
            connection.close()


@contextmanager
def _all_following(home: Stack, number: int) -> Iterator[list[HTTPResponse]]:
    """Open so many pages, as soon as the service has noticed that others are closed: it does when it notifies them."""
    with ExitStack() as cleanup:

        def opened() -> list[HTTPResponse] | None:
            home.twilio.receive_sms("wake", sender="+15558880041")
            attempt = cleanup.enter_context(ExitStack())
            answers = attempt.enter_context(_following(home, number))
            if {answer.status for answer in answers} == {200}:
                return answers
            attempt.close()
            return None

        yield wait_until(opened, 60, f"room for {number} pages")


def _answer_times(home: Stack, calls: int) -> list[float]:
    """Milliseconds until calls were answered."""
    return [home.twilio.call([], caller="+15558880041").requests[0]["ms"] for _ in range(calls)]


def test_many_pages(home: Stack) -> None:
    """Ten open pages do not delay calls, whatever else the machine does."""
    quiet, watched = _answer_times(home, _CALLS), []
    for _ in range(_ROUNDS):  # in turns, so that a busy minute of the machine meets both
        with _all_following(home, 10) as answers:
            watched += _answer_times(home, _CALLS)
            assert all(b"data: changed" in answer.read(64) for answer in answers)
        quiet += _answer_times(home, _CALLS)
    told = f"ms without open pages {sorted(quiet)}, with ten {sorted(watched)}"
    assert statistics.median(watched) <= 1.5 * statistics.median(quiet) + 20, told


def test_too_many_pages(home: Stack) -> None:
    """Beyond twenty pages, one is refused; closed pages make room."""
    with _all_following(home, 1):
        pass
    with _following(home, 30) as answers:
        statuses = [answer.status for answer in answers]
    assert set(statuses) == {200, 503}
    assert statuses.count(200) <= 20
    with _all_following(home, 1):
        pass


def test_many_pages_of_one_browser(home: Stack, open_page: Open) -> None:
    """Ten visible pages open, although the browser has six connections to a host, and each shows what happens then."""
    first = open_page(f"{home.service.admin_url}/")
    pages = [first, *(first.context.new_page() for _ in range(9))]
    for page in pages[1:]:
        page.goto(f"{home.service.admin_url}/")
    before = _texts(first).inner_text()
    home.twilio.receive_sms("For all of you", sender="+15558880046")
    for page in pages:
        expect(_texts(page)).not_to_have_text(before, use_inner_text=True)
    first.reload()
    expect(first.get_by_role("heading", name="Overview")).to_be_visible()


def _texts(page: Page) -> Locator:
    """The number of texts received today, according to the overview."""
    return page.locator(".figures div", has_text="Texts received").locator("dd")


def test_the_service_ends_at_once(home: Stack, open_page: Open) -> None:
    """Open pages do not keep the service from ending, say that they are stale, and catch up when it is back."""
    page = open_page(f"{home.service.admin_url}/")
    before = _texts(page).inner_text()
    began = time.monotonic()
    assert home.service.stop() == 0
    assert time.monotonic() - began < 5.5 * busy()
    page.get_by_text("This page is not up to date").wait_for()
    home.service.start()
    home.service.wait_ready()
    home.twilio.receive_sms("After the restart", sender="+15558880042")
    wait_until(lambda: _texts(page).inner_text() != before, 60)
    page.get_by_text("This page is not up to date").wait_for(state="hidden")


def test_before_the_page_follows(home: Stack, open_page: Open) -> None:
    """What happened after the page was created appears as soon as it follows, although nothing more happens."""
    page = open_page(f"{home.service.admin_url}/")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/changes*", hold)
    page.reload()
    before = _texts(page).inner_text()
    wait_until(lambda: page.evaluate("1") and waiting, 30)
    with _following(home, 1) as (answer,):
        home.twilio.receive_sms("Between", sender="+15558880043")
        for awaited in (b"data: changed", b": nothing"):  # it has come, and all that follows from it
            while not answer.readline().startswith(awaited):
                pass
    assert _texts(page).inner_text() == before
    waiting.pop().continue_()
    wait_until(lambda: _texts(page).inner_text() != before, 60)


def test_news_that_cannot_be_fetched(home: Stack, open_page: Open) -> None:
    """A page that could not fetch the changes when notified gets them later, although nothing more happens."""
    page = open_page(f"{home.service.admin_url}/")
    with page.expect_response("**/changes*"):
        page.reload()
    before = _texts(page).inner_text()
    failed: list[Route] = []

    def fail(route: Route) -> None:
        failed.append(route)
        if len(failed) == 1:
            route.abort()
        else:
            route.fulfill(status=503)

    page.route(f"{home.service.admin_url}/", fail)
    home.twilio.receive_sms("Not seen at once", sender="+15558880044")
    wait_until(lambda: page.evaluate("1") and len(failed) >= 2, 60)
    assert _texts(page).inner_text() == before
    page.unroute_all()
    wait_until(lambda: _texts(page).inner_text() != before, 60)


def test_a_page_that_was_too_much(home: Stack, open_page: Open) -> None:
    """A page opened while too many were open follows as soon as there is room."""
    page = open_page(f"{home.service.admin_url}/")
    page.route("**/changes*", lambda route: route.fulfill(status=503))
    with page.expect_response(lambda answer: "/changes" in answer.url and answer.status == 503):
        page.reload()
    before = _texts(page).inner_text()
    page.unroute_all()
    home.twilio.receive_sms("There is room", sender="+15558880045")
    wait_until(lambda: _texts(page).inner_text() != before, 60)


def test_plots(home: Stack, open_page: Open) -> None:
    """The plots are pictures from the service, with the same figures as a table; nothing in them can run."""
    page = open_page(f"{home.service.admin_url}/")
    for picture in page.locator(".plots img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("one => one.naturalWidth > 0", arg=picture.element_handle())
        assert "received" in (picture.get_attribute("alt") or "") or "answered" in (picture.get_attribute("alt") or "")
    page.get_by_text("The same as a table").first.click()
    expect(page.get_by_role("table").first.locator("tbody tr")).to_have_count(24)
    expect(page.get_by_role("table").first.get_by_role("columnheader", name="Texts: received")).to_be_visible()
    page.get_by_text("The same as a table").first.click()
    look(page, "overview")
    source = page.goto(f"{home.service.admin_url}/plots/texts-day.svg")
    assert source is not None and b"<script" not in source.body()
    assert "sandbox" in source.headers["content-security-policy"]


def test_doctor(home: Stack, open_page: Open) -> None:
    """Every link is tested on request; the overview shows the results."""
    page = open_page(f"{home.service.admin_url}/doctor")
    page.get_by_role("button", name="Test now").click(timeout=60_000, no_wait_after=True)
    page.get_by_text("Tested at").wait_for(timeout=50_000)
    wait_until(lambda: page.locator(".rows li").count() >= 8, 30, "the links")
    look(page, "doctor")
    page.goto(f"{home.service.admin_url}/")
    assert page.locator(".links .light").count() >= 8
