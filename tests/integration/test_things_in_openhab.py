"""A service without files: openHAB has the accounts and phones."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator

import pytest
import requests

from lab.standins.stack import Stack, stack
from tests.terminal import command
from tests.waiting import wait_until
from twilio_binding.sandbox.service_process import ServiceProcess

SID = "AC" + "2" * 32
ACCOUNT, PHONE = "twilio:account:ui", "twilio:phone:ui:one"
DISABLED = {"status": "UNINITIALIZED", "statusDetail": "DISABLED"}


@pytest.fixture(scope="module")
def up() -> Iterator[Stack]:
    """A stack whose own service reads files; the service of each test uses its broker, openHAB and Twilio."""
    with stack() as up:
        yield up


@pytest.fixture
def settings(up: Stack) -> Iterator[dict[str, str]]:
    """Settings for a service that reads its things from openHAB."""
    up.openhab.reset()
    yield {
        "THINGS": '["openhab"]',
        "OPENHAB__URL": up.openhab.url,
        "OPENHAB__TOKEN": "oh.demo.0123456789",
        "MQTT__URL": up.broker.url,
        "MQTT__BASE_TOPIC": "ui",
        "TWILIO__API_URL": up.twilio.url,
    }
    up.openhab.faults.up()


@pytest.fixture
def service(up: Stack, settings: dict[str, str]) -> Iterator[ServiceProcess]:
    """Such a service, not started yet."""
    folder = up.folder / "beside"
    folder.mkdir(exist_ok=True)
    for old in folder.rglob("openhab-things.json"):
        old.unlink()
    service = ServiceProcess(folder, settings)
    yield service
    service.stop()


def put_account(up: Stack, **configuration: object) -> None:
    """Put an account into openHAB, as made in its UI."""
    given = {"accountSid": SID, "authToken": "token-in-openhab", "publicUrl": "http://127.0.0.1:1", **configuration}
    up.openhab.contents.put_thing(ACCOUNT, {"thingTypeUID": "twilio:account", "label": "Mine", "configuration": given})


def put_phone(up: Stack, uid: str = PHONE, **more: object) -> None:
    """Put a phone into openHAB, as made in its UI."""
    given = {"phoneNumber": "+15551234567", "responseTimeout": 5}
    thing = {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT, "configuration": given}
    up.openhab.contents.put_thing(uid, {**thing, **more})


def knows(service: ServiceProcess, uid: str) -> bool:
    """Whether Twilio would find the thing."""
    answer = requests.post(f"{service.url}/twilio/callback/{uid}/sms", data={"a": "b"}, timeout=30)
    assert answer.text in ("Unknown thing", "Invalid signature")
    return answer.text == "Invalid signature"


def test_things_of_the_ui(up: Stack, service: ServiceProcess) -> None:
    """Things made in the UI before the start exist, and an added one appears soon."""
    put_account(up)
    put_phone(up)
    service.start()
    wait_until(lambda: knows(service, PHONE), 10, "the phone")
    wait_until(lambda: service.dependencies()["things"] == {"up": True}, 10, "the things to be up")
    put_phone(up, "twilio:phone:ui:two")
    wait_until(lambda: knows(service, "twilio:phone:ui:two"), 10, "the second phone")


def test_changed_disabled_and_removed(up: Stack, service: ServiceProcess) -> None:
    """Configuration changes are taken over; a disabled thing is missing until it is enabled; a removed one is gone."""
    put_account(up)
    put_phone(up)
    service.start()
    wait_until(lambda: knows(service, PHONE), 10, "the phone")
    put_account(up, accountSid="nonsense")
    wait_until(lambda: not knows(service, PHONE), 10, "the broken account")
    reason = service.dependencies()["things"]["reason"]
    assert "openHAB: error: twilio:account:ui: accountSid: not an Account SID" in reason
    put_account(up)
    wait_until(lambda: knows(service, PHONE), 10, "the mended account")
    put_phone(up, statusInfo=DISABLED)
    wait_until(lambda: not knows(service, PHONE), 10, "the disabled phone")
    put_phone(up)
    wait_until(lambda: knows(service, PHONE), 10, "the enabled phone")
    up.openhab.contents.remove_thing(PHONE)
    wait_until(lambda: not knows(service, PHONE), 10, "the removed phone")


def test_before_openhab_is_there(up: Stack, service: ServiceProcess) -> None:
    """A service that starts before openHAB knows the things of its last run; only it can read the stored copy."""
    put_account(up)
    put_phone(up)
    service.start()
    wait_until(lambda: knows(service, PHONE), 10, "the phone")
    kept = up.folder / "beside" / "data" / "openhab-things.json"
    wait_until(kept.exists, 5, "the kept copy")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    service.stop()
    up.openhab.faults.down()
    service.start()
    assert knows(service, PHONE)
    assert "token-in-openhab" not in service.log.read_text(encoding="utf-8")


def test_openhab_that_lists_its_things_late(up: Stack, service: ServiceProcess) -> None:
    """While openHAB starts, and has no things until its script is loaded, callers hear no error."""
    put_account(up)
    put_phone(up)
    service.start()
    wait_until(lambda: knows(service, PHONE), 10, "the phone")
    up.openhab.faults.down()
    wait_until(lambda: not service.dependencies()["openhab"]["up"], 10, "openHAB to be missed")
    up.openhab.contents.remove_thing(PHONE)
    up.openhab.contents.remove_thing(ACCOUNT)
    up.openhab.faults.up()
    service.wait_ready("openhab")
    assert knows(service, PHONE)
    put_account(up)
    put_phone(up)
    up.openhab.contents.remove_thing(PHONE)
    wait_until(lambda: not knows(service, PHONE), 10, "the removed phone")


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", '[{"UID":"x"}]', "null"])
def test_kept_copy_that_is_broken(up: Stack, service: ServiceProcess, text: str) -> None:
    """An unreadable stored copy is reported and not changed; nothing is known until openHAB answers."""
    data = up.folder / "beside" / "data"
    data.mkdir(exist_ok=True)
    (data / "openhab-things.json").write_text(text, encoding="utf-8")
    up.openhab.faults.down()
    service.log.unlink(missing_ok=True)
    service.start()
    assert not knows(service, PHONE)
    assert service.dependencies()["things"]["reason"] == "the things in openHAB have not been read yet"
    assert "things.kept_copy_unreadable" in service.log.read_text(encoding="utf-8")


def test_check(up: Stack, settings: dict[str, str]) -> None:
    """`check` reads openHAB's things, and says why it cannot."""
    put_account(up, publicUrl="https://home.example.com")
    put_phone(up)
    (up.folder / "openhab").mkdir(exist_ok=True)  # an unrelated folder of that name
    done = command(up.folder, "check", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told[0] == "0 files, 1 account, 1 phone"
    assert told[1].startswith("Only files and openHAB's list of things were read. To test the broker, Twilio")
    refused = command(up.folder, "check", **(settings | {"OPENHAB__TOKEN": "wrong"}))
    assert refused.returncode == 1
    assert "the things in openHAB cannot be read: openHAB refuses the API token" in refused.stderr


def test_check_of_a_new_set_up(up: Stack, settings: dict[str, str]) -> None:
    """Before the first start, openHAB has no Twilio things, or does not answer: that is reported, and no error."""
    done = command(up.folder, "check", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert "openHAB has not listed a phone yet" in done.stdout
    away = command(up.folder, "check", **(settings | {"OPENHAB__URL": "http://127.0.0.1:1"}))
    assert (away.returncode, away.stderr) == (0, "")
    assert "note: the things in openHAB were not read: openHAB does not answer" in away.stdout
    assert "Only files were read. To test the broker, Twilio" in away.stdout


def test_file_and_openhab(up: Stack, settings: dict[str, str]) -> None:
    """If a file and openHAB configure the same thing, the file counts, and that is reported."""
    put_account(up)
    put_phone(up)
    (up.folder / "same.things").write_text(
        f'Bridge {ACCOUNT} [ accountSid="{SID}", authToken="of-the-file" ]\n', encoding="utf-8"
    )
    done = command(up.folder, "check", **(settings | {"THINGS": json.dumps(["same.things", "openhab"])}))
    assert done.returncode == 1
    assert "duplicate UID; the thing in same.things:1:1 is used" in done.stderr
    assert "1 file, 1 account, 1 phone" in done.stdout
