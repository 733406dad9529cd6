"""A sidecar without files: openHAB says which accounts and phones there are."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator

import pytest
import requests

from tests.integration.test_commands import command
from tests.waiting import wait_until
from twilio_binding.sandbox.house import House, Sidecar, house

SID = "AC" + "2" * 32
ACCOUNT, PHONE = "twilio:account:ui", "twilio:phone:ui:one"
DISABLED = {"status": "UNINITIALIZED", "statusDetail": "DISABLED"}


@pytest.fixture(scope="module")
def up() -> Iterator[House]:
    """A house whose own sidecar reads files, as a neighbourhood for the one of each test."""
    with house() as up:
        yield up


@pytest.fixture
def settings(up: House) -> Iterator[dict[str, str]]:
    """What a sidecar needs that reads its things from openHAB."""
    up.openhab.reset()
    yield {
        "THINGS": '["openhab"]',
        "OPENHAB__URL": up.openhab.url,
        "OPENHAB__TOKEN": "oh.demo.0123456789",
        "MQTT__URL": up.broker.url,
        "MQTT__BASE_TOPIC": "ui",
        "TWILIO__API_URL": up.twilio.url,
    }
    up.openhab.up()


@pytest.fixture
def sidecar(up: House, settings: dict[str, str]) -> Iterator[Sidecar]:
    """Such a sidecar, not started yet."""
    folder = up.folder / "beside"
    folder.mkdir(exist_ok=True)
    for old in folder.rglob("openhab-things.json"):
        old.unlink()
    sidecar = Sidecar(folder, settings)
    yield sidecar
    sidecar.stop()


def put_account(up: House, **configuration: object) -> None:
    """An account as somebody made it in openHAB's UI."""
    given = {"accountSid": SID, "authToken": "token-in-openhab", "publicUrl": "http://127.0.0.1:1", **configuration}
    up.openhab.put_thing(ACCOUNT, {"thingTypeUID": "twilio:account", "label": "Mine", "configuration": given})


def put_phone(up: House, uid: str = PHONE, **more: object) -> None:
    """A phone as somebody made it in openHAB's UI."""
    given = {"phoneNumber": "+15551234567", "responseTimeout": 5}
    thing = {"thingTypeUID": "twilio:phone", "bridgeUID": ACCOUNT, "configuration": given}
    up.openhab.put_thing(uid, {**thing, **more})


def knows(sidecar: Sidecar, uid: str) -> bool:
    """Whether the thing is there for Twilio."""
    answer = requests.post(f"{sidecar.url}/twilio/callback/{uid}/sms", data={"a": "b"}, timeout=5)
    assert answer.text in ("Unknown thing", "Invalid signature")
    return answer.text == "Invalid signature"


def test_things_of_the_ui(up: House, sidecar: Sidecar) -> None:
    """Things that were made in the UI before the start are there, and one that is added comes soon."""
    put_account(up)
    put_phone(up)
    sidecar.start()
    wait_until(lambda: knows(sidecar, PHONE), 10, "the phone")
    assert sidecar.neighbours()["things"] == {"up": True}
    put_phone(up, "twilio:phone:ui:two")
    wait_until(lambda: knows(sidecar, "twilio:phone:ui:two"), 10, "the second phone")


def test_changed_disabled_and_removed(up: House, sidecar: Sidecar) -> None:
    """Configuration changes are taken over; a disabled thing is away until it is enabled; a removed one is gone."""
    put_account(up)
    put_phone(up)
    sidecar.start()
    wait_until(lambda: knows(sidecar, PHONE), 10, "the phone")
    put_account(up, accountSid="nonsense")
    wait_until(lambda: not knows(sidecar, PHONE), 10, "the broken account")
    reason = sidecar.neighbours()["things"]["reason"]
    assert "openHAB: error: twilio:account:ui: accountSid: this is no Account SID" in reason
    put_account(up)
    wait_until(lambda: knows(sidecar, PHONE), 10, "the mended account")
    put_phone(up, statusInfo=DISABLED)
    wait_until(lambda: not knows(sidecar, PHONE), 10, "the disabled phone")
    put_phone(up)
    wait_until(lambda: knows(sidecar, PHONE), 10, "the enabled phone")
    up.openhab.remove_thing(PHONE)
    wait_until(lambda: not knows(sidecar, PHONE), 10, "the removed phone")


