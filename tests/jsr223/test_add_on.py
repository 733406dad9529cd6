"""What Main UI shows before somebody adds a thing: the add-on that is installed, and a scan."""

from __future__ import annotations

from tests.jsr223.conftest import ACCOUNT, Expected, House
from tests.waiting import wait_until

_ENTRY: dict[str, object] = {
    "thingUID": "twilio:phone:home:4930123456",
    "thingTypeUID": "twilio:phone",
    "bridgeUID": ACCOUNT,
    "label": "Twilio: Found",
    "properties": {"phoneNumber": "+4930123456"},
    "representationProperty": "phoneNumber",
}


def _installed(house: House) -> list[dict[str, object]]:
    found = house.openhab.get("addons?serviceId=all&installedOnly=true")
    assert isinstance(found, list)
    return found


def _inbox(house: House) -> set[str]:
    found = house.openhab.get("inbox")
    assert isinstance(found, list)
    return {entry["thingUID"] for entry in found}


def test_the_binding_is_among_the_installed_ones(house: House) -> None:
    """Settings, Things, + lists it, so that an account can be added there: id and label are what the UI goes by."""
    (add_on,) = _installed(house)
    shown = {name: add_on[name] for name in ("uid", "id", "type", "label", "installed")}
    assert shown == {
        "uid": "binding-twilio",
        "id": "twilio",
        "type": "binding",
        "label": "Twilio Binding",
        "installed": True,
    }
    assert house.openhab.get("addons/binding-twilio?serviceId=twilio-binding") == add_on
    assert house.openhab.request("GET", "/rest/addons/binding-other?serviceId=twilio-binding")[0] == 404
    assert house.openhab.get("addons/services") == [
        ["twilio-binding", "Twilio for openHAB", [{"id": "binding", "label": "Bindings"}]]
    ]


def test_who_uninstalls_it_in_the_ui_is_told_how(house: House, expected: Expected) -> None:
    """The UI's button cannot take files away; the log names what does."""
    expected("twilio-binding install --remove")
    house.openhab.request("POST", "/rest/addons/binding-twilio/uninstall?serviceId=twilio-binding", {})
    assert any("install --remove" in line for line in house.openhab.warnings())
    assert _installed(house)


def test_a_scan_looks_at_the_numbers_now(house: House) -> None:
    """Scan asks the service for each account at once, ends, and what is found comes into the inbox."""
    assert house.openhab.get("discovery/bindings/twilio/info") is False
    before = house.openhab.control("scans")
    assert house.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {}) == (200, 10)
    request = house.sidecar.requests.get(timeout=5)
    assert (request.thing, request.action, request.args, request.reply_to) == (ACCOUNT, "discover", {}, "")
    wait_until(lambda: house.openhab.control("scans") == int(str(before)) + 1)
    house.sidecar.exchange.publish_inbox([_ENTRY])
    wait_until(lambda: _inbox(house) == {_ENTRY["thingUID"]})
    house.openhab.request("DELETE", f"/rest/inbox/{_ENTRY['thingUID']}")
    assert not _inbox(house)
    house.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {})
    wait_until(lambda: _inbox(house) == {_ENTRY["thingUID"]})
    house.sidecar.exchange.publish_inbox([])
    wait_until(lambda: not _inbox(house))


def test_nothing_is_offered_beside_the_java_add_on(house: House, expected: Expected) -> None:
    """Where the Java add-on is installed it stands in the list itself; ours goes and comes back with it."""
    expected("stands aside")
    house.openhab.control("bundle", name="org.openhab.binding.twilio", active=True)
    wait_until(lambda: not _installed(house))
    assert house.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {})[0] == 404
    house.openhab.control("bundle", name="org.openhab.binding.twilio", active=False)
    wait_until(lambda: len(_installed(house)) == 1, 20)
    house.wait_for(ACCOUNT, "ONLINE")


def test_a_reload_leaves_one(house: House) -> None:
    """After the script was loaded anew there is one entry and one discovery."""
    house.load()
    house.wait_for(ACCOUNT, "ONLINE")
    assert len(_installed(house)) == 1
    assert house.openhab.request("POST", "/rest/discovery/bindings/twilio/scan", {}) == (200, 10)
