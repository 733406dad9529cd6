"""How the openHAB stand-in reads texts: states, commands, dates, topics and the relay's input."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from twilio_binding.openhab.delivery.relay_text import Firing, ItemState, run_text
from twilio_binding.sandbox.openhab import datetimes
from twilio_binding.sandbox.openhab.command import read, written
from twilio_binding.sandbox.openhab.events import gson
from twilio_binding.sandbox.openhab.options import OpenHABOptions
from twilio_binding.sandbox.openhab.relay import DONE_CHANNEL, MEMORY, REFUSED_CHANNEL, Effects, EmulatedRelay
from twilio_binding.sandbox.openhab.states import State, after_command, parse_command, parse_state
from twilio_binding.sandbox.openhab.streams import topic_filter

_UTC = ZoneInfo("UTC")
_SCRIPT = '// twilio-relay 12\nif (x == "sesame") {}\nif (y == "other") {}'
_CHANNEL = "twilio:phone:a:b:sms-received"


@pytest.mark.parametrize(
    ("item_type", "text", "expected"),
    [
        ("String", "", State("String", "")),
        ("String", "null", State("String", "null")),
        ("String", "NULL", State("UnDef", "NULL")),
        ("Number", "12.50", State("Decimal", "12.50")),
        ("Number", "1e3", State("Decimal", "1000")),
        ("Number:Temperature", "21.5 °C", State("Quantity", "21.5 °C")),
        ("Switch", "ON", State("OnOff", "ON")),
        ("Contact", "OPEN", State("OpenClosed", "OPEN")),
        ("Dimmer", "ON", State("Percent", "100")),
        ("Rollershutter", "DOWN", State("Percent", "100")),
        ("Color", "120,100,50", State("HSB", "120,100,50")),
        ("Location", "48.1,11.5", State("Point", "48.1,11.5")),
        ("Player", "PAUSE", State("PlayPause", "PAUSE")),
        ("Image", "data:image/png;base64,AA==", State("Raw", "data:image/png;base64,AA==")),
        ("Image", "UNDEF", State("UnDef", "UNDEF")),
    ],
)
def test_states_that_are_taken(item_type: str, text: str, expected: State) -> None:
    """Every item type takes its own texts, and NULL and UNDEF."""
    assert parse_state(item_type, text, _UTC) == expected


@pytest.mark.parametrize(
    ("item_type", "text"),
    [
        ("Number", "abc"),
        ("Number", "NaN"),
        ("Number", " 1"),
        ("Switch", "on"),
        ("Switch", ""),
        ("Contact", "ON"),
        ("Dimmer", "101"),
        ("Color", "1,2"),
        ("Location", "91,0"),
        ("Location", "here"),
        ("Player", "STOP"),
        ("Image", "http://camera/x.png"),
        ("Image", "data:image/png,AA"),
        ("DateTime", "Sun, 22 Nov 2026 14:00:00 +0000"),
        ("Nonsense", "x"),
    ],
)
def test_states_that_are_refused(item_type: str, text: str) -> None:
    """Texts that are not states of the type are refused."""
    assert parse_state(item_type, text, _UTC) is None


@pytest.mark.parametrize(
    ("item_type", "text", "command", "after"),
    [
        ("String", "NULL", "String", State("String", "NULL")),
        ("Dimmer", "INCREASE", "IncreaseDecrease", None),
        ("Dimmer", "ON", "OnOff", State("Percent", "100")),
        ("Rollershutter", "STOP", "StopMove", None),
        ("Switch", "REFRESH", "Refresh", None),
        ("Switch", "BLA", None, None),
        ("Contact", "OPEN", None, None),
        ("Switch", "NULL", None, None),
    ],
)
def test_commands(item_type: str, text: str, command: str | None, after: State | None) -> None:
    """Commands are parsed by type, and only some of them become a state."""
    found = parse_command(item_type, text, _UTC)
    assert (found.type if found else None) == command
    assert (after_command(item_type, found, _UTC) if found else None) == after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-08-22 09:59:17", "2026-08-22T09:59:17.000+0200"),
        ("2026-01-22T09:59:17.5Z", "2026-01-22T10:59:17.500+0100"),
        ("2026-08-22T09:59:17.123456789-02", "2026-08-22T13:59:17.123456789+0200"),
        ("2026-08-22T09:59:17UTC", "2026-08-22T11:59:17.000+0200"),
        ("2026-08-22", "2026-08-22T00:00:00.000+0200"),
        ("09:59", "1970-01-01T09:59:00.000+0100"),
        ("1700000000", "2023-11-14T23:13:20.000+0100"),
        ("1700000000123", "2023-11-14T23:13:20.123+0100"),
    ],
)
def test_dates_are_printed_in_the_servers_zone(text: str, expected: str) -> None:
    """All date forms that openHAB reads are printed in the server's zone, without a colon, at least with milliseconds."""
    assert datetimes.canonical(text, ZoneInfo("Europe/Berlin")) == expected


@pytest.mark.parametrize(
    "text",
    ["", "T", "2026-13-01", "2026-08-22T25:00", "2026-08-22T09:59:17 UTC", "2026-08-22T09:59:17.1234567890", "x"],
)
def test_what_is_no_date(text: str) -> None:
    """Words, impossible days, a blank before the zone and more than nine digits are not dates."""
    assert datetimes.canonical(text, _UTC) is None


