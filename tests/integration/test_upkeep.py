"""Contract, sections 2, 9 and 10, with everything real: statuses, webhook set-up and discovery of a running service."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lab.standins.stack import Stack
from tests.waiting import wait_until
from twilio_binding.mqtt import Client
from twilio_binding.sandbox.demo_rule import PHONE
from twilio_binding.sandbox.service_process import SEEDS

ACCOUNT = "twilio:account:myaccount"
OURS = f"https://my.domain.com/twilio/callback/{PHONE}"
NEW = "+4930123456"
Is = tuple[str, str, str]
WELL: Is = ("ONLINE", "NONE", "")
CUT_OFF: Is = ("OFFLINE", "BRIDGE_OFFLINE", "")


class Office:
    """A stack, and what it publishes about itself."""

    def __init__(self, home: Stack, client: Client) -> None:
        self.home = home
        self.twilio = home.twilio
        self.client = client
        self.original = home.things.read_text(encoding="utf-8")

    def things(self) -> dict[str, dict[str, Any]]:
        """The things retained on the topic."""
        told = self.client.retained(self.client.topics.things)
        return {thing["uid"]: thing for thing in json.loads(told or b"[]")}

    def inbox(self) -> list[dict[str, Any]]:
        """The inbox retained on the topic."""
        return list(json.loads(self.client.retained(self.client.topics.inbox) or b"[]"))

    def wait(self, uid: str, expected: Is, seconds: float = 15) -> None:
        """Wait until a thing meets a condition."""
        seen: list[Is] = []

        def is_so() -> bool:
            thing = self.things().get(uid)
            seen[:] = [(thing["status"], thing["statusDetail"], thing["description"])] if thing else []
            return seen == [expected]

        try:
            wait_until(is_so, seconds)
        except AssertionError:
            pytest.fail(f"{uid} is not {expected} but {seen}")

    def wait_text(self, uid: str, text: str) -> dict[str, Any]:
        """Wait until the description of a thing contains a text."""
        wait_until(lambda: text in self.things().get(uid, {}).get("description", ""), 15, text)
        return self.things()[uid]

    def configure(self, text: str) -> None:
        """Write the `.things` file, and have everything read and checked now."""
        self.home.things.write_text(text, encoding="utf-8")
        assert self.home.service.process is not None
        self.home.service.process.send_signal(signal.SIGHUP)

    def looks(self) -> int:
        """How often the service has searched the account."""
        return self.home.service.log.read_text(encoding="utf-8").count("discovery.looked")

    def command(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command with the stack's broker."""
        environment = os.environ | {
            "TWILIO_BINDING_MQTT__URL": self.home.broker.url,
            "TWILIO_BINDING_THINGS": '["nowhere"]',
            "PYTHONPATH": str(SEEDS),
            **settings,
        }
        return subprocess.run(
            [sys.executable, "-m", "twilio_binding", *arguments],
            cwd=self.home.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def office(home: Stack) -> Iterator[Office]:
    """A stack where everything is fine, restored afterwards."""
    home.twilio.reset()
    with Client(home.broker.url) as client:
        office = Office(home, client)
        office.wait(PHONE, WELL)
        yield office
        home.twilio.reset()
        home.twilio.faults.clear()
        home.twilio.faults.up()
        looks = office.looks()
        office.configure(office.original)
        # Nothing of this test continues in the next one.
        wait_until(lambda: office.looks() > looks, 15, "the round to end")
        office.wait(PHONE, WELL)


def test_things_and_properties(office: Office) -> None:
    """Contract, section 2: the URLs are properties of the phone, and `things` shows them with the statuses."""
    urls = {"smsWebhookUrl": "sms", "voiceWebhookUrl": "voice", "statusCallbackUrl": "status"}
    assert office.things()[PHONE]["properties"] == {name: f"{OURS}/{endpoint}" for name, endpoint in urls.items()}
    done = office.command("things")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == [ACCOUNT, "ONLINE", "Twilio", "Account"]
    assert lines[1].split()[:2] == [PHONE, "ONLINE"]
    assert lines[2].split() == ["smsWebhookUrl", f"{OURS}/sms"]


def test_wrong_token_and_right_token(office: Office) -> None:
    """Contract, section 10: "Invalid Account SID or Auth Token"; the right token in the file fixes everything immediately."""
    office.configure(office.original.replace("your_auth_token", "another_token"))
    office.wait(ACCOUNT, ("OFFLINE", "CONFIGURATION_ERROR", "Invalid Account SID or Auth Token"))
    office.wait(PHONE, CUT_OFF)
    assert office.command("things").returncode == 1
    office.configure(office.original)
    office.wait(ACCOUNT, WELL)
    office.wait(PHONE, WELL)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_account_that_is_not_active(office: Office, status: str) -> None:
    """Contract, section 10: "Account is not active", until it is."""
    office.twilio.configure(account_status=status)
    office.configure(office.original + "\n")
    office.wait(ACCOUNT, ("OFFLINE", "CONFIGURATION_ERROR", "Account is not active"))
    office.wait(PHONE, CUT_OFF)
    office.twilio.configure(account_status="active")
    office.configure(office.original)
    office.wait(PHONE, WELL)


def test_internet_away_and_back(office: Office) -> None:
    """Contract, section 10: "Request failed: ..." while Twilio cannot be reached, and then online again."""
    office.twilio.faults.down()
    office.configure(office.original + "\n")
    wait_until(
        lambda: office.things()[ACCOUNT]["description"].startswith("Request failed: Twilio cannot be reached"), 15
    )
    assert office.things()[ACCOUNT]["statusDetail"] == "COMMUNICATION_ERROR"
    office.wait(PHONE, CUT_OFF)
    office.twilio.faults.up()
    office.wait(PHONE, WELL)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("html", "Request failed: Twilio answered 502"),
        ("empty", "Request failed: Twilio's answer could not be read"),
        ("nonsense", "Request failed: Twilio's answer could not be read"),
        ("429", "Twilio API error (20429): too many requests to Twilio"),
    ],
)
def test_twilio_answers_something_else(office: Office, fault: str, text: str) -> None:
    """Contract, section 10: HTML, empty and invalid answers and refusals each have their text."""
    changed = office.original.replace('"Twilio Account"', '"Renamed"')
    assert changed != office.original
    office.twilio.faults.set(fault, path="/2010-04-01/")
    office.configure(changed)
    office.wait(ACCOUNT, ("OFFLINE", "COMMUNICATION_ERROR", text))
    office.wait(PHONE, CUT_OFF)
    office.twilio.faults.clear()
    office.configure(office.original)
    office.wait(PHONE, WELL)


