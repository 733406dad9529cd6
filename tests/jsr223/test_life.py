"""The life of the script: reloads, overlaps, a late start, the Java add-on, inbox and cloud; nothing is left behind."""

from __future__ import annotations

import threading
import time

import pytest

from tests.jsr223.conftest import ACCOUNT, PHONE, Expected, House
from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.delivery.http import Express
from twilio_binding.protocol.events import BridgeEvent

_ADD_ON = "org.openhab.binding.twilio"


def _counts(house: House) -> dict[str, int]:
    counts = house.openhab.control("counts")
    assert isinstance(counts, dict)
    return counts


def _threads(house: House) -> list[str]:
    """Threads of the JVM but those of its HTTP server."""
    names = house.openhab.control("threads")
    assert isinstance(names, list)
    return sorted(names)


class Traffic:
    """Brings events one after the other, each until it is done, as the sidecar does."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._line = Express(house.openhab.url, "")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic")
        self.done = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End with the event that is under way."""
        self._stopping.set()
        self._thread.join()
        self._line.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            event = BridgeEvent(id=f"t{time.time_ns()}", thing=PHONE, channel="sms-received", payload=str(self.done))
            while not self._is_done(event):
                self._stopping.wait(0.02)
            self.done += 1

    def _is_done(self, event: BridgeEvent) -> bool:
        door = self._house.sidecar.door
        try:
            return door.is_open and door.bring(self._line, [event])[0].outcome in ("done", "seen")
        except DependencyDownError:
            return False


@pytest.mark.timeout(240)
def test_twenty_reloads_under_traffic_lose_and_leave_nothing(house: House) -> None:
    """Events go on over reloads, each fired once and in order; services, connections and threads stay as many."""
    house.load()
    house.wait_for(PHONE, "ONLINE")
    before, threads = _counts(house), _threads(house)
    traffic = Traffic(house)
    traffic.start()
    try:
        for _ in range(20):
            house.load()
    finally:
        house.wait_for(PHONE, "ONLINE")
        at = traffic.done
        wait_until(lambda: traffic.done > at + 5, 20)
        traffic.stop()
    assert [payload for _, payload in house.triggers()] == [str(number) for number in range(traffic.done)]
    wait_until(lambda: len(_threads(house)) <= len(threads) + 2, 20, f"{_threads(house)} instead of {threads}")
    after = _counts(house)
    assert (after["services"], after["connections"]) == (before["services"], 1)
    wait_until(lambda: _counts(house)["heap"] < before["heap"] + 60_000_000, 20, "the contexts to be collected")


def test_two_copies_that_overlap_are_one(house: House, line: Express) -> None:
    """A second copy takes over from the first, whose late end disturbs nothing."""
    before = _counts(house)
    house.load("second copy")
    house.wait_for(PHONE, "ONLINE")
    assert _counts(house)["services"] == before["services"]
    house.openhab.control("unload", name="bridge")
    house.wait_for(PHONE, "ONLINE")
    event = BridgeEvent(id=f"o{time.time_ns()}", thing=PHONE, channel="sms-received", payload="{}")
    wait_until(lambda: house.sidecar.door.is_open)
    assert house.sidecar.door.bring(line, [event])[0].outcome == "done"
    assert house.call("sendSMS", "+1", "x")["result"] is True
    house.load()
    house.openhab.control("unload", name="second copy")
    house.wait_for(PHONE, "ONLINE")
    assert _counts(house)["services"] == before["services"]
    assert _counts(house)["connections"] == 1


def test_a_script_that_was_killed_is_replaced(house: House, expected: Expected) -> None:
    """After an end without warning the next copy works, whatever the first has left."""
    expected("stopping an older copy of the script failed")
    house.load("doomed")
    house.openhab.control("unload", name="bridge")
    house.wait_for(PHONE, "ONLINE")
    house.openhab.control("unload", name="doomed")
    house.load()
    house.wait_for(PHONE, "ONLINE")


def test_things_that_are_there_before_the_script_wait_for_it(house: House) -> None:
    """At boot, things of the files are there first; they come online when the script is loaded."""
    house.openhab.control("unload", name="bridge")
    assert house.status(ACCOUNT)[:2] == ("UNINITIALIZED", "HANDLER_MISSING_ERROR")
    house.load()
    house.wait_for(PHONE, "ONLINE")


def test_it_stands_aside_for_the_java_add_on(house: House, expected: Expected) -> None:
    """With the add-on installed the script offers nothing and says so; it comes back when the add-on goes."""
    expected("the bridge stands aside")
    house.openhab.control("bundle", name=_ADD_ON, active=True)
    house.load()
    assert house.openhab.get("thing-types") == []
    assert house.status(ACCOUNT)[:2] == ("UNINITIALIZED", "HANDLER_MISSING_ERROR")
    assert house.openhab.request("GET", "/twilio/bridge/hello")[0] == 404
    house.openhab.control("bundle", name=_ADD_ON, active=False)
    house.load()
    house.wait_for(PHONE, "ONLINE")


def test_it_is_gone_before_the_java_add_on_begins(house: House, expected: Expected) -> None:
    """An add-on that comes later finds nothing of ours: openHAB would not give it a thing that another one has."""
    expected("the bridge stands aside")
    house.openhab.control("bundle", name=_ADD_ON, active=True)
    assert house.openhab.get("thing-types") == []
    assert house.status(PHONE)[:2] == ("UNINITIALIZED", "HANDLER_MISSING_ERROR")
    house.openhab.control("bundle", name=_ADD_ON, active=False)
    house.load()
    house.wait_for(PHONE, "ONLINE")


