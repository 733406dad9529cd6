"""The openHAB stand-in: faults on demand, restarts and the start-up timeline."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from lab.standins.client import OpenHABStandIn
from tests.integration.openhab_probe import SseListener, put_state
from tests.waiting import wait_until
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.openhab.startup import PHASES

_ADMIN = {"Authorization": "Bearer T"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHABStandIn]:
    """A stand-in with one item."""
    folder = tmp_path_factory.mktemp("items")
    (folder / "lab.items").write_text('String Plain { channel="twilio:phone:a:b:last-message-body" }')
    with OpenHABStandIn(OpenHABOptions(items=folder, token="T")) as standin:
        yield standin


@pytest.fixture
def openhab(server: OpenHABStandIn) -> OpenHABStandIn:
    """The stand-in reset."""
    server.faults.up()
    server.restart()
    server.reset()
    return server


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_status_for_a_while(openhab: OpenHABStandIn, status: int) -> None:
    """Two requests get the status and have no effect, the third works."""
    fault = openhab.faults.set("status", status=status, count=2, path="/rest/items")
    assert [_put(openhab, text).status_code for text in ("a", "b", "c")] == [status, status, 202]
    assert openhab.faults.hits(fault) == 2
    wait_until(lambda: openhab.states("Plain") == ["c"])


def test_status_although_it_worked(openhab: OpenHABStandIn) -> None:
    """An error answer may hide that the request was carried out."""
    openhab.faults.set("status", status=500, count=1, effect=True)
    assert _put(openhab, "done all the same").status_code == 500
    wait_until(lambda: openhab.states("Plain") == ["done all the same"])


def test_fault_strikes_only_its_path_and_method(openhab: OpenHABStandIn) -> None:
    """Other paths and methods are not affected, nor are the first skipped requests."""
    openhab.faults.set("status", status=500, path="/rest/items/Plain", method="PUT", skip=1)
    assert requests.get(f"{openhab.url}/rest/items/Plain", timeout=30).status_code == 200
    assert requests.get(f"{openhab.url}/rest/uuid", timeout=30).status_code == 200
    assert [_put(openhab, "x").status_code for _ in range(2)] == [202, 500]
    openhab.faults.clear()
    assert _put(openhab, "x").status_code == 202


def test_slow(openhab: OpenHABStandIn) -> None:
    """A slow answer arrives late but complete."""
    openhab.faults.set("slow", seconds=0.2, count=1)
    began = time.monotonic()
    assert _put(openhab, "x").status_code == 202
    assert time.monotonic() - began >= 0.2


def test_hang(openhab: OpenHABStandIn) -> None:
    """A hanging request is never answered; the server continues."""
    openhab.faults.set("hang", count=1, effect=True)
    with pytest.raises(requests.exceptions.ReadTimeout):
        _put(openhab, "stored", timeout=0.2)
    wait_until(lambda: openhab.states("Plain") == ["stored"])
    assert _put(openhab, "x").status_code == 202


def test_cut_off(openhab: OpenHABStandIn) -> None:
    """An answer that breaks off is a connection error, whatever happened to the request."""
    openhab.faults.set("cut", count=1)
    with pytest.raises(requests.exceptions.ConnectionError):
        _put(openhab, "stored")
    wait_until(lambda: openhab.states("Plain") == ["stored"])
    openhab.faults.set("cut", count=1, path="/rest/rules")
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.get(f"{openhab.url}/rest/rules?summary=true", timeout=30)


@pytest.mark.parametrize(
    "settings", [{"kind": "nonsense"}, {"kind": "status", "typo": 1}, {"kind": "cut", "path": "("}]
)
def test_faults_that_make_no_sense(openhab: OpenHABStandIn, settings: dict[str, object]) -> None:
    """An impossible fault is refused with a reason."""
    with pytest.raises(RuntimeError, match="error"):
        openhab.control("POST", "faults", settings)


def test_lost_state(openhab: OpenHABStandIn) -> None:
    """A lost state is accepted with 202 and never set."""
    openhab.faults.set("lose-state", count=1)
    assert [_put(openhab, text).status_code for text in ("lost", "kept")] == [202, 202]
    wait_until(lambda: openhab.states("Plain") == ["kept"])


def test_lost_events(openhab: OpenHABStandIn) -> None:
    """Lost events reach nobody; the state itself is set."""
    with SseListener(openhab.url, "openhab/items/Plain/state") as listener:
        openhab.faults.set("lose-event", path="openhab/items/Plain/state$", count=1)
        _put(openhab, "unheard")
        _put(openhab, "heard")
        listener.wait_for("openhab/items/Plain/state")
        assert listener.events == [("openhab/items/Plain/state", {"type": "String", "value": "heard"})]
    assert openhab.states("Plain") == ["unheard", "heard"]


@pytest.mark.parametrize("mid_frame", [False, True])
def test_dropped_streams(openhab: OpenHABStandIn, *, mid_frame: bool) -> None:
    """Streams end on demand, also in the middle of a frame."""
    with SseListener(openhab.url) as listener:
        wait_until(lambda: openhab.counts()["streams"] == 1)
        assert openhab.faults.drop_streams(mid_frame=mid_frame) == 1
        assert listener.ended.wait(30)
    wait_until(lambda: openhab.counts()["streams"] == 0)


def test_client_that_leaves_is_noticed(openhab: OpenHABStandIn) -> None:
    """A listener that closes its connection is not counted a moment later."""
    with SseListener(openhab.url):
        wait_until(lambda: openhab.counts()["streams"] == 1)
    wait_until(lambda: openhab.counts()["streams"] == 0)


def test_down_and_up(openhab: OpenHABStandIn) -> None:
    """A stopped server refuses connections and ends streams; started again, it is the same on the same port."""
    _put(openhab, "kept")
    with SseListener(openhab.url) as listener:
        openhab.faults.down()
        assert listener.ended.wait(30)
    with pytest.raises(requests.exceptions.ConnectionError):
        _put(openhab, "x")
    openhab.faults.up()
    assert requests.get(f"{openhab.url}/rest/items/Plain/state", timeout=30).text == "kept"


def test_down_for_some_seconds(openhab: OpenHABStandIn) -> None:
    """A server that stops for a while comes back by itself."""
    openhab.faults.down(seconds=0.1)
    wait_until(lambda: _status(openhab, "/rest/uuid") == 200)


def test_restart_loses_states_and_keeps_what_is_managed(openhab: OpenHABStandIn) -> None:
    """After a restart states are NULL; managed items and rules are still there, links are read from files again."""
    requests.put(f"{openhab.url}/rest/items/Mine", json={"type": "String"}, headers=_ADMIN, timeout=30)
    requests.post(f"{openhab.url}/rest/rules", json={"uid": "mine"}, headers=_ADMIN, timeout=30)
    _put(openhab, "x")
    openhab.restart()
    assert requests.get(f"{openhab.url}/rest/items/Plain/state", timeout=30).text == "NULL"
    assert _status(openhab, "/rest/items/Mine") == 200
    assert _status(openhab, "/rest/rules/mine") == 200
    assert len(requests.get(f"{openhab.url}/rest/links", headers=_ADMIN, timeout=30).json()) == 1


def test_start_up_lies_as_recorded(openhab: OpenHABStandIn) -> None:
    """A start goes from refused over 404, 401 for a valid token and 404 in HTML to 200, with fallbacks in between."""
    openhab.restart(factor=0.01, until=0)
    seen = [_status(openhab, "/rest/links")]
    ends = [at for at, _ in PHASES]
    for (_, mode), end in zip(PHASES[1:], ends[1:], strict=True):
        openhab.proceed(end - 0.05)
        wait_until(lambda mode=mode: openhab.counts()["mode"] == mode.name)  # type: ignore[misc]
        seen.append(_status(openhab, "/rest/links"))
    openhab.proceed()
    wait_until(lambda: openhab.counts()["level"] == 100)
    seen.append(_status(openhab, "/rest/links"))
    assert seen == ["refused", 404, 404, 401, 404, 200, 404, 200, 404, 200, 404, 200]


def test_early_runs_and_states_are_lost(openhab: OpenHABStandIn) -> None:
    """While the rule is not initialized, runs are 200 and states 202, without effect; IDLE ends that."""
    action = {"id": "1", "type": "script.ScriptAction"}
    requests.post(f"{openhab.url}/rest/rules", json={"uid": "r", "actions": [action]}, headers=_ADMIN, timeout=30)
    openhab.restart(factor=0.02, until=6.5)
    wait_until(lambda: openhab.counts()["mode"] == "NO_HANDLERS")
    assert requests.post(f"{openhab.url}/rest/rules/r/runnow", json={}, timeout=30).status_code == 200
    assert _put(openhab, "lost").status_code == 202
    status = requests.get(f"{openhab.url}/rest/rules/r", headers=_ADMIN, timeout=30).json()["status"]
    assert status["description"] == "Missing handler 'script.ScriptAction' for module '1'\n"
    openhab.proceed(9)
    wait_until(lambda: openhab.counts()["level"] == 20)
    assert openhab.runs("r")["runs"] == 0
    assert openhab.states("Plain") == []


def test_stream_opened_early_hears_the_start_levels(openhab: OpenHABStandIn) -> None:
    """A stream that was opened while most of REST was missing survives and tells all start levels."""
    openhab.restart(factor=0.02, until=5)
    wait_until(lambda: openhab.counts()["mode"] == "NO_USERS")
    with SseListener(openhab.url, "openhab/system/startlevel") as listener:
        openhab.proceed()
        levels = listener.wait_for("openhab/system/startlevel", 8)
    assert levels == [{"startlevel": level} for level in (10, 20, 30, 40, 50, 70, 80, 100)]


def test_thing_without_handler_holds_the_start_level(openhab: OpenHABStandIn) -> None:
    """An enabled thing without a handler keeps the level at 70 until it is deleted."""
    thing = {"UID": "twilio:phone:a:b", "thingTypeUID": "twilio:phone"}
    requests.post(f"{openhab.url}/rest/things", json=thing, headers=_ADMIN, timeout=30)
    openhab.restart(factor=0.02)
    wait_until(lambda: openhab.counts()["level"] == 70)
    url = f"{openhab.url}/rest/things/twilio:phone:a:b?force=true"
    assert requests.delete(url, headers=_ADMIN, timeout=30).status_code == 200
    wait_until(lambda: openhab.counts()["level"] == 100)


def test_child_ends_with_its_parent_and_on_stop(tmp_path: Path) -> None:
    """`stop` ends the process, twice does no harm, and a stand-in that cannot start says so."""
    standin = OpenHABStandIn(OpenHABOptions(token="T")).start()
    url = standin.url
    standin.stop()
    standin.stop()
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{url}/rest/uuid", timeout=30)
    with pytest.raises(RuntimeError, match="did not start"):
        OpenHABStandIn(OpenHABOptions(zone="No/Where", items=tmp_path)).start()


def _put(openhab: OpenHABStandIn, text: str, timeout: float = 5) -> requests.Response:
    return put_state(openhab.url, "Plain", text, timeout=timeout)


def _status(openhab: OpenHABStandIn, path: str) -> object:
    with contextlib.suppress(requests.exceptions.ConnectionError):
        return requests.get(f"{openhab.url}{path}", headers=_ADMIN, timeout=30).status_code
    return "refused"
