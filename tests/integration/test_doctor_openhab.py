"""The doctor's links to openHAB, each broken in the ways that people know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.standins.client import OpenHABStandIn
from tests.doctor import bad, only, results, settings, silent_server
from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.service_process import SEEDS

ADMIN, USER = "oh.admin.1", "oh.user.1"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenHABStandIn]:
    """An openHAB for the tests of this module."""
    with OpenHABStandIn(OpenHABOptions(items=SEEDS / "items", token=ADMIN, user_token=USER)) as server:
        yield server


@pytest.fixture
def openhab(running: OpenHABStandIn) -> OpenHABStandIn:
    """The same, without faults."""
    running.faults.clear()
    return running


def at(url: str, token: str = ADMIN, **more: Any) -> dict[str, Any]:
    """The section of the settings."""
    return {"openhab": {"url": url, "token": token} | more}


def test_good_openhab(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """Version, start level and the role of the token are told."""
    found = results(settings(tmp_path, **at(openhab.url)), "openhab")
    assert not bad(found)
    assert only(found, "openHAB 5.3.0").facts == {"version": "5.3.0"}
    assert only(found, "the token is an administrator's; start level 100")


@pytest.mark.parametrize(
    ("token", "cause", "cure"),
    [
        ("oh.wrong.1", "refuses the API token", "openHAB does not know this token"),
        (USER, "belongs to a user who is no administrator", "as an administrator"),
        ("", "openhab.token is empty", "create an API token"),
    ],
)
def test_tokens(openhab: OpenHABStandIn, tmp_path: Path, token: str, cause: str, cure: str) -> None:
    """A token that openHAB does not know, one of a mere user, and none: three causes."""
    found = bad(results(settings(tmp_path, **at(openhab.url, token)), "openhab"))
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert cure in found[0].cure
    assert not token or token not in str(found)


def test_nobody_listens(tmp_path: Path) -> None:
    """No openHAB at the address."""
    found = results(settings(tmp_path), "openhab")
    assert [one.status for one in found] == ["failed"]
    assert "openHAB does not answer" in found[0].cause
    assert "openhab.url" in found[0].cure


def test_something_that_never_answers(tmp_path: Path) -> None:
    """A socket that hangs ends in a result."""
    with silent_server() as port:
        found = results(settings(tmp_path, **at(f"http://127.0.0.1:{port}")), "openhab")
    assert [one.status for one in found] == ["failed"]
    assert "does not answer (ReadTimeoutError)" in found[0].cause


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(body="<html>Welcome</html>", content_type="text/html"), "openHAB's answer was cut off"),
        (Answer(body="{}", content_type="application/json"), "is not openHAB"),
        (Answer(body="[]", content_type="application/json"), "something else than an object"),
        (Answer(body='{"runtimeInfo": 5}', content_type="application/json"), "is not openHAB"),
        (Answer(body="oops", status=500, content_type="text/html"), "openHAB answers 500"),
        (Answer(body="<h1>Login</h1>", status=401, content_type="text/html"), "something in front of openHAB"),
        (Answer(status=0), "openHAB does not answer"),
    ],
)
def test_something_else_answers(tmp_path: Path, answer: Answer, cause: str) -> None:
    """Pages, nonsense, errors and broken connections: each ends with a cause and a cure."""
    with receiver() as server:
        server.answer("/rest/", answer)
        found = results(settings(tmp_path, **at(server.url)), "openhab")
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert found[0].cure


def test_openhab_that_starts(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """While no rule runs yet it says so, with the start level."""
    openhab.control("POST", "restart", {"factor": 0.001, "level": 40})
    try:
        wait_until(lambda: openhab.counts()["level"] == 40, 10, "start level 40")
        found = bad(results(settings(tmp_path, **at(openhab.url)), "openhab"))
    finally:
        openhab.control("POST", "restart", {"factor": 0.001})
        wait_until(lambda: openhab.counts()["level"] == 100, 10, "start level 100")
    assert [(one.status, one.cause) for one in found] == [
        ("warning", "openHAB is starting (start level 40): no rule runs yet")
    ]


def test_openhab_that_is_too_old(tmp_path: Path) -> None:
    """Before 4.0 it cannot work."""
    with OpenHABStandIn(OpenHABOptions(token=ADMIN, version="3.4")) as server:
        found = bad(results(settings(tmp_path, **at(server.url)), "openhab"))
    assert [one.cause for one in found] == ["openHAB 3.4.0 is too old"]
