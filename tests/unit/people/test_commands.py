"""Commands to channels: refusals with reasons, their order, and that each is carried out once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Announced
from tests.waiting import wait_until
from twilio_binding.dsl import parse_things
from twilio_binding.model.configuration import load_things
from twilio_binding.model.things import Things
from twilio_binding.people.commands import Commands
from twilio_binding.protocol.commands import Command, Way, read_command
from twilio_binding.protocol.errors import Refusal
from twilio_binding.protocol.topics import Topics

ADA, FIRE = "twilio:contact:a:ada", "twilio:alarm:a:fire"
_FILE = f"""
Bridge twilio:account:a [ accountSid="AC{"0" * 32}", authToken="hidden" ] {{
  Thing phone p [ phoneNumber="+15551234567" ]
  Thing contact ada [ phoneNumber="+15557654321" ]
  Thing alarm fire [ steps="text ada" ]
}}
"""


class Configured:
    """The things of a file."""

    def __init__(self) -> None:
        self.things, _ = load_things(parse_things(_FILE, "f"))

    def current(self) -> Things:
        """The things."""
        return self.things


_CONFIGURED = Configured()


class Desk:
    """Commands with a controlled clock, and those that were carried out."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.followed: list[tuple[str, str, str]] = []
        self.failures: list[Exception] = []
        self.taken = 0
        self.commands = Commands(Configured(), clock=lambda: self.now)
        self.commands.subscribe("contact", self._follow)
        self.commands.subscribe("alarm", self._follow)
        self.commands.start()

    def _follow(self, command: Command) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.followed.append((command.thing, command.channel, command.value))

    def take(self, value: str, way: Way = "mqtt", *, channel: str = "message", command_id: str = "") -> None:
        """Accept a command to a contact, and wait until it is done."""
        before = self.taken
        self.commands.take(Command(thing=ADA, channel=channel, value=value, way=way, id=command_id), self._count)
        wait_until(lambda: self.taken > before, 10, "the end of the command")

    def _count(self) -> None:
        self.taken += 1

    @property
    def values(self) -> list[str]:
        """The values of commands that were carried out, in order."""
        return [value for _, _, value in self.followed]


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Commands that are started."""
    desk = Desk()
    yield desk
    desk.commands.stop(time.monotonic() + 5)


def test_commands_are_followed_in_order(desk: Desk) -> None:
    """Each goes to the follower of its thing type; a switch accepts ON and OFF in any case, a text stays unchanged."""
    desk.take(" Hello \n")
    desk.commands.take(Command(thing=FIRE, channel="active", value="on"))
    desk.commands.take(Command(thing=FIRE, channel="message", value="Smoke"))
    desk.take("007", channel="unread")
    assert desk.followed == [
        (ADA, "message", " Hello \n"),
        (FIRE, "active", "ON"),
        (FIRE, "message", "Smoke"),
        (ADA, "unread", "007"),
    ]


@pytest.mark.parametrize(
    ("thing", "channel", "value", "code"),
    [
        ("twilio:contact:a:eve", "message", "x", "unknown_thing"),
        ("twilio:phone:a:p", "last-message-body", "x", "unknown_thing"),
        ("mqtt:topic:a", "message", "x", "unknown_thing"),
        (ADA, "message-date", "x", "not_writable"),
        (ADA, "message-received", "x", "not_writable"),
        (ADA, "colour", "x", "not_writable"),
        (ADA, "message", "  ", "bad_command"),
        (ADA, "unread", "many", "bad_command"),
        (ADA, "unread", "-1", "bad_command"),
        (FIRE, "active", "50", "bad_command"),
        (FIRE, "active", "TOGGLE", "bad_command"),
        ("twilio:alarm:a:gone", "active", "ON", "unknown_thing"),
        ("twilio:alarm:a:gone", "state", "OFF", "not_writable"),
    ],
)
def test_commands_that_are_refused(desk: Desk, thing: str, channel: str, value: str, code: str) -> None:
    """Commands that cannot be carried out are refused immediately with a reason, and reach no follower."""
    with pytest.raises(Refusal) as caught:
        desk.commands.take(Command(thing=thing, channel=channel, value=value), desk._count)
    assert caught.value.code == code
    assert (desk.followed, desk.taken) == ([], 0)


def test_an_alarm_that_is_no_longer_configured_can_be_ended(desk: Desk) -> None:
    """It may still be active: its steps go on."""
    desk.commands.take(Command(thing="twilio:alarm:a:gone", channel="active", value="off"), desk._count)
    wait_until(lambda: desk.taken)
    assert desk.followed == [("twilio:alarm:a:gone", "active", "OFF")]


def test_command_that_is_late(desk: Desk) -> None:
    """A command after its deadline does nothing: nobody wants the garage to open an hour later."""
    with pytest.raises(Refusal, match="deadline"):
        desk.commands.take(Command(thing=ADA, channel="message", value="x", deadline=time.time() - 1))


def test_command_that_comes_from_openhab_in_both_ways(desk: Desk) -> None:
    """A command to an item arrives from script and event stream, in any order, and is carried out once."""
    desk.take("one", "stream")
    desk.take("one", "script")
    desk.take("two", "script")
    desk.take("two", "stream")
    assert desk.values == ["one", "two"]


def test_same_command_twice(desk: Desk) -> None:
    """Two commands with the same text are two, on one way or both."""
    ways: tuple[Way, ...] = ("stream", "stream", "script", "script")
    for way in ways:
        desk.take("again", way)
    desk.take("once more", "mqtt")
    desk.take("once more", "mqtt")
    assert desk.values == ["again", "again", "once more", "once more"]


def test_copy_that_came_in_one_way_only_is_forgotten(desk: Desk) -> None:
    """A command that the stream missed does not swallow a later one."""
    desk.take("one", "script")
    desk.now += 400
    desk.take("one", "stream")
    assert desk.values == ["one", "one"]


def test_same_id(desk: Desk) -> None:
    """The broker may deliver a message twice: the same id means the same command."""
    desk.take("one", "script", command_id="1")
    desk.take("one", "script", command_id="1")
    desk.take("one", "mqtt", command_id="2")
    assert desk.values == ["one", "one"]


def test_what_may_pass_is_tried_again(desk: Desk) -> None:
    """A command is not lost because of a disk that is slow for a moment."""
    desk.failures = [Refusal("database_busy", "the disk is slow", retryable=True)]
    desk.take("one")
    assert desk.values == ["one"]


def test_failure_of_one_command(desk: Desk, announced: Announced) -> None:
    """A refused command is logged, and the next one is carried out."""
    announced("command.refused", "command.failed")
    desk.failures = [Refusal("too_long", "it is too long")]
    desk.take("one")
    desk.failures = [KeyError("x")]
    desk.take("two")
    desk.take("three")
    assert desk.values == ["three"]


@pytest.mark.parametrize(
    ("payload", "command"),
    [
        (b"ON", Command(thing="t", channel="c", value="ON")),
        ("Grüße ☃".encode(), Command(thing="t", channel="c", value="Grüße ☃")),
        (b'{"a":1}', Command(thing="t", channel="c", value='{"a":1}')),
        (b'{"value":', Command(thing="t", channel="c", value='{"value":')),
        (b'{"value":"ON"}', Command(thing="t", channel="c", value="ON")),
        (
            b'{"value":"x","id":"1","deadline":2000,"source":"openhab"}',
            Command(thing="t", channel="c", value="x", way="script", id="1", deadline=2.0),
        ),
    ],
)
def test_forms_of_a_command(payload: bytes, command: Command) -> None:
    """The plain value, or JSON with a value; other JSON is plain text."""
    assert read_command(Topics(), "twilio/command/t/c", payload) == command


def test_form_of_the_script() -> None:
    """The form that the script writes reads as a command from openHAB."""
    command = Command(thing="t", channel="c", value="a\nb", way="script", id="1", deadline=5.0)
    assert read_command(Topics(), "twilio/command/t/c", command.encode()) == command


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("twilio/command/t", b"ON", "bad_topic"),
        ("twilio/command/t/c/d", b"ON", "bad_topic"),
        ("twilio/command//c", b"ON", "bad_topic"),
        ("twilio/command/t/c", b"\xff", "malformed"),
        ("twilio/command/t/c", b"x" * 20_000, "too_large"),
        ("twilio/command/t/c", b'{"value":1}', "malformed"),
        ("twilio/command/t/c", b'{"value":"x","id":7}', "malformed"),
        ("twilio/command/t/c", b'{"value":"x","deadline":"soon"}', "malformed"),
        ("twilio/command/t/c", b'{"value":"x","deadline":true}', "malformed"),
    ],
)
def test_commands_that_cannot_be_read(topic: str, payload: bytes, code: str) -> None:
    """Each is refused with a code and a reason."""
    with pytest.raises(Refusal) as caught:
        read_command(Topics(), topic, payload)
    assert caught.value.code == code


@given(
    st.sampled_from([ADA, FIRE, "twilio:contact:a:eve", "", "x/y"]) | st.text(max_size=20),
    st.sampled_from(["message", "unread", "active", "state", ""]) | st.text(max_size=10),
    st.binary(max_size=60) | st.text(max_size=30).map(lambda text: json.dumps({"value": text}).encode()),
)
@settings(deadline=None)
def test_any_command(thing: str, channel: str, payload: bytes) -> None:
    """Any publication is a valid command, or is refused with a reason."""
    commands = Commands(_CONFIGURED)
    try:
        command = read_command(Topics(), f"twilio/command/{thing}/{channel}", payload)
        commands.take(command)
    except Refusal:
        return
    assert (thing, channel) in {(ADA, "message"), (ADA, "unread"), (FIRE, "active"), (FIRE, "message")}