def test_bad_configuration_stops_nobody_else(office: Office) -> None:
    """Contract, section 10: each invalid thing has its text, and the valid ones work."""
    office.configure(
        office.original
        + """
Bridge twilio:account:nosid [ authToken="x" ] {
    Thing phone orphan [ phoneNumber="+15550000001" ]
}
Bridge twilio:account:notoken [ accountSid="AC00000000000000000000000000000002" ]
Thing twilio:phone:myaccount:nonumber (twilio:account:myaccount) [ ]
Thing twilio:phone:nowhere:lost [ phoneNumber="+15550000002" ]
Thing twilio:phone:myaccount:twice (twilio:account:myaccount) [ phoneNumber="+15551234567" ]
"""
    )
    bad = "CONFIGURATION_ERROR"
    office.wait("twilio:account:nosid", ("OFFLINE", bad, "Account SID is required"))
    office.wait("twilio:account:notoken", ("OFFLINE", bad, "Auth Token is required"))
    office.wait("twilio:phone:myaccount:nonumber", ("OFFLINE", bad, "Phone number is required"))
    assert office.things()["twilio:phone:nosid:orphan"]["statusDetail"] == "BRIDGE_OFFLINE"
    assert office.things()["twilio:phone:nowhere:lost"]["statusDetail"] == "BRIDGE_UNINITIALIZED"
    assert office.wait_text("twilio:phone:myaccount:twice", "has the same number")["status"] == "OFFLINE"
    office.wait(PHONE, WELL)
    assert office.twilio.receive_sms("still here")["status"] == 200


