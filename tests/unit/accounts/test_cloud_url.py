"""The URL from openHAB Cloud: used while it is valid."""

from __future__ import annotations

import pytest

from tests.conftest import Announced
from twilio_binding.accounts.cloud_url import CloudURL
from twilio_binding.protocol.announcement import Announcement


class Desk:
    """A cloud URL with a clock, and the last passed value."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.used = "never told"
        self.cloud = CloudURL(self._use, clock=lambda: self.now)

    def _use(self, url: str) -> None:
        self.used = url

    def announce(self, url: str, expires: float) -> None:
        """Announce this URL, like the script."""
        self.cloud.announce(Announcement(instance="i", bridge="1", cloud_url=url, cloud_expires=expires))


def test_used_until_it_expires(announced: Announced) -> None:
    """The URL is passed on immediately, withdrawn when it has expired, and passed on again when it is renewed."""
    announced("cloud.expired")
    desk = Desk()
    desk.announce("https://cloud/1", 1060)
    assert desk.used == "https://cloud/1"
    desk.now = 1059
    desk.cloud.check()
    assert desk.used == "https://cloud/1"
    desk.now = 1060
    desk.cloud.check()
    assert desk.used == ""
    desk.announce("https://cloud/1", 2000)
    assert desk.used == "https://cloud/1"


def test_script_that_goes() -> None:
    """While the script reloads, its URL stays valid."""
    desk = Desk()
    desk.announce("https://cloud/1", 2000)
    desk.cloud.announce(None)
    assert desk.used == "https://cloud/1"


def test_withdrawn() -> None:
    """A script that no longer has a URL withdraws it."""
    desk = Desk()
    desk.announce("https://cloud/1", 2000)
    desk.announce("", 0)
    assert desk.used == ""


def test_old_announcement(announced: Announced) -> None:
    """An announcement that was retained for too long is not used."""
    announced("cloud.expired")
    desk = Desk()
    desk.announce("https://cloud/1", 999)
    assert desk.used == ""


@pytest.mark.parametrize("url", ["https://[", "ftp://cloud/1", "cloud", "https://cloud/1?x=1", "https://cl oud/1"])
def test_what_is_no_url(announced: Announced, url: str) -> None:
    """Something that is not a URL is not used, and withdraws the old one."""
    announced("cloud.unusable")
    desk = Desk()
    desk.announce("https://cloud/1", 0)
    desk.announce(url, 0)
    assert desk.used == ""


def test_without_expiry() -> None:
    """A URL that never expires stays."""
    desk = Desk()
    desk.announce("https://cloud/1", 0)
    desk.now = 1e12
    desk.cloud.check()
    assert desk.used == "https://cloud/1"
