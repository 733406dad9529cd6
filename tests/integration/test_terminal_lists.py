"""Lists of commands: for people at the width of their terminal, for programs as JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from lab.standins.stack import Stack
from tests.terminal import begin, clean, command
from tests.waiting import wait_until
from twilio_binding.actions import Phone
from twilio_binding.sandbox.demo_rule import PHONE

TO, LOST = "+15557654321", "+15557650000"


def settings(home: Stack) -> dict[str, str]:
    """The settings of the running service."""
    return {"DATA_DIR": str(home.folder / "data"), "MQTT__URL": home.broker.url}


def listed(home: Stack, *arguments: str) -> list[dict[str, Any]]:
    """The output of `events --json`."""
    done = command(home.folder, "events", "--json", *arguments, **settings(home))
    assert (done.returncode, done.stderr) == (0, "")
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def screen(home: Stack, *arguments: str, **more: str) -> str:
    """The output in a terminal of 60 columns, with additional environment variables."""
    environment = {
        name: value for name, value in clean(**settings(home)).items() if name not in {"NO_COLOR", "COLUMNS"}
    }
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "twilio_binding", *arguments],
        cwd=str(home.folder),
        env={**environment, "TERM": "xterm", **more},
        timeout=30,
        encoding="utf-8",
        dimensions=(24, 60),
    )
    try:
        shown = terminal.read()
    finally:
        terminal.close()
    return str(shown).replace("\r\n", "\n")


def test_what_went_out_is_listed_with_its_outcome(home: Stack, own_phone: Phone) -> None:
    """A send is listed with its recipients and the latest status of each, without its text, and with masked numbers."""
    home.twilio.failing(LOST, "undelivered", 30003)
    result = own_phone.sendSMS([TO, LOST, "+15005550001"], "a private text")
    assert result.code == "partly_failed"
    wait_until(lambda: listed(home, "--out")[-1]["recipients"][1]["status"] == "undelivered", 15)
    (entry,) = [one for one in listed(home, "--out") if one["outcome"] == "partly_sent"]
    assert (entry["direction"], entry["thing"], entry["action"]) == ("out", PHONE, "sendSMS")
    assert "payload" not in entry
    first, second, third = entry["recipients"]
    assert (first["to"], first["sid"]) == ("+15***21", result.results[0].sid)
    assert second["status"] == "undelivered"
    assert third["error"]["code"] == "twilio.21211"
    full = listed(home, "--out", "--numbers", "--payload")[-1]
    assert [one["to"] for one in full["recipients"]] == [TO, LOST, "+15005550001"]
    assert full["payload"]["message"] == "a private text"
    done = command(home.folder, "events", "--out", **settings(home))
    assert f"{PHONE}:sendSMS  partly sent  to=+15***21 (" in done.stdout
    assert f"+15***00 (undelivered {second['sid']}), +15***01 (twilio.21211)" in done.stdout
    assert "private" not in done.stdout
    assert TO not in done.stdout


def test_send_that_is_under_way_waits(home: Stack) -> None:
    """A send that Twilio has not accepted yet is listed as waiting, and later as sent."""
    home.twilio.faults.down()
    try:
        sending = begin(home.folder, "send", TO, "waits", "--timeout", "20", **settings(home))
        (entry,) = wait_until(lambda: listed(home, "--out", "--waiting"), 20)
        assert (entry["outcome"], entry["recipients"]) == ("waiting", [{"to": "+15***21", "sid": "", "status": ""}])
        shown = command(home.folder, "events", "--waiting", **settings(home)).stdout
        assert f"{PHONE}:sendSMS  waiting  to=+15***21" in shown
    finally:
        home.twilio.faults.up()
    assert (sending.communicate(timeout=25)[1], sending.returncode) == ("", 0)
    assert listed(home, "--out", "--limit", "1")[0]["outcome"] == "sent"


def test_lists_are_filtered(home: Stack, own_phone: Phone) -> None:
    """Lists are filtered by direction, thing, time and number of entries, and ordered by time."""
    home.twilio.receive_sms("first")
    home.service.wait_delivered()
    assert own_phone.sendSMS(TO, "second")
    both = listed(home, "--since", "5m")
    assert [one["time"] for one in both] == sorted(one["time"] for one in both)
    assert {one["direction"] for one in both} == {"in", "out"}
    assert {one["direction"] for one in listed(home, "--in")} == {"in"}
    assert [len(listed(home, "--last", count)) for count in ("0", "1", "2")] == [0, 1, 2]
    assert len(listed(home, "--last", "-1")) >= len(both)
    assert listed(home, "--thing", "myphone") == listed(home, "--thing", PHONE)
    assert listed(home, "--thing", "my_hone") == listed(home, "--thing", "phone") == []
    assert listed(home, "--since", "2999-01-01") == []
    assert listed(home, "--since", "2020-01-01T10:00+02:00") == listed(home)
    nothing = command(home.folder, "events", "--out", "--thing", "slip", **settings(home))
    assert nothing.stdout == "Nothing went out yet for slip.\n"


def test_list_that_is_cut_says_so(home: Stack, own_phone: Phone) -> None:
    """If there are more entries than shown, standard error says how many; the whole list and JSON say nothing."""
    home.twilio.receive_sms("one of several")
    home.service.wait_delivered()
    assert own_phone.sendSMS(TO, "another one")
    everything = listed(home, "--last", "-1")
    cut = command(home.folder, "events", "--last", "1", **settings(home))
    assert len(cut.stdout.splitlines()) == 1
    told = re.fullmatch(r"1 of (\d+) entries; `--limit -1` shows all\.\n", cut.stderr)
    # The statuses of the sent text may come in meanwhile.
    assert told and len(everything) <= int(told[1]) <= len(listed(home, "--last", "-1"))
    went_out = sum(one["direction"] == "out" for one in everything)
    waiting = command(home.folder, "events", "--out", "--last", str(went_out), **settings(home))
    assert (len(waiting.stdout.splitlines()), waiting.stderr) == (went_out, "")


def test_time_that_is_none(tmp_path: Path) -> None:
    """An invalid time ends with exit code 2 and examples."""
    done = command(tmp_path, "events", "--since", "yesterday")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Invalid value for '--since': 'yesterday' is not a time." in done.stderr


def test_things_as_json(home: Stack) -> None:
    """`things --json` is what the service publishes."""
    done = command(home.folder, "things", "--json", **settings(home))
    things = {thing["uid"]: thing for thing in json.loads(done.stdout)}
    assert (done.returncode, things[PHONE]["status"]) == (0, "ONLINE")
    assert things[PHONE]["properties"]["smsWebhookUrl"].endswith(f"{PHONE}/sms")


def test_discovery_as_json(home: Stack) -> None:
    """`discover --json` is an array, also an empty one."""
    done = command(home.folder, "discover", "--json", **settings(home))
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_lines_fit_the_terminal(home: Stack) -> None:
    """At 60 columns no line is longer, except single words; nothing is cut, and a pipe gets whole lines."""
    home.twilio.receive_sms("fits")
    home.service.wait_delivered()
    piped = command(home.folder, "events", "--last", "1", **settings(home))
    shown = screen(home, "events", "--last", "1")
    assert len(shown.splitlines()) > len(piped.stdout.splitlines()) == 1
    assert shown.split() == (piped.stdout + piped.stderr).split()
    assert all(len(line) <= 60 or len(line.split()) == 1 for line in shown.splitlines())


@pytest.mark.parametrize(
    ("more", "is_coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours(home: Stack, more: dict[str, str], *, is_coloured: bool) -> None:
    """Colors are for terminals that support them, unless the user disables them."""
    shown = screen(home, "things", **more)
    assert "ONLINE" in shown
    assert ("\x1b[" in shown) is is_coloured
    piped = command(home.folder, "things", **settings(home)).stdout
    assert re.sub(r"\x1b\[\d*m", "", shown).split() == piped.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(tmp_path: Path, shell: str) -> None:
    """The completion script works as documented, and completes commands and options."""
    environment = {**os.environ, "_TWILIO_BINDING_COMPLETE": f"{shell}_source"}
    run = [sys.executable, "-c", "from twilio_binding.__main__ import main; main()"]
    script = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=30, check=True).stdout
    assert "twilio-binding" in script
    environment |= {"_TWILIO_BINDING_COMPLETE": f"{shell}_complete", "COMP_WORDS": "twilio-binding send --wh"}
    environment |= {"COMP_CWORD": "--wh" if shell == "fish" else "2"}
    offered = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=30, check=True).stdout
    assert "--whatsapp" in offered