def test_webhooks_are_set_by_a_change_of_the_url(office: Office) -> None:
    """Contract, sections 2 and 9: another publicUrl is set at Twilio and in the properties; without one, they are gone."""
    office.twilio.console.change_number(sms_url="", voice_url="", status_callback="")
    office.configure(office.original.replace("https://my.domain.com", "https://new.example/base/"))
    wait_until(
        lambda: office.twilio.console.number()["sms_url"].startswith("https://new.example/base/twilio/callback/"), 15
    )
    office.wait(PHONE, WELL)
    number = office.twilio.console.number()
    assert office.things()[PHONE]["properties"] == {
        "smsWebhookUrl": number["sms_url"],
        "voiceWebhookUrl": number["voice_url"],
        "statusCallbackUrl": number["status_callback"],
    }
    office.configure(office.original.replace("https://my.domain.com", ""))
    wait_until(lambda: office.things()[PHONE]["properties"] == {}, 15)
    assert office.wait_text(PHONE, "No public URL is known")["status"] == "ONLINE"
    assert office.twilio.console.number()["sms_url"] == number["sms_url"]


def test_nothing_is_written_where_that_is_off(office: Office) -> None:
    """Contract, section 9: with autoConfigureWebhooks=false the difference is reported, and `configure` refuses."""
    office.twilio.console.change_number(sms_url="https://mine.example")
    office.configure(office.original.replace("authToken", "autoConfigureWebhooks=false, authToken", 1))
    thing = office.wait_text(PHONE, "SmsUrl of the number at Twilio does not point to this service")
    assert thing["status"] == "ONLINE"
    done = office.command("configure")
    assert (done.returncode, done.stderr) == (
        1,
        f"Error: {PHONE}: autoConfigureWebhooks of {ACCOUNT} is off (not_allowed)\n",
    )
    assert office.twilio.console.number()["sms_url"] == "https://mine.example"


def test_number_that_is_gone(office: Office) -> None:
    """Contract, section 10: if a number left the account, the phone is offline, and its account stays online."""
    office.twilio.console.remove_number()
    done = office.command("configure", PHONE)
    assert done.returncode == 1
    assert "The account does not have this phone number" in done.stderr
    office.configure(office.original + "\n")
    assert (
        office.wait_text(PHONE, "The account does not have this phone number")["statusDetail"] == "CONFIGURATION_ERROR"
    )
    office.wait(ACCOUNT, WELL)


def test_restore_and_configure(office: Office) -> None:
    """Contract, section 9: the original values are restored on request, stay across a restart, and can be configured again."""
    office.twilio.console.change_number(sms_url="https://old.example/sms", sms_method="GET")
    done = office.command("configure")
    assert (done.returncode, done.stdout) == (0, f"{PHONE}: webhooks set\n")
    assert office.twilio.console.number()["sms_url"] == f"{OURS}/sms"
    done = office.command("restore", PHONE)
    assert done.stdout.split() == [*f"{PHONE}: restored SmsMethod GET SmsUrl https://old.example/sms".split()]
    office.home.service.stop()
    office.home.service.start()
    office.wait_text(PHONE, "no longer changes them")
    assert office.twilio.console.number()["sms_url"] == "https://old.example/sms"
    assert office.command("configure", PHONE).returncode == 0
    office.wait(PHONE, WELL)
    assert office.twilio.console.number()["sms_url"] == f"{OURS}/sms"


