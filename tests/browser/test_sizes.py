"""Each page with nothing, one entry, and ten thousand of everything."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import seeded
from tests.browser.conftest import Open, accessible, fits
from tests.waiting import busy

PAGES = [
    "/",
    "/conversations",
    "/calls",
    "/waiting",
    "/numbers",
    "/try",
    "/alarms",
    "/doctor",
    "/commands",
    "/commands/past",
]
_PATIENCE = 25.0
"""Seconds; a page with thousands of rows would take longer even on an idle machine."""
_MOST_ROWS = 100
_EMPTY = {"/conversations": "Nobody has written or called yet.", "/calls": "Nobody has called yet"}


@pytest.mark.parametrize("rows", [0, 1, 10_000])
def test_pages(tmp_path: Path, open_page: Open, rows: int) -> None:
    """Every page shows its entries in parts, and is as fast with many as with few."""
    with seeded.service(tmp_path, rows=rows) as service:
        for path in PAGES:
            started = time.monotonic()
            page = open_page(f"{service.admin_url}{path}")
            seconds = time.monotonic() - started
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert seconds < _PATIENCE * busy() / 2, f"{path} took {seconds:.1f} s"
            assert page.locator(".rows li").count() <= _MOST_ROWS, path
            assert fits(page) and accessible(page) == []
            if not rows and path in _EMPTY:
                assert _EMPTY[path] in page.content()
        if rows:
            page = open_page(f"{service.admin_url}/conversations")
            assert page.locator(".rows li").count() == (25 if rows > 1 else 3)
            assert bool(page.get_by_text("set aside for openHAB").count()) == (rows > 1)
        page = open_page(f"{service.admin_url}/waiting/mqtt_aside")
        assert page.get_by_text("Nothing here any more.").is_visible() and not page.locator(".rows").count()


def test_conversation_of_thousands(tmp_path: Path, open_page: Open) -> None:
    """A long conversation is read in parts without gaps; so are lists; a search has an end."""
    with seeded.service(tmp_path, rows=10_000) as service:
        page = open_page(f"{service.admin_url}/conversations?q=9876543")
        with page.expect_navigation():
            page.locator(".rows a").first.click()
        seen = page.locator(".talk .text").all_inner_texts()
        assert seen[-1] == "much 9999"
        with page.expect_navigation():
            page.get_by_role("link", name="Older messages").click()
        older = page.locator(".talk .text").all_inner_texts()
        numbers = [int(text.split()[1]) for text in older + seen]
        assert numbers == list(range(numbers[0], 10_000))
        page.goto(f"{service.admin_url}/calls")
        first = page.locator(".rows a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        with page.expect_navigation():
            page.get_by_role("link", name="Older calls").click()
        following = page.locator(".rows a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert [*first, *following] == [f"/calls/CA{n}" for n in range(9999, 9999 - len(first) - len(following), -1)]
        started = time.monotonic()
        page.goto(f"{service.admin_url}/conversations?q=text+17")
        assert time.monotonic() - started < _PATIENCE * busy() / 2
        found: list[str] = []
        while True:
            found += page.locator(".rows .preview").all_inner_texts()
            assert page.locator(".rows li").count() <= _MOST_ROWS
            further = page.get_by_role("link", name="Search older texts")
            if not further.count():
                break
            with page.expect_navigation():
                further.click()
        expected = [f"text {n}" for n in range(10_000) if str(n).startswith("17")]
        assert sorted(found) == sorted(expected)
