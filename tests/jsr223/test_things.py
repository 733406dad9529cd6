"""Things of the script in openHAB: like those of the Java add-on, with the service's statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.jsr223.conftest import ACCOUNT, PHONE, Expected, Stack, describe
from tests.waiting import wait_until
from twilio_binding.sandbox.broker import BrokerProcess

_ADD_ON = Path(__file__).parents[1] / "data" / "addon"
_GONE = ("OFFLINE", "COMMUNICATION_ERROR", "The Twilio service is not running, or not connected to the MQTT broker")


def _names(entries: object, key: str) -> list[object]:
    assert isinstance(entries, list)
    return [entry[key] for entry in entries]


def test_an_account_and_a_phone_are_online_with_their_properties(stack: Stack) -> None:
    """Contract, sections 2 and 10: things have the service's statuses, and the webhook URLs as properties."""
    assert stack.status(ACCOUNT) == ("ONLINE", "NONE", "")
    assert stack.thing(PHONE)["properties"] == {"smsWebhookUrl": "https://h/sms"}
    assert stack.thing(PHONE)["label"] == "Twilio Phone Number"
    assert stack.thing(PHONE)["semanticEquipmentTag"] == "WebService"


def test_a_property_goes_with_its_url(stack: Stack) -> None:
    """Contract, section 2: while no URL is known the property is removed, not empty."""
    stack.service.show(describe(ACCOUNT), describe(PHONE))
    wait_until(lambda: stack.thing(PHONE)["properties"] == {})


@pytest.mark.parametrize(
    "text", ["Invalid Account SID or Auth Token", "Account is not active", "Account SID is required"]
)
def test_the_status_text_is_the_services(stack: Stack, text: str) -> None:
    """Contract, section 10: an account shows its error, and its phones that their bridge is offline."""
    stack.service.show(describe(ACCOUNT, "OFFLINE", "CONFIGURATION_ERROR", text), describe(PHONE))
    stack.wait_for(ACCOUNT, "OFFLINE", "CONFIGURATION_ERROR", text)
    stack.wait_for(PHONE, "OFFLINE", "BRIDGE_OFFLINE", "")


def test_a_phone_shows_its_own_error(stack: Stack) -> None:
    """A phone whose number is not on the account says so while the account is online."""
    stack.service.show(describe(ACCOUNT), describe(PHONE, "OFFLINE", "CONFIGURATION_ERROR", "not on the account"))
    stack.wait_for(PHONE, "OFFLINE", "CONFIGURATION_ERROR", "not on the account")
    assert stack.status(ACCOUNT) == ("ONLINE", "NONE", "")


def test_things_say_that_the_service_is_away(stack: Stack) -> None:
    """Without the service the account says why, until it comes back."""
    stack.service.stop()
    stack.wait_for(ACCOUNT, *_GONE)
    stack.wait_for(PHONE, "OFFLINE", "BRIDGE_OFFLINE")
    stack.service.start()
    stack.wait_for(PHONE, "ONLINE")


def test_things_say_that_the_broker_is_away(stack: Stack, broker: BrokerProcess, expected: Expected) -> None:
    """Without the broker the account says so; connection and announcement come back by themselves."""
    broker.stop()
    try:
        gone = "The MQTT broker 127.0.0.1 cannot be reached"
        wait_until(lambda: stack.status(ACCOUNT)[2].startswith(gone), 20)
        assert stack.status(ACCOUNT)[:2] == ("OFFLINE", "COMMUNICATION_ERROR")
    finally:
        broker.start()
    wait_until(lambda: stack.status(PHONE)[0] == "ONLINE", 40, "the phone to be online again")
    wait_until(lambda: stack.service.announcement is not None)


def test_a_list_of_things_that_is_none_changes_nothing(stack: Stack) -> None:
    """An unreadable list leaves the last statuses."""
    stack.service.exchange.publish_things([{"no": "uid"}])
    stack.service.stop()
    stack.wait_for(ACCOUNT, *_GONE)
    stack.service.start()
    stack.wait_for(PHONE, "ONLINE")
    stack.service.show(describe(ACCOUNT), describe(PHONE))


@pytest.mark.parametrize(
    ("name", "text"), [("accountSid", "Account SID is required"), ("authToken", "Auth Token is required")]
)
def test_a_blank_parameter_is_an_error_at_once(stack: Stack, name: str, text: str) -> None:
    """Contract, section 10: a blank value that openHAB accepts is a configuration error."""
    good = {"accountSid": "AC" + "0" * 32, "authToken": "t"}
    assert stack.openhab.request("PUT", f"/rest/things/{ACCOUNT}/config", good | {name: " "})[0] == 200
    stack.wait_for(ACCOUNT, "OFFLINE", "CONFIGURATION_ERROR", text)
    assert stack.openhab.request("PUT", f"/rest/things/{ACCOUNT}/config", good)[0] == 200
    stack.wait_for(PHONE, "ONLINE")


