"""Notifications of openHAB Cloud: requests to the script, and what is reported if it cannot send them."""

from __future__ import annotations

import pytest

from tests.conftest import Announced
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.notifications import Notifications
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.protocol.calls import SignedCalls
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.notifications import CODE, Notification

_SECRET = "shared"


class Servlet:
    """The script's end of the line; `calls` are those that it knows, with None no script is there."""

    def __init__(self, *names: str, secret: str = _SECRET) -> None:
        self.sent: list[Notification] = []
        known = dict.fromkeys(names, self._take)
        self._calls = SignedCalls(secret, known, unexpected=print) if names else None

    def call_script(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, str]:
        """Answer as the servlet does."""
        if self._calls is None:
            return 404, b"", ""
        answered = self._calls.answer(path.rpartition("/")[2], body, *headers.values())
        return answered.status, answered.body, answered.signature

    def _take(self, body: bytes) -> bytes:
        self.sent.append(Notification.decode(body))
        return b"{}"


def _notifications(servlet: Servlet, *features: str) -> Notifications:
    script = ScriptClient(_SECRET)
    made = Notifications(script, _SECRET, servlet)
    if features:
        script.announce(Announcement(instance="i", bridge="1", features=("events", *features)))
    return made


@pytest.fixture(autouse=True)
def _logged(announced: Announced) -> None:
    """What a test may log."""
    announced("bridge.unusable")


@pytest.mark.parametrize("features", [(), ("notifications",)])
def test_one_goes_out(features: tuple[str, ...]) -> None:
    """Also where the script has not announced itself: the broker may be down."""
    servlet = Servlet("notify")
    _notifications(servlet, *features).send("ada@example.com", "Smoke \u2013 K\u00fcche")
    assert servlet.sent == [Notification(text="Smoke \u2013 K\u00fcche", user="ada@example.com")]


def test_without_the_connector(announced: Announced) -> None:
    """It is refused immediately with what to install, which is known before anybody needs it."""
    del announced
    made = _notifications(Servlet("notify"), "cloud")
    with pytest.raises(Refusal, match="install that add-on") as caught:
        made.send("", "Smoke")
    assert (caught.value.code, made.hindrance) == (CODE, str(caught.value))


def test_without_the_script() -> None:
    """It may still come; the report says what is needed."""
    made = _notifications(Servlet())
    with pytest.raises(DependencyDownError, match="twilio-binding install"):
        made.send("", "Smoke")
    assert "twilio-binding install" in made.hindrance


def test_a_script_with_another_secret() -> None:
    """Nothing it says is believed."""
    with pytest.raises(DependencyDownError):
        _notifications(Servlet("notify", secret="other"), "notifications").send("", "Smoke")


def test_an_old_script() -> None:
    """A script that does not know the call must be updated."""
    with pytest.raises(Refusal, match="older than the service"):
        _notifications(Servlet("events")).send("", "Smoke")


def test_news_are_told_once() -> None:
    """A copy of the announcement is none."""
    script, told = ScriptClient(_SECRET), list[int]()
    made = Notifications(script, _SECRET, Servlet())
    made.changed.subscribe(lambda: told.append(1))
    for features in (("events", "notifications"), ("events", "notifications"), ("events",)):
        script.announce(Announcement(instance="i", bridge="1", features=features))
        made.review()
    assert len(told) == 2
