"""A real Chromium, and its services. On machines without one, these tests are skipped."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from lab.standins.stack import Stack, stack
from tests.browser import seeded

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "screenshots"
NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1100, "height": 760}
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_PATIENCE = 60_000
"""Milliseconds to wait for what a page shows, also on a busy machine."""
_SERIOUS = ("serious", "critical")
expect.set_options(timeout=_PATIENCE)

Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each of these tests a longer limit: on a busy machine, opening a page takes seconds."""
    for item in items:
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the session."""
    if _CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def home() -> Iterator[Stack]:
    """A complete stack without an admin token, for tests that do not damage it."""
    with stack() as up:
        seeded.add_days(up)  # before the first plot is drawn, which is shown again for a minute
        yield up


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Open]:
    """Opens pages in new contexts; fails a test in which a page had an error or requested another host."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(url: str, **options: Any) -> Page:
        context = chromium.new_context(**({"viewport": WIDE, "locale": "en-GB"} | options))
        contexts.append(context)
        context.set_default_timeout(_PATIENCE)
        page = context.new_page()
        host = "/".join(url.split("/", 3)[:3])
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
        page.on("request", lambda request: None if request.url.startswith(host) else wrong.append(request.url))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def begins(text: str) -> re.Pattern[str]:
    """For `expect`: a text that begins like this."""
    return re.compile("^" + re.escape(text))


def accessible(page: Page) -> list[str]:
    """The serious findings of axe-core on a page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']][:3]}"
        for each in found
        if each["impact"] in _SERIOUS
    ]


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return wide


def look(page: Page, name: str) -> None:
    """Check a page, wide, narrow and dark, and save its screenshots in build/screenshots."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for suffix, size, scheme in (("", WIDE, "light"), ("-dark", WIDE, "dark"), ("-360", NARROW, "light")):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal
        assert fits(page), f"{name}{suffix} is wider than the window"
        assert accessible(page) == []
        # Given a path, Playwright would write the file on a thread that stays.
        (SHOTS / f"{name}{suffix}.png").write_bytes(page.screenshot(full_page=True))
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