def test_before_openhab_is_there(up: House, sidecar: Sidecar) -> None:
    """A sidecar that starts before openHAB knows the things of its last run; what it keeps is for its own eyes."""
    put_account(up)
    put_phone(up)
    sidecar.start()
    wait_until(lambda: knows(sidecar, PHONE), 10, "the phone")
    kept = up.folder / "beside" / "data" / "openhab-things.json"
    wait_until(kept.exists, 5, "the kept copy")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    sidecar.stop()
    up.openhab.down()
    sidecar.start()
    assert knows(sidecar, PHONE)
    assert "token-in-openhab" not in sidecar.log.read_text(encoding="utf-8")


def test_openhab_that_lists_its_things_late(up: House, sidecar: Sidecar) -> None:
    """An openHAB that starts, and has no things until its script is loaded, does not make callers hear an error."""
    put_account(up)
    put_phone(up)
    sidecar.start()
    wait_until(lambda: knows(sidecar, PHONE), 10, "the phone")
    up.openhab.down()
    wait_until(lambda: not sidecar.neighbours()["openhab"]["up"], 10, "openHAB to be missed")
    up.openhab.remove_thing(PHONE)
    up.openhab.remove_thing(ACCOUNT)
    up.openhab.up()
    sidecar.wait_ready("openhab")
    assert knows(sidecar, PHONE)
    put_account(up)
    put_phone(up)
    up.openhab.remove_thing(PHONE)
    wait_until(lambda: not knows(sidecar, PHONE), 10, "the removed phone")


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", '[{"UID":"x"}]', "null"])
def test_kept_copy_that_is_broken(up: House, sidecar: Sidecar, text: str) -> None:
    """A kept copy that cannot be read is left alone, and said so; nothing is known until openHAB comes."""
    data = up.folder / "beside" / "data"
    data.mkdir(exist_ok=True)
    (data / "openhab-things.json").write_text(text, encoding="utf-8")
    up.openhab.down()
    sidecar.log.unlink(missing_ok=True)
    sidecar.start()
    assert not knows(sidecar, PHONE)
    assert sidecar.neighbours()["things"]["reason"] == "the things in openHAB have not been read yet"
    assert "things.kept_copy_unreadable" in sidecar.log.read_text(encoding="utf-8")


def test_check(up: House, settings: dict[str, str]) -> None:
    """`check` reads openHAB's things, and says why it cannot."""
    put_account(up, publicUrl="https://home.example.com")
    put_phone(up)
    (up.folder / "openhab").mkdir(exist_ok=True)  # a folder of that name has nothing to do with it
    done = command(up.folder, "check", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert told[0] == "0 files, 1 accounts, 1 phones"
    assert told[1].startswith("Only files and openHAB's list of things were read: the broker, Twilio")
    refused = command(up.folder, "check", **(settings | {"OPENHAB__TOKEN": "wrong"}))
    assert refused.returncode == 1
    assert "the things in openHAB cannot be read: openHAB refuses the API token" in refused.stderr


def test_check_of_a_new_set_up(up: House, settings: dict[str, str]) -> None:
    """Before the first start openHAB has no Twilio things, or is not there at all: that is told, and no error."""
    done = command(up.folder, "check", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing is known of a phone in openHAB yet" in done.stdout
    away = command(up.folder, "check", **(settings | {"OPENHAB__URL": "http://127.0.0.1:1"}))
    assert (away.returncode, away.stderr) == (0, "")
    assert "note: the things in openHAB were not read: openHAB does not answer" in away.stdout
    assert "Only files were read: the broker, Twilio" in away.stdout


def test_file_and_openhab(up: House, settings: dict[str, str]) -> None:
    """Where a file and openHAB configure the same thing, the file is right, and it is told."""
    put_account(up)
    put_phone(up)
    (up.folder / "same.things").write_text(
        f'Bridge {ACCOUNT} [ accountSid="{SID}", authToken="of-the-file" ]\n', encoding="utf-8"
    )
    done = command(up.folder, "check", **(settings | {"THINGS": json.dumps(["same.things", "openhab"])}))
    assert done.returncode == 1
    assert "there is another thing of this UID in same.things:1:1; that one is used" in done.stderr
    assert "1 files, 1 accounts, 1 phones" in done.stdout
