"""What Main UI shows before a thing is added: the installed add-on, and a scan."""

from __future__ import annotations

from tests.jsr223.conftest import ACCOUNT, PHONE, Expected, Stack
from tests.waiting import wait_until

_ENTRY: dict[str, object] = {
    "thingUID": "twilio:phone:home:4930123456",
    "thingTypeUID": "twilio:phone",
    "bridgeUID": ACCOUNT,
    "label": "Twilio: Found",
    "properties": {"phoneNumber": "+4930123456"},
    "representationProperty": "phoneNumber",
}


def _installed(stack: Stack) -> list[dict[str, object]]:
    found = stack.openhab.get("addons?serviceId=all&installedOnly=true")
    assert isinstance(found, list)
    return found


def _inbox(stack: Stack) -> set[str]:
    found = stack.openhab.get("inbox")
    assert isinstance(found, list)
    return {entry["thingUID"] for entry in found}


def test_the_binding_is_among_the_installed_ones(stack: Stack) -> None:
    """Settings, Things, + lists it, so that an account can be added: by id and label."""
    (add_on,) = _installed(stack)
    shown = {name: add_on[name] for name in ("uid", "id", "type", "label", "installed")}
    assert shown == {
        "uid": "binding-twilio",
        "id": "twilio",
        "type": "binding",
        "label": "Twilio Binding",
        "installed": True,
    }
    assert stack.openhab.get("addons/binding-twilio?serviceId=twilio-binding") == add_on
    assert stack.openhab.request("GET", "/rest/addons/binding-other?serviceId=twilio-binding")[0] == 404
    assert stack.openhab.get("addons/services") == [
        ["twilio-binding", "Twilio for openHAB", [{"id": "binding", "label": "Bindings"}]]
    ]


def test_who_uninstalls_it_in_the_ui_is_told_how(stack: Stack, expected: Expected) -> None:
    """The UI's button cannot remove files; the log names the command that does."""
    expected("twilio-binding install --remove")
    stack.openhab.request("POST", "/rest/addons/binding-twilio/uninstall?serviceId=twilio-binding", {})
    assert any("install --remove" in line for line in stack.openhab.warnings())
    assert _installed(stack)


def test_a_scan_looks_at_the_numbers_now(stack: Stack) -> None:
    """A scan asks the service for each account immediately, ends, and the found numbers come into the inbox."""
    assert stack.openhab.get("discovery/bindings/twilio/info") is False
    before = stack.openhab.control("scans")
    assert stack.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {}) == (200, 10)
    request = stack.service.asked()
    assert (request.thing, request.action, request.args, request.reply_to) == (ACCOUNT, "discover", {}, "")
    wait_until(lambda: stack.openhab.control("scans") == int(str(before)) + 1)
    stack.service.exchange.publish_inbox([_ENTRY])
    wait_until(lambda: _inbox(stack) == {_ENTRY["thingUID"]})
    stack.openhab.request("DELETE", f"/rest/inbox/{_ENTRY['thingUID']}")
    assert not _inbox(stack)
    stack.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {})
    wait_until(lambda: _inbox(stack) == {_ENTRY["thingUID"]})
    stack.service.exchange.publish_inbox([])
    wait_until(lambda: not _inbox(stack))


def test_nothing_is_offered_beside_the_java_add_on(stack: Stack, expected: Expected) -> None:
    """If the Java add-on is installed, it is in the list itself; ours is removed, and returns later."""
    expected("stays inactive")
    stack.openhab.control("bundle", name="org.openhab.binding.twilio", active=True)
    wait_until(lambda: not _installed(stack))
    assert stack.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {})[0] == 404
    stack.openhab.control("bundle", name="org.openhab.binding.twilio", active=False)
    wait_until(lambda: len(_installed(stack)) == 1, 40)
    stack.wait_for(ACCOUNT, "ONLINE")


def test_a_reload_leaves_one(stack: Stack) -> None:
    """After a reload of the script there is one entry and one discovery."""
    stack.load()
    stack.wait_for(ACCOUNT, "ONLINE")
    assert len(_installed(stack)) == 1
    assert stack.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {}) == (200, 10)


def test_a_phone_deleted_while_the_script_loads_is_gone(stack: Stack) -> None:
    """A phone whose handler is being initialized when it is deleted goes away, each time."""
    for _ in range(4):
        stack.load()
        stack.remove(PHONE)
        stack.add(PHONE, ACCOUNT, phoneNumber="+15551234567")
        stack.wait_for(PHONE, "ONLINE")
