"""The Twilio stand-in at its worst: what the SDK and bare clients see of each fault, and what the stand-in did.

Leans on: which exceptions the SDK raises (9.13.0), and that a request may have had its effect without an answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from lab.standins.client import TwilioStandIn
from tests.standins import twilio_standin
from tests.waiting import wait_until
from twilio_binding.sandbox import openhab
from twilio_binding.sandbox import twilio as sandbox
from twilio_binding.sandbox.twilio import TwilioControl

OURS = "+15551234567"
TO = "+15557654321"
MESSAGES = "/2010-04-01/.*/Messages"


@pytest.fixture(scope="module")
def server() -> Iterator[TwilioStandIn]:
    """A stand-in whose webhooks go nowhere."""
    with twilio_standin(deliver_to="http://127.0.0.1:9", pause=0.001) as up:
        yield up


@pytest.fixture
def twilio(server: TwilioStandIn) -> TwilioStandIn:
    """The stand-in as good as new."""
    server.faults.up()
    server.reset()
    return server


@pytest.fixture
def client(twilio: TwilioStandIn) -> Iterator[Any]:
    """Twilio's SDK, with a time limit."""
    options = twilio.options
    client: Any = Client(options.account_sid, options.auth_token, http_client=TwilioHttpClient(timeout=30))
    client.api.base_url = twilio.url
    yield client
    client.http_client.session.close()


def send(client: Any) -> Any:
    """Send a message."""
    return client.messages.create(to=TO, from_=OURS, body="x")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("401", 401, 20003), ("429", 429, 20429), ("500", 500, 20500), ("html", 502, 502)],
)
def test_refusals_for_so_many_requests(client: Any, twilio: TwilioStandIn, fault: str, status: int, code: int) -> None:
    """Twilio refuses as often as configured, does nothing, and then works again."""
    twilio.faults.set(fault, count=2)
    for _ in range(2):
        with pytest.raises(TwilioRestException) as caught:
            send(client)
        assert (caught.value.status, caught.value.code) == (status, code)
    assert twilio.messages() == []
    assert send(client).sid


def test_fault_of_your_own(client: Any, twilio: TwilioStandIn) -> None:
    """Status and body are free, the first hits can be spared, and other requests go on."""
    twilio.faults.set("status", path=MESSAGES, method="POST", skip=1, count=1, status=418, body='{"code": 12345}')
    assert send(client).sid
    assert client.messages.list()
    with pytest.raises(TwilioRestException) as caught:
        send(client)
    assert (caught.value.status, caught.value.code) == (418, 12345)


@pytest.mark.parametrize(("fault", "body"), [("empty", ""), ("nonsense", '{"sid": ["queued"')])
def test_success_that_cannot_be_read(client: Any, twilio: TwilioStandIn, fault: str, body: str) -> None:
    """An empty or a broken body with a good status is not a result, whatever the SDK makes of it."""
    twilio.faults.set(fault, count=2)
    try:
        assert send(client).sid is None
    except json.JSONDecodeError:
        assert fault == "nonsense"
    auth = (twilio.options.account_sid, twilio.options.auth_token)
    url = f"{twilio.url}/2010-04-01/Accounts/{auth[0]}/Messages.json"
    answer = requests.post(url, auth=auth, data={"To": TO, "From": OURS, "Body": "x"}, timeout=30)
    assert (answer.status_code, answer.text) == (200, body)
    assert twilio.messages() == []


@pytest.mark.parametrize("fault", ["reset", "cut"])
def test_answer_is_lost_and_the_message_is_not(client: Any, twilio: TwilioStandIn, fault: str) -> None:
    """The connection ends before or during the answer, but the message was created."""
    twilio.faults.set(fault, count=1, effect=True)
    with pytest.raises(requests.exceptions.RequestException):
        send(client)
    (message,) = twilio.messages()
    assert [each.sid for each in client.messages.list()] == [message["sid"]]


@pytest.mark.parametrize("took", [True, False])
def test_no_answer_comes(client: Any, twilio: TwilioStandIn, took: bool) -> None:  # noqa: FBT001
    """Twilio can leave a request without an answer, with or without its effect."""
    twilio.faults.set("hang", count=1, effect=took)
    client.http_client.timeout = 0.5
    with pytest.raises(requests.exceptions.ReadTimeout):
        send(client)
    if took:
        wait_until(twilio.messages)
    else:
        assert twilio.messages() == []


def test_slow_answer(client: Any, twilio: TwilioStandIn) -> None:
    """A slow answer is a good one that comes later."""
    twilio.faults.set("slow", count=1, seconds=0.2)
    started = time.monotonic()
    assert send(client).sid
    assert time.monotonic() - started >= 0.2


def test_slow_and_refused(client: Any, twilio: TwilioStandIn) -> None:
    """A delay and a refusal add up."""
    twilio.faults.set("slow", count=1, seconds=0.1)
    twilio.faults.set("429", count=1)
    started = time.monotonic()
    with pytest.raises(TwilioRestException):
        send(client)
    assert time.monotonic() - started >= 0.1


def test_down_and_up(client: Any, twilio: TwilioStandIn) -> None:
    """While Twilio is down connections are refused, open ones are cut, and the control API answers."""
    assert send(client).sid
    twilio.faults.down()
    with pytest.raises(requests.exceptions.ConnectionError):
        send(client)
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        requests.get(twilio.url, timeout=30)
    assert len(twilio.messages()) == 1
    twilio.faults.up()
    assert send(client).sid


def test_faults_are_cleared(client: Any, twilio: TwilioStandIn) -> None:
    """A fault without a count lasts until it is removed."""
    twilio.faults.set("500")
    for _ in range(3):
        with pytest.raises(TwilioRestException):
            send(client)
    twilio.faults.clear()
    assert send(client).sid


def test_faults_do_not_strike_the_control_api(twilio: TwilioStandIn) -> None:
    """Whatever Twilio does, tests stay in control."""
    twilio.faults.set("reset")
    assert twilio.messages() == []
    assert twilio.receive_sms("x")["status"] == 0


def test_process_of_its_own() -> None:
    """The command prints one line of JSON, serves, and ends on SIGTERM with 0."""
    command = [sys.executable, "-m", "twilio_binding.sandbox", "twilio", "--port", "0", "--number", "+15550001111"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            sandbox = TwilioControl(json.loads(process.stdout.readline())["url"])
            assert sandbox.options.number == "+15550001111"
            sandbox.close()
        finally:
            process.terminate()
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


def test_process_ends_with_its_standard_input() -> None:
    """A stand-in whose parent is gone does not stay."""
    command = [sys.executable, "-m", "twilio_binding.sandbox", "twilio", "--until-eof"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(30) == 0


def test_bad_command_line() -> None:
    """A stand-in that cannot start says so."""
    with pytest.raises(RuntimeError, match="did not start"), twilio_standin(port=1, host="203.0.113.1"):
        pass


def test_stand_ins_of_the_product_take_no_faults() -> None:
    """The stand-ins that `twilio-binding sandbox` and `demo` start cannot be told to fail."""
    with (
        openhab.OpenHABStandIn(openhab.OpenHABOptions()) as at_home,
        sandbox.TwilioStandIn(sandbox.TwilioOptions()) as on_the_phone,
    ):
        for url in (at_home.control_url, on_the_phone.connection.url):
            for path in ("faults", "down"):
                answer = requests.post(f"{url}/sandbox/{path}", json={"kind": "status"}, timeout=30)
                assert answer.status_code == 404