def test_a_disabled_account_takes_its_phones_along_and_brings_them_back(stack: Stack) -> None:
    """OpenHAB disables and enables things, and handlers follow."""
    stack.openhab.request("PUT", f"/rest/things/{ACCOUNT}/enable", {"enabled": False})
    assert stack.status(ACCOUNT)[:2] == ("UNINITIALIZED", "DISABLED")
    assert stack.status(PHONE)[:2] == ("UNINITIALIZED", "BRIDGE_UNINITIALIZED")
    assert stack.openhab.request("GET", f"/rest/actions/{PHONE}")[0] == 204
    stack.openhab.request("PUT", f"/rest/things/{ACCOUNT}/enable", {"enabled": True})
    stack.wait_for(PHONE, "ONLINE")
    assert stack.openhab.request("GET", f"/rest/actions/{PHONE}")[0] == 200


def test_a_phone_without_its_account_waits(stack: Stack) -> None:
    """A phone without its account waits in openHAB."""
    stack.add("twilio:phone:nobody:p", "twilio:account:nobody", phoneNumber="+15550001")
    assert stack.status("twilio:phone:nobody:p")[:2] == ("UNINITIALIZED", "BRIDGE_UNINITIALIZED")
    stack.remove("twilio:phone:nobody:p")


def test_a_timeout_beyond_the_limit_is_refused(stack: Stack) -> None:
    """Contract, section 1: responseTimeout is 1 to 14, and openHAB checks that."""
    answer = stack.openhab.request("PUT", f"/rest/things/{PHONE}/config", {"phoneNumber": "+1", "responseTimeout": 15})
    assert answer[0] == 400


def test_phones_have_the_add_ons_channels(stack: Stack) -> None:
    """Contract, section 3: ids, order, kinds, item types, labels and tags are the add-on's."""
    wanted = json.loads((_ADD_ON / "rest-thing-phone.json").read_text())["channels"]
    found = stack.thing(PHONE)["channels"]
    assert isinstance(found, list)
    for channel, ours in zip(wanted, found, strict=True):
        for key in ("id", "kind", "label", "channelTypeUID"):
            assert ours[key] == channel[key]
        assert ours.get("itemType") == channel.get("itemType")
        assert sorted(ours["defaultTags"]) == sorted(channel["defaultTags"])


def test_channel_types_are_the_add_ons(stack: Stack) -> None:
    """Contract, section 3: kinds, item types, advanced flags, tags and read-only states are the add-on's."""
    wanted = json.loads((_ADD_ON / "rest-channel-types.json").read_text())
    types = stack.openhab.get("channel-types")
    assert isinstance(types, list)
    found = {one["UID"]: one for one in types}
    for channel in wanted:
        keys = ("kind", "label", "advanced", "tags", "itemType", "stateDescription")
        assert {key: found[channel["UID"]].get(key) for key in keys} == {key: channel.get(key) for key in keys}


@pytest.mark.parametrize("kind", ["account", "phone"])
def test_thing_types_are_the_add_ons(stack: Stack, kind: str) -> None:
    """Contract, section 1: labels, bridges, channels and tags of the types are the add-on's."""
    wanted = json.loads((_ADD_ON / f"rest-thing-type-{kind}.json").read_text())
    types = stack.openhab.get("thing-types")
    assert isinstance(types, list)
    (found,) = [one for one in types if one["UID"] == wanted["UID"]]
    for key in ("label", "listed", "bridge", "supportedBridgeTypeUIDs", "semanticEquipmentTag"):
        assert found[key] == wanted[key]
    assert _names(found["channels"], "typeUID") == _names(wanted["channels"], "typeUID")


@pytest.mark.parametrize("kind", ["account", "phone"])
def test_parameters_are_the_add_ons_and_ours_come_after(stack: Stack, kind: str) -> None:
    """Contract, section 1: names, types, defaults, limits, required and advanced flags, secrets."""
    wanted = json.loads((_ADD_ON / f"rest-config-description-{kind}.json").read_text())["parameters"]
    description = stack.openhab.get(f"config-descriptions/thing-type:twilio:{kind}")
    assert isinstance(description, dict)
    for parameter, ours in zip(wanted, description["parameters"], strict=False):
        for key in ("name", "type", "label", "required", "advanced", "limitToOptions", "options"):
            assert ours[key] == parameter[key], parameter["name"]
        for key in ("default", "context", "min", "max", "unit", "unitLabel"):
            assert ours.get(key) == parameter.get(key), parameter["name"]
    secrets = [one["name"] for one in description["parameters"] if one.get("context") == "password"]
    assert secrets == (
        ["authToken", "secondaryAuthToken", "apiKeySecret", "sharedKeySecret"] if kind == "account" else []
    )
