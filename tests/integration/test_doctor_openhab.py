"""The doctor's links to openHAB, each broken in common ways."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from lab.standins.client import OpenHABStandIn
from tests.conftest import Announced
from tests.doctor import bad, only, results, settings, silent_server
from tests.mqtt_service import somebody
from tests.standins import Answer, receiver
from tests.waiting import wait_until
from twilio_binding.openhab.delivery.relay_text import rule
from twilio_binding.protocol.announcement import Announcement
from twilio_binding.sandbox.broker import BrokerProcess
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
    """Version, start level and role of the token are reported."""
    found = results(settings(tmp_path, **at(openhab.url)), "openhab")
    assert not bad(found)
    assert only(found, "openHAB 5.3.0").facts == {"version": "5.3.0"}
    assert only(found, "the token belongs to an administrator; start level 100")


@pytest.mark.parametrize(
    ("token", "cause", "cure"),
    [
        ("oh.wrong.1", "refuses the API token", "openHAB does not know this token"),
        (USER, "belongs to a user who is not an administrator", "as an administrator"),
        ("", "openhab.token is empty", "create an API token"),
    ],
)
def test_tokens(openhab: OpenHABStandIn, tmp_path: Path, token: str, cause: str, cure: str) -> None:
    """An unknown token, one of a normal user, and none are three different causes."""
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
    """A socket that hangs leads to a result."""
    with silent_server() as port:
        found = results(settings(tmp_path, **at(f"http://127.0.0.1:{port}")), "openhab")
    assert [one.status for one in found] == ["failed"]
    assert "does not answer (no answer in time)" in found[0].cause


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(body="<html>Welcome</html>", content_type="text/html"), "openHAB's answer was cut off"),
        (Answer(body="{}", content_type="application/json"), "is not openHAB"),
        (Answer(body="[]", content_type="application/json"), "something other than a JSON object"),
        (Answer(body='{"runtimeInfo": 5}', content_type="application/json"), "is not openHAB"),
        (Answer(body="oops", status=500, content_type="text/html"), "openHAB answers 500"),
        (Answer(body="<h1>Login</h1>", status=401, content_type="text/html"), "something in front of openHAB"),
        (Answer(status=0), "openHAB does not answer"),
    ],
)
def test_something_else_answers(tmp_path: Path, answer: Answer, cause: str) -> None:
    """Pages, invalid answers, errors and broken connections each lead to a cause and a cure."""
    with receiver() as server:
        server.answer("/rest/", answer)
        found = results(settings(tmp_path, **at(server.url)), "openhab")
    assert [one.status for one in found] == ["failed"]
    assert cause in found[0].cause
    assert found[0].cure


def test_openhab_that_starts(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """While no rule runs yet, the result says so, with the start level."""
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
    """Versions before 4.0 do not work."""
    with OpenHABStandIn(OpenHABOptions(token=ADMIN, version="3.4")) as server:
        found = bad(results(settings(tmp_path, **at(server.url)), "openhab"))
    assert [one.cause for one in found] == ["openHAB 3.4.0 is too old"]


# ---- the relay rule, the event stream and the script

SECRET = "0123456789abcdef0123456789abcdef"
BOTH = ("openhab", "openhab-delivery")


def with_secret(folder: Path, secret: str = SECRET) -> Path:
    """A data folder with a secret."""
    (folder / "data").mkdir()
    (folder / "data" / "relay-secret").write_text(secret, encoding="ascii")
    (folder / "data" / "relay-secret").chmod(0o600)
    return folder


def put_rule(openhab: OpenHABStandIn, secret: str = SECRET, *, enabled: bool = True) -> None:
    """The relay rule as created by a service with this secret."""
    answer = requests.put(
        f"{openhab.url}/rest/rules/twilio-relay",
        json=rule(secret),
        headers={"Authorization": f"Bearer {ADMIN}"},
        timeout=30,
    )
    if answer.status_code == 404:
        requests.post(
            f"{openhab.url}/rest/rules", json=rule(secret), headers={"Authorization": f"Bearer {ADMIN}"}, timeout=5
        ).raise_for_status()
    requests.post(
        f"{openhab.url}/rest/rules/twilio-relay/enable",
        data="true" if enabled else "false",
        headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "text/plain"},
        timeout=30,
    ).raise_for_status()


def test_no_relay_rule_yet(tmp_path: Path) -> None:
    """Before the service has run, there is no relay rule; that is no fault, and the doctor creates none."""
    with OpenHABStandIn(OpenHABOptions(token=ADMIN)) as server:
        found = results(settings(with_secret(tmp_path), **at(server.url)), *BOTH)
        again = results(settings(tmp_path, **at(server.url)), *BOTH)
    for one in (found, again):
        assert not bad(one)
        assert only(one, "does not exist yet; the service creates it")
        assert only(one, "the event stream is open")


def test_relay_rule_that_runs(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """While no service runs, the rule is run with an event that does nothing, and must appear on the event stream."""
    put_rule(openhab)
    found = results(settings(with_secret(tmp_path), **at(openhab.url)), *BOTH)
    assert not bad(found)
    assert only(found, "and shows a run of the relay rule")


def test_relay_rule_that_is_disabled(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """Somebody has disabled the rule in openHAB's UI."""
    put_rule(openhab, enabled=False)
    found = bad(results(settings(with_secret(tmp_path), **at(openhab.url)), *BOTH))
    assert [(one.status, one.cause) for one in found] == [("failed", "the rule twilio-relay is disabled in openHAB")]
    assert "enable it" in found[0].cure