def test_discovery(office: Office) -> None:
    """Contract, section 9: a new number is found on request on all pages, becomes a thing by its line, and leaves the inbox."""
    office.twilio.configure(page_limit=1)
    office.twilio.console.add_number(NEW, friendly_name="My number")
    done = office.command("discover")
    line = f'Thing twilio:phone:myaccount:4930123456 "Twilio: My number" ({ACCOUNT}) [ phoneNumber="{NEW}" ]'
    assert (done.returncode, done.stdout) == (0, f"{line}\n")
    (entry,) = office.inbox()
    assert entry["line"] == line
    assert (entry["bridgeUID"], entry["properties"]) == (ACCOUNT, {"phoneNumber": NEW})
    office.configure(f"{office.original}\n{done.stdout}")
    wait_until(lambda: office.inbox() == [], 15, "the inbox to be empty")
    office.wait("twilio:phone:myaccount:4930123456", WELL)
    new_url = "https://my.domain.com/twilio/callback/twilio:phone:myaccount:4930123456/sms"
    assert office.twilio.console.number(NEW)["sms_url"] == new_url
    done = office.command("discover", ACCOUNT)
    assert (done.stdout, done.stderr) == ("", "Every number of the account is a thing already.\n")


def test_discovery_in_the_background(office: Office) -> None:
    """Contract, section 9: numbers are searched whenever the account comes online; missing ones are removed."""
    office.twilio.console.add_number(NEW)
    office.configure(office.original + "\n")
    wait_until(lambda: [entry["properties"]["phoneNumber"] for entry in office.inbox()] == [NEW], 15)
    office.twilio.console.remove_number(NEW)
    office.configure(office.original)
    wait_until(lambda: office.inbox() == [], 15)


def test_discovery_whose_second_page_fails(office: Office) -> None:
    """A page that fails is reported to the requester, and removes nothing."""
    office.twilio.console.add_number(NEW)
    assert office.command("discover").returncode == 0
    office.twilio.configure(page_limit=1)
    office.twilio.faults.set("500", path=r"/2010-04-01/Accounts/AC\w+/IncomingPhoneNumbers.json", skip=1, count=1)
    done = office.command("discover")
    assert (done.returncode, done.stderr) == (1, f"Error: {ACCOUNT}: Twilio answered 500 (unknown)\n")
    assert len(office.inbox()) == 1


@pytest.mark.parametrize(
    ("thing", "action", "args", "code"),
    [
        (PHONE, "discover", {}, "unknown_thing"),
        (ACCOUNT, "restoreWebhooks", {}, "unknown_thing"),
        ("twilio:account:other", "discover", {}, "unknown_thing"),
        (ACCOUNT, "discover", {"all": True}, "bad_argument"),
        (PHONE, "restoreWebhooks", {}, "nothing_kept"),
    ],
)
def test_requests_that_are_refused(office: Office, thing: str, action: str, args: dict[str, object], code: str) -> None:
    """An invalid request is refused with a reason."""
    result = office.client.call(thing, action, args)
    assert (result.ok, result.code) == (False, code)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("configure", "twilio:phone:no:no"), f"unknown phone twilio:phone:no:no; known: {PHONE}"),
        (("discover", "twilio:account:no"), f"unknown account twilio:account:no; known: {ACCOUNT}"),
        (("restore",), "Missing argument"),
        (("restore", ""), f"the name of the phone is empty; known: {PHONE}"),
        (("configure", " "), f"the name of the phone is empty; known: {PHONE}"),
        (("discover", ""), f"the name of the account is empty; known: {ACCOUNT}"),
        (("send", "+15557654321", "x", "--from", ""), f"the name of the phone is empty; known: {PHONE}"),
    ],
)
def test_commands_that_make_no_sense(office: Office, arguments: tuple[str, ...], told: str) -> None:
    """A command with an unknown name lists the known ones."""
    done = office.command(*arguments)
    assert done.returncode != 0
    assert told in done.stderr


def test_commands_without_a_service(office: Office) -> None:
    """Without a running service, or a broker, a command says so."""
    done = office.command("things", TWILIO_BINDING_MQTT__BASE_TOPIC="nobody")
    assert (done.returncode, done.stderr) == (
        1,
        (
            "Error: the service is not running; start it with: twilio-binding run\n"
            "If it is running, the broker has no message on nobody/status, or does not let this user read it. Compare mqtt.url and "
            "mqtt.base_topic with those of the service, and check the broker's access list.\n"
        ),
    )
    done = office.command("discover", TWILIO_BINDING_MQTT__URL="mqtt://127.0.0.1:9")
    assert done.returncode == 1
    assert "no MQTT broker" in done.stderr