def _inbox(house: House) -> dict[str, str]:
    entries = house.openhab.get("inbox")
    assert isinstance(entries, list)
    return {entry["thingUID"]: entry["flag"] for entry in entries}


def _found(number: str) -> dict[str, object]:
    digits = number.removeprefix("+")
    return {
        "thingUID": f"twilio:phone:home:{digits}",
        "thingTypeUID": "twilio:phone",
        "bridgeUID": ACCOUNT,
        "label": f"Twilio: {number}",
        "properties": {"phoneNumber": number},
        "representationProperty": "phoneNumber",
        "flag": "NEW",
    }


def test_numbers_come_into_the_inbox_and_go(house: House) -> None:
    """Contract, section 9: found numbers stand in the inbox, those that are things as ignored; vanished ones go."""
    house.sidecar.exchange.publish_inbox([_found("+4930123456"), _found("+15551234567")])
    wait_until(
        lambda: _inbox(house) == {"twilio:phone:home:4930123456": "NEW", "twilio:phone:home:15551234567": "IGNORED"}
    )
    house.sidecar.exchange.publish_inbox([_found("+4930123456")])
    wait_until(lambda: _inbox(house) == {"twilio:phone:home:4930123456": "NEW"})
    assert house.openhab.request("POST", "/rest/inbox/twilio:phone:home:4930123456/approve")[0] == 200
    house.wait_for("twilio:phone:home:4930123456", "UNKNOWN")
    configuration = house.thing("twilio:phone:home:4930123456")["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["phoneNumber"] == "+4930123456"
    house.remove("twilio:phone:home:4930123456")
    house.sidecar.exchange.publish_inbox([])


def test_a_found_number_changes_no_thing(house: House) -> None:
    """A thing that came from the inbox and got another number keeps that, although the first one is found again."""
    uid = "twilio:phone:home:4930123456"
    house.sidecar.exchange.publish_inbox([_found("+4930123456")])
    wait_until(lambda: uid in _inbox(house))
    assert house.openhab.request("POST", f"/rest/inbox/{uid}/approve")[0] == 200
    house.wait_for(uid, "UNKNOWN")
    house.openhab.request("PUT", f"/rest/things/{uid}/config", {"phoneNumber": "+4930999999"})
    house.sidecar.exchange.publish_inbox([_found("+4930123456"), _found("+4930777777")])
    wait_until(lambda: "twilio:phone:home:4930777777" in _inbox(house))
    configuration = house.thing(uid)["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["phoneNumber"] == "+4930999999"
    house.remove(uid)
    house.sidecar.exchange.publish_inbox([])


def _wants_cloud(house: House, *, wanted: bool) -> None:
    account = {"accountSid": "AC" + "0" * 32, "authToken": "t"}
    house.openhab.request("PUT", f"/rest/things/{ACCOUNT}/config", account | {"useCloudWebhook": wanted})


def _cloud_url(house: House) -> str:
    announcement = house.sidecar.announcement
    return announcement.cloud_url if announcement else ""


def test_a_cloud_webhook_is_requested_told_and_withdrawn(house: House) -> None:
    """Contract, section 2: an account that wants it gets the cloud's URL; without such an account it is withdrawn."""
    house.openhab.control("cloud", connected=True)
    _wants_cloud(house, wanted=True)
    wait_until(lambda: _cloud_url(house) == "https://cloud.example/hook/abc")
    assert house.sidecar.announcement is not None
    assert house.sidecar.announcement.cloud_expires > time.time() + 29 * 86_400
    _wants_cloud(house, wanted=False)
    wait_until(lambda: not _cloud_url(house))
    assert house.openhab.control("cloud-calls") == ["request /twilio/callback", "remove /twilio/callback"]


def test_a_cloud_that_connects_late_keeps_nobody_waiting(house: House) -> None:
    """At boot the connector lets requests wait: the inbox is filled meanwhile, and the URL is told when it has come."""
    house.openhab.control("cloud", connected=False)
    _wants_cloud(house, wanted=True)
    wait_until(lambda: house.openhab.control("cloud-calls") == ["request /twilio/callback"])
    house.sidecar.exchange.publish_inbox([_found("+4930123456")])
    wait_until(lambda: _inbox(house) == {"twilio:phone:home:4930123456": "NEW"})
    assert _cloud_url(house) == ""
    house.openhab.control("cloud", connected=True)
    wait_until(lambda: _cloud_url(house) == "https://cloud.example/hook/abc", 20)
    house.sidecar.exchange.publish_inbox([])
    _wants_cloud(house, wanted=False)
    wait_until(lambda: not _cloud_url(house))
    assert house.openhab.control("cloud-calls") == ["request /twilio/callback", "remove /twilio/callback"]


def test_a_cloud_webhook_that_nobody_wants_any_more_is_withdrawn_before_it_came(house: House) -> None:
    """Who changes their mind while the cloud is not connected leaves no webhook behind."""
    house.openhab.control("cloud", connected=False)
    _wants_cloud(house, wanted=True)
    wait_until(lambda: house.openhab.control("cloud-calls") == ["request /twilio/callback"])
    _wants_cloud(house, wanted=False)
    wait_until(lambda: house.openhab.control("cloud-calls") == ["request /twilio/callback", "remove /twilio/callback"])
    house.openhab.control("cloud", connected=True)
    assert _cloud_url(house) == ""