def test_relay_rule_that_cannot_run(tmp_path: Path) -> None:
    """A rule without its handler is shown with what openHAB says about it; it is not run."""
    changed = rule(SECRET)
    changed["actions"][0]["type"] = "nope.Nope"
    with OpenHABStandIn(OpenHABOptions(token=ADMIN)) as server:
        headers = {"Authorization": f"Bearer {ADMIN}"}
        requests.post(f"{server.url}/rest/rules", json=changed, headers=headers, timeout=5).raise_for_status()
        found = bad(results(settings(with_secret(tmp_path), **at(server.url)), *BOTH))
        assert not server.counts().get("runs")
    missing = f"Missing handler 'nope.Nope' for module '{changed['actions'][0]['id']}'"
    shown = f"openHAB shows UNINITIALIZED HANDLER_INITIALIZING_ERROR: {missing}"
    assert [(one.status, one.cause) for one in found] == [("failed", f"the rule twilio-relay cannot run: {shown}")]
    assert "if you delete the rule, the service creates it again" in found[0].cure


def test_relay_rule_of_another_service(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """Another data folder has another secret; without a secret, nothing can be said."""
    put_rule(openhab, "another-secret-of-another-one")
    found = bad(results(settings(tmp_path, **at(openhab.url)), *BOTH))
    assert "the owner of the rule twilio-relay is unknown" in only(found, "the owner").cause
    assert f"there is no secret in {tmp_path}/data, because the service has not run" in found[0].cause
    assert "if another service uses this openHAB, stop it first" in found[0].cure
    found = bad(results(settings(with_secret(tmp_path), **at(openhab.url)), *BOTH))
    assert "has the secret of a service with another data folder" in only(found, "another data folder").cause
    assert "connect only one service to this openHAB" in found[0].cure


def test_relay_rule_of_another_version(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """The service replaces an older text of the rule; if a running service did not, that is a warning."""
    older = rule(SECRET)
    older["actions"][0]["configuration"]["script"] += "\n// older"
    headers = {"Authorization": f"Bearer {ADMIN}"}
    put_rule(openhab)
    requests.put(f"{openhab.url}/rest/rules/twilio-relay", json=older, headers=headers, timeout=30).raise_for_status()
    given = settings(with_secret(tmp_path), **at(openhab.url))
    assert not bad(results(given, *BOTH))
    with receiver() as server:
        server.answer("/ready", Answer(body='{"neighbours": {}}', content_type="application/json"))
        running = settings(tmp_path, **at(openhab.url), admin={"listen": server.url.removeprefix("http://")})
        found = bad(results(running, "service", *BOTH))
    assert "is of another version, although the service runs" in only(found, "another version").cause


def test_events_that_do_not_come(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """The rule runs, but a proxy delays the event stream."""
    put_rule(openhab)
    openhab.faults.set("lose-event", path="openhab/channels/")
    found = bad(results(settings(with_secret(tmp_path), **at(openhab.url)), *BOTH))
    assert "nothing came on the event stream" in only(found, "nothing came").cause
    assert "a proxy may delay the stream" in found[0].cure


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"kind": "hang"}, "does not answer"),
        ({"kind": "status", "status": 404, "body": "<html>", "content_type": "text/html"}, "answers 404"),
        ({"kind": "cut"}, ""),
    ],
)
def test_event_stream_that_cannot_be_opened(
    openhab: OpenHABStandIn, tmp_path: Path, fault: dict[str, Any], cause: str
) -> None:
    """A proxy that does not forward the event stream is named, whatever it does instead."""
    openhab.faults.set(path="/rest/events", **fault)
    found = bad(results(settings(tmp_path, **at(openhab.url)), *BOTH), "failed")
    assert len(found) == 1
    assert cause in found[0].cause
    assert "/rest/events" in found[0].cure


