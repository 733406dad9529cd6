"""The lifecycle of the script: reloads, overlaps, a late start, the Java add-on, inbox and cloud; nothing is left behind."""

from __future__ import annotations

import threading
import time

from tests.jsr223.conftest import ACCOUNT, PHONE, Expected, Stack
from tests.waiting import wait_until
from twilio_binding.errors import DependencyDownError
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.protocol.events import BridgeEvent
from twilio_binding.settings import OpenHABSettings

_ADD_ON = "org.openhab.binding.twilio"
_LATE_WORK = """
import threading, time
is_done = threading.Event()

def work():
    while _binding._offer.is_active:
        time.sleep(0.05)
    time.sleep(2)
    _binding._tend()
    is_done.set()

_binding._worker.put(work)
"""


def _counts(stack: Stack) -> dict[str, int]:
    counts = stack.openhab.control("counts")
    assert isinstance(counts, dict)
    return counts


def _threads(stack: Stack) -> list[str]:
    """The threads of the JVM, except those of its HTTP server."""
    names = stack.openhab.control("threads")
    assert isinstance(names, list)
    return sorted(names)


class Traffic:
    """Delivers events one after the other, each until it is done, like the service."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._line = OpenHABRequests(OpenHABSettings(url=stack.openhab.url))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic")
        self.done = 0

    def start(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current event."""
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
        door = self._stack.service.door
        try:
            return door.is_open and door.deliver(self._line, [event])[0].outcome in ("done", "seen")
        except DependencyDownError:
            return False


def test_twenty_reloads_under_traffic_lose_and_leave_nothing(stack: Stack) -> None:
    """Events continue over reloads, each fired once and in order; the number of services, connections and threads stays."""
    stack.load()
    stack.wait_for(PHONE, "ONLINE")
    before, threads = _counts(stack), _threads(stack)
    traffic = Traffic(stack)
    traffic.start()
    try:
        for _ in range(20):
            stack.load()
    finally:
        stack.wait_for(PHONE, "ONLINE")
        at = traffic.done
        wait_until(lambda: traffic.done > at + 5, 40)
        traffic.stop()
    assert [payload for _, payload in stack.triggers()] == [str(number) for number in range(traffic.done)]
    wait_until(lambda: len(_threads(stack)) <= len(threads) + 2, 40, lambda: f"{_threads(stack)} instead of {threads}")
    after = _counts(stack)
    assert (after["services"], after["connections"]) == (before["services"], 1)
    wait_until(lambda: _counts(stack)["heap"] < before["heap"] + 60_000_000, 40, "the contexts to be collected")


def test_two_copies_that_overlap_are_one(stack: Stack, line: OpenHABRequests) -> None:
    """A second copy takes over from the first, whose late end has no effect."""
    before = _counts(stack)
    stack.load("second copy")
    stack.wait_for(PHONE, "ONLINE")
    assert _counts(stack)["services"] == before["services"]
    stack.openhab.control("unload", name="bridge")
    stack.wait_for(PHONE, "ONLINE")
    event = BridgeEvent(id=f"o{time.time_ns()}", thing=PHONE, channel="sms-received", payload="{}")
    wait_until(lambda: stack.service.door.is_open)
    assert stack.service.door.deliver(line, [event])[0].outcome == "done"
    assert stack.call("sendSMS", "+1", "x")["result"] is True
    stack.load()
    stack.openhab.control("unload", name="second copy")
    stack.wait_for(PHONE, "ONLINE")
    assert _counts(stack)["services"] == before["services"]
    assert _counts(stack)["connections"] == 1


def test_a_copy_whose_work_outlasts_it_offers_nothing_again(stack: Stack) -> None:
    """The end of a copy waits some seconds for its thread; what that does later changes nothing any more."""
    before = _counts(stack)
    stack.wait_until_warm()
    stack.evaluate(_LATE_WORK)
    stack.load("second copy")
    wait_until(lambda: stack.evaluate("is_done.is_set()") == "True", 30, "the end of the work")
    stack.wait_for(PHONE, "ONLINE")
    after = _counts(stack)
    assert (after["services"], after["connections"]) == (before["services"], 1)
    stack.openhab.control("unload", name="bridge")
    stack.load()
    stack.openhab.control("unload", name="second copy")
    stack.wait_for(PHONE, "ONLINE")


def test_a_script_that_was_killed_is_replaced(stack: Stack, expected: Expected) -> None:
    """After a kill, the next copy works, whatever the first has left behind."""
    expected("stopping an older copy of the script failed")
    stack.load("doomed")
    stack.openhab.control("unload", name="bridge")
    stack.wait_for(PHONE, "ONLINE")
    stack.openhab.control("unload", name="doomed")
    stack.load()
    stack.wait_for(PHONE, "ONLINE")


def test_things_that_are_there_before_the_script_wait_for_it(stack: Stack) -> None:
    """At boot, the things of files exist first; they come online when the script is loaded."""
    stack.openhab.control("unload", name="bridge")
    assert stack.status(ACCOUNT)[:2] == ("UNINITIALIZED", "HANDLER_MISSING_ERROR")
    stack.load()
    stack.wait_for(PHONE, "ONLINE")


def test_it_stands_aside_for_the_java_add_on(stack: Stack, expected: Expected) -> None:
    """With the add-on installed the script offers nothing and says so; it returns when the add-on is removed."""
    expected("the script stays inactive")
    stack.openhab.control("bundle", name=_ADD_ON, active=True)
    stack.load()
    assert stack.openhab.get("thing-types") == []
    assert stack.status(ACCOUNT)[:2] == ("UNINITIALIZED", "HANDLER_MISSING_ERROR")
    assert stack.openhab.request("GET", "/twilio/bridge/hello")[0] == 404
    stack.openhab.control("bundle", name=_ADD_ON, active=False)
    stack.load()
    stack.wait_for(PHONE, "ONLINE")