def test_stamps_of_events() -> None:
    """Moments in events carry nanoseconds and the name of the zone."""
    assert datetimes.stamp(1_795_363_084_089_252_123, _UTC) == "2026-11-22T15:58:04.089252123Z[Etc/UTC]"
    assert datetimes.stamp(1_795_363_084_000_000_000, ZoneInfo("Europe/Berlin")) == (
        "2026-11-22T16:58:04+01:00[Europe/Berlin]"
    )


def test_json_has_the_escapes_of_gson() -> None:
    """The characters that Gson escapes are escaped, all others stay."""
    assert gson({"a": "<é='&>\u2028😀"}) == '{"a":"\\u003cé\\u003d\\u0027\\u0026\\u003e\\u2028😀"}'


@pytest.mark.parametrize("topics", ["!x", "a;b", "a.b", "a#b", "(a)", "ä"])
def test_topics_that_are_never_answered(topics: str) -> None:
    """Characters outside openHAB's list make no filter."""
    assert topic_filter(topics) is None


class _Effects:
    """The effects of a run, in order."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def run(self, relay: EmulatedRelay, text: str, script: str = _SCRIPT) -> list[tuple[object, ...]]:
        """Run the relay with a text; what it did."""
        self.done = []
        effects = Effects(
            set_item=self._set,
            command=lambda item, command: self._note("command", item, command),
            post=self._note,
            wait=lambda milliseconds: self._note("wait", milliseconds),
        )
        relay.run(script, text, effects)
        return self.done

    def _set(self, item: str, state: str) -> str:
        self._note("set", item, state)
        return "no" if item == "Bad" else ""

    def _note(self, *what: object) -> None:
        self.done.append(what)


def test_relay_reads_its_secret_from_the_script() -> None:
    """The first comparison with a text is the secret; a script without the header line is not a relay."""
    relay, effects = EmulatedRelay(), _Effects()
    assert effects.run(relay, f"sesame\n0 1 - {_CHANNEL} a b") == [(_CHANNEL, "a b")]
    assert effects.run(relay, f"other\n0 2 - {_CHANNEL} x") == []
    assert effects.run(relay, f"sesame\n0 3 - {_CHANNEL} x", _SCRIPT[3:]) == []


def test_relay_carries_out_what_the_service_writes() -> None:
    """States come before the trigger, with every character; refused states are reported; pauses are in between."""
    text = "a&b=c!d% +\n\r😀 \u2028\x00"
    states = tuple(
        ItemState(item=item, link="", text=text, is_command=command)
        for item, command in (("Good", False), ("Bad", False), ("Both", True))
    )
    firings = [
        Firing(id="1", thing="t", states=states, channel=_CHANNEL, payload="x y"),
        Firing(id="2", thing="u"),
        Firing(id="3", thing="t", channel=_CHANNEL, payload=""),
        Firing(id="1", thing="t", states=states),
    ]
    assert _Effects().run(EmulatedRelay(), run_text("sesame", firings), f"{_SCRIPT} setState") == [
        ("set", "Good", text),
        ("set", "Bad", text),
        (REFUSED_CHANNEL, "1 Bad no"),
        ("command", "Both", text),
        ("set", "Both", text),
        (_CHANNEL, "x y"),
        (DONE_CHANNEL, "2"),
        ("wait", 5),
        (_CHANNEL, ""),
        ("wait", 5),
        (DONE_CHANNEL, "1"),
        ("wait", 5),
    ]


def test_relay_waits_as_long_as_rules_need() -> None:
    """An event without a pause is followed immediately; a pause for one thing counts for others, too."""
    firings = [
        Firing(id=f"{number}", thing=thing, pause=pause)
        for number, (thing, pause) in enumerate([("t", 5), ("u", 0), ("u", 2), ("t", 2), ("u", 0), ("t", 0)])
    ]
    waits = [what for what in _Effects().run(EmulatedRelay(), run_text("sesame", firings)) if what[0] == "wait"]
    assert waits == [("wait", 5), ("wait", 2)]


def test_relay_stops_at_a_channel_that_cannot_be() -> None:
    """A malformed UID ends the run, as the exception in the script does; short lines are skipped."""
    text = f"sesame\n0 short line\n0 1 - {_CHANNEL} a\n0 2 - twilio:bad x\n0 3 - {_CHANNEL} b"
    effects = _Effects()
    with pytest.raises(ValueError, match="twilio:bad"):
        effects.run(EmulatedRelay(), text)
    assert effects.done == [(_CHANNEL, "a")]


def test_relay_forgets_the_oldest_ids() -> None:
    """The memory is limited; an id in it is fired once."""
    relay, effects = EmulatedRelay(), _Effects()
    for number in range(MEMORY + 1):
        effects.run(relay, f"sesame\n0 {number} - {_CHANNEL} x")
    assert effects.run(relay, f"sesame\n0 {MEMORY} - {_CHANNEL} x") == [(DONE_CHANNEL, str(MEMORY))]
    assert effects.run(relay, f"sesame\n0 0 - {_CHANNEL} x") == [(_CHANNEL, "x")]


def test_command_line_carries_all_options() -> None:
    """The options of a command line are read back unchanged."""
    options = OpenHABOptions(token="T", port=8080, implicit_user=False, startup_factor=0.05, version="5.1")
    assert read([*written(options), "--until-eof"]) == (options, True)