@contextmanager
def announced_script(broker: BrokerProcess, **given: Any) -> Iterator[None]:
    """The script's announcement on the broker."""
    payload = Announcement(instance="i", bridge="twilio:account:myaccount", features=("events",), **given).encode()
    with somebody(broker.url) as (connection, _):
        connection.publish("twilio/bridge", payload, retain=True).wait_for_publish(5)
        yield
        connection.publish("twilio/bridge", b"", retain=True).wait_for_publish(5)


@pytest.fixture
def bridged(openhab: OpenHABStandIn, announced: Announced) -> Iterator[OpenHABStandIn]:
    """An openHAB with the rule, into which a script can be loaded; it is removed afterwards."""
    announced("bridge.unusable")
    put_rule(openhab)
    yield openhab
    openhab.contents.unload_script()


def test_script_that_answers(bridged: OpenHABStandIn, broker: BrokerProcess, tmp_path: Path) -> None:
    """A script with our secret and version is reported as working."""
    bridged.contents.load_script(SECRET)
    with announced_script(broker):
        given = settings(with_secret(tmp_path), **at(bridged.url), mqtt={"url": broker.url})
        found = results(given, "broker", *BOTH)
    assert only(found, "the script in openHAB answers, with the secret of this service").status == "ok"


@pytest.mark.parametrize(
    ("secret", "version", "told"),
    [
        ("another-secret-of-another-one", 1, ("has another secret than the service", "twilio-binding install")),
        (SECRET, 9, ("is of another version than the service", "twilio-binding install")),
        ("", 1, ("the script in openHAB does not answer", "Python Scripting")),
    ],
)
def test_script_that_cannot_be_used(
    bridged: OpenHABStandIn, broker: BrokerProcess, tmp_path: Path, *, secret: str, version: int, told: tuple[str, str]
) -> None:
    """Another secret, another version, or an announced script that is missing: each with its cure."""
    if secret:
        bridged.contents.load_script(secret)
    with announced_script(broker, version=version):
        given = settings(with_secret(tmp_path), **at(bridged.url), mqtt={"url": broker.url})
        found = bad(results(given, "broker", *BOTH), "failed")
    assert len(found) == 1
    assert told[0] in found[0].cause
    assert told[1] in found[0].cure


# ---- items and channels

ITEMS = """\
String Good { channel="twilio:phone:myaccount:myphone:last-message-body" }
String AlsoGood { channel="twilio:phone:myaccount:myphone:last-message-date" }
DateTime When { channel="twilio:phone:myaccount:myphone:last-message-body" [profile="timestamp-update"] }
Switch Lamp { channel="twilio:phone:myaccount:myphone:last-message-body" }
Number Count { channel="twilio:phone:myaccount:myphone:last-message-from" }
String Nobody { channel="twilio:phone:myaccount:other:last-message-body" }
String Nothing { channel="twilio:phone:myaccount:myphone:last-message-colour" }
String Trigger { channel="twilio:phone:myaccount:myphone:sms-received" }
String Odd { channel="twilio:phone:myaccount:myphone:last-message-from" [profile="transform:JS"] }
"""


def test_links_that_cannot_work(tmp_path: Path) -> None:
    """Missing channels, items of a wrong type, triggers without a profile, and ignored profiles."""
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "x.items").write_text(ITEMS, encoding="utf-8")
    with OpenHABStandIn(OpenHABOptions(items=tmp_path / "items", token=ADMIN)) as server:
        given = settings(tmp_path, **at(server.url))
        found = results(given, "settings", "openhab", "item-links")
    wrong = {str(one.facts["item"]): one for one in bad(found) if one.id == "item-links"}
    assert set(wrong) == {"Lamp", "Count", "Nobody", "Nothing", "Trigger", "Odd"}
    assert "an item of type Switch cannot take a state of type String" in wrong["Lamp"].cause
    assert "unknown phone twilio:phone:myaccount:other" in wrong["Nobody"].cause
    assert "has no channel last-message-colour" in wrong["Nothing"].cause
    assert "is a trigger" in wrong["Trigger"].cause
    assert "transform:JS works only with the script in openHAB" in wrong["Odd"].cause
    assert all(one.cure for one in wrong.values())
    assert only(found, "9 links of 9 items")