def test_it_is_gone_before_the_java_add_on_begins(stack: Stack, expected: Expected) -> None:
    """An add-on that is installed later finds nothing of ours, because openHAB would not give it our things."""
    expected("the script stays inactive")
    stack.wait_until_warm()
    stack.openhab.control("bundle", name=_ADD_ON, active=True)
    assert stack.openhab.get("thing-types") == []
    assert stack.status(PHONE)[:2] == ("UNINITIALIZED", "HANDLER_MISSING_ERROR")
    stack.openhab.control("bundle", name=_ADD_ON, active=False)
    stack.load()
    stack.wait_for(PHONE, "ONLINE")


def _inbox(stack: Stack) -> dict[str, str]:
    entries = stack.openhab.get("inbox")
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


def test_numbers_come_into_the_inbox_and_go(stack: Stack) -> None:
    """Contract, section 9: found numbers are in the inbox, those that are things as ignored; missing ones are removed."""
    stack.service.exchange.publish_inbox([_found("+4930123456"), _found("+15551234567")])
    wait_until(
        lambda: _inbox(stack) == {"twilio:phone:home:4930123456": "NEW", "twilio:phone:home:15551234567": "IGNORED"}
    )
    stack.service.exchange.publish_inbox([_found("+4930123456")])
    wait_until(lambda: _inbox(stack) == {"twilio:phone:home:4930123456": "NEW"})
    assert stack.openhab.request("POST", "/rest/inbox/twilio:phone:home:4930123456/approve")[0] == 200
    stack.wait_for("twilio:phone:home:4930123456", "UNKNOWN")
    configuration = stack.thing("twilio:phone:home:4930123456")["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["phoneNumber"] == "+4930123456"
    stack.remove("twilio:phone:home:4930123456")
    stack.service.exchange.publish_inbox([])


def test_a_found_number_changes_no_thing(stack: Stack) -> None:
    """A thing from the inbox whose number was changed keeps it, although the first number is found again."""
    uid = "twilio:phone:home:4930123456"
    stack.service.exchange.publish_inbox([_found("+4930123456")])
    wait_until(lambda: uid in _inbox(stack))
    assert stack.openhab.request("POST", f"/rest/inbox/{uid}/approve")[0] == 200
    stack.wait_for(uid, "UNKNOWN")
    stack.openhab.request("PUT", f"/rest/things/{uid}/config", {"phoneNumber": "+4930999999"})
    stack.service.exchange.publish_inbox([_found("+4930123456"), _found("+4930777777")])
    wait_until(lambda: "twilio:phone:home:4930777777" in _inbox(stack))
    configuration = stack.thing(uid)["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["phoneNumber"] == "+4930999999"
    stack.remove(uid)
    stack.service.exchange.publish_inbox([])


def _wants_cloud(stack: Stack, *, wanted: bool) -> None:
    account = {"accountSid": "AC" + "0" * 32, "authToken": "t"}
    stack.openhab.request("PUT", f"/rest/things/{ACCOUNT}/config", account | {"useCloudWebhook": wanted})


def _cloud_url(stack: Stack) -> str:
    announcement = stack.service.announcement
    return announcement.cloud_url if announcement else ""


def test_a_cloud_webhook_is_requested_told_and_withdrawn(stack: Stack) -> None:
    """Contract, section 2: an account that wants it gets the cloud's URL; without such an account it is withdrawn."""
    stack.openhab.control("cloud", connected=True)
    _wants_cloud(stack, wanted=True)
    wait_until(lambda: _cloud_url(stack) == "https://cloud.example/hook/abc")
    assert stack.service.announcement is not None
    assert stack.service.announcement.cloud_expires > time.time() + 29 * 86_400
    _wants_cloud(stack, wanted=False)
    wait_until(lambda: not _cloud_url(stack))
    assert stack.openhab.control("cloud-calls") == ["request /twilio/callback", "remove /twilio/callback"]


def test_a_cloud_that_connects_late_keeps_nobody_waiting(stack: Stack) -> None:
    """At boot the connector delays requests: the inbox is filled meanwhile, and the URL is reported when it arrives."""
    stack.openhab.control("cloud", connected=False)
    _wants_cloud(stack, wanted=True)
    wait_until(lambda: stack.openhab.control("cloud-calls") == ["request /twilio/callback"])
    stack.service.exchange.publish_inbox([_found("+4930123456")])
    wait_until(lambda: _inbox(stack) == {"twilio:phone:home:4930123456": "NEW"})
    assert _cloud_url(stack) == ""
    stack.openhab.control("cloud", connected=True)
    wait_until(lambda: _cloud_url(stack) == "https://cloud.example/hook/abc", 40)
    stack.service.exchange.publish_inbox([])
    _wants_cloud(stack, wanted=False)
    wait_until(lambda: not _cloud_url(stack))
    assert stack.openhab.control("cloud-calls") == ["request /twilio/callback", "remove /twilio/callback"]


def test_a_cloud_webhook_that_nobody_wants_any_more_is_withdrawn_before_it_came(stack: Stack) -> None:
    """Withdrawing the request while the cloud is not connected leaves no webhook behind."""
    stack.openhab.control("cloud", connected=False)
    _wants_cloud(stack, wanted=True)
    wait_until(lambda: stack.openhab.control("cloud-calls") == ["request /twilio/callback"])
    _wants_cloud(stack, wanted=False)
    wait_until(lambda: stack.openhab.control("cloud-calls") == ["request /twilio/callback", "remove /twilio/callback"])
    stack.openhab.control("cloud", connected=True)
    assert _cloud_url(stack) == ""