def test_items_of_alarms(tmp_path: Path) -> None:
    """A condition about an item with a wrong name never starts its alarm, and nobody would notice."""
    (tmp_path / "items").mkdir()
    (tmp_path / "items" / "x.items").write_text("Switch Smoke\nSwitch Siren\nNumber Heat\n", encoding="utf-8")
    people = (
        'Thing contact ada "Ada" [ phoneNumber="+15557654321", rights="acknowledge" ]\n'
        'Thing alarm fire "Fire" [ steps="text ada, item Siren ON, item Sirn OFF", message="%item:Heat% %item:Het%", '
        'startsWhen="item Smoke = ON or no update of Hart 30m or item Smok = ON or openhab down 5m" ]\n'
    )
    with OpenHABStandIn(OpenHABOptions(items=tmp_path / "items", token=ADMIN)) as server:
        file = tmp_path / "x.things"
        phone = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")
        file.write_text(phone.replace("\n}", f"\n{people}}}"), encoding="utf-8")
        given = settings(tmp_path, things=[str(file)], **at(server.url))
        found = bad(results(given, "settings", "openhab", "item-links"), "warning")
    named = {(one.facts["parameter"], one.facts["item"]) for one in found if one.id == "item-links"}
    assert named == {("startsWhen", "Hart"), ("startsWhen", "Smok"), ("steps", "Sirn"), ("message", "Het")}


def test_states_in_conditions_of_alarms(tmp_path: Path) -> None:
    """A condition about a state that an item never has does not start its alarm, and nobody would notice."""
    (tmp_path / "items").mkdir()
    items = "Switch Smoke\nContact Door\nNumber:Temperature Heat\nDimmer Lamp\nString Mode\nGroup All\n"
    items += "Group:Contact:OR(OPEN,CLOSED) Doors\n"
    (tmp_path / "items" / "x.items").write_text(items, encoding="utf-8")
    right = "Smoke = on or Smoke = UNDEF or Door != closed or Heat > 60 °C or Lamp = 50 or Mode = night or Doors = OPEN"
    wrong = "Smoke = OPEN or Door = ON or Heat = hot or Lamp = ON or Smoke > 5 or All = ON or Doors = ON"
    conditions = " or ".join(f"item {one}" for one in f"{right} or {wrong}".split(" or "))
    people = f'Thing contact ada "Ada" [ phoneNumber="+15557654321", rights="acknowledge" ]\nThing alarm fire "Fire" [ steps="text ada", startsWhen="{conditions}" ]\n'
    with OpenHABStandIn(OpenHABOptions(items=tmp_path / "items", token=ADMIN)) as server:
        file = tmp_path / "x.things"
        phone = (SEEDS / "things" / "twilio.things").read_text(encoding="utf-8")
        file.write_text(phone.replace("\n}", f"\n{people}}}"), encoding="utf-8")
        given = settings(tmp_path, things=[str(file)], **at(server.url))
        found = [one.cause for one in bad(results(given, "settings", "openhab", "item-links"), "warning")]
    said = [cause.partition("says ")[2].partition(",")[0] for cause in found if "says" in cause]
    assert said == wrong.split(" or ")
    assert any(cause.endswith("an item of type Contact has the states OPEN, CLOSED") for cause in found)


@pytest.mark.parametrize("path", ["/rest/links", "/rest/items"])
@pytest.mark.parametrize("kind", [{"status": 500}, {"status": 200, "body": "<html>", "content_type": "text/html"}])
def test_lists_that_cannot_be_read(openhab: OpenHABStandIn, tmp_path: Path, path: str, kind: dict[str, Any]) -> None:
    """An error or a page instead of a list leads to a result."""
    openhab.faults.set("status", path=path, **kind)
    found = results(settings(tmp_path, **at(openhab.url)), "openhab", "item-links")
    assert [one.status for one in found if one.id == "item-links"] == ["failed"]


# ---- things in openHAB


def test_things_in_openhab(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """With things = ["openhab"], the things that openHAB lists count; if openHAB cannot be asked, that is reported."""
    configuration = {"accountSid": "AC" + "7a" * 16, "authToken": "0123456789abcdef0123456789abcdef"}
    openhab.contents.put_thing("twilio:account:a", {"thingTypeUID": "twilio:account", "configuration": configuration})
    phone = {"thingTypeUID": "twilio:phone", "bridgeUID": "twilio:account:a"}
    openhab.contents.put_thing("twilio:phone:a:p", phone | {"configuration": {"phoneNumber": "+15551234567"}})
    found = results(settings(tmp_path, things=["openhab"], **at(openhab.url)), "settings")
    openhab.contents.remove_thing("twilio:phone:a:p")
    openhab.contents.remove_thing("twilio:account:a")
    assert only(found, "0 files, 1 account, 1 phone")
    down = results(settings(tmp_path, things=["openhab"]), "settings")
    assert "the things in openHAB were not read: openHAB does not answer" in only(down, "were not read").cause


def test_script_that_was_installed_just_now(openhab: OpenHABStandIn, tmp_path: Path) -> None:
    """If openHAB lists no phone yet, the result says that it may still be loading the script."""
    found = only(results(settings(tmp_path, things=["openhab"], **at(openhab.url)), "settings"), "no Twilio phone")
    assert (found.status, found.cause) == ("failed", "openHAB lists no Twilio phone")
    assert "openHAB loads it within a minute" in found.cure
