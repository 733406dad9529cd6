"""JSON output of failing commands: the reason is in it, and the exit code is the usual one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from twilio_binding.cli import cli

NOBODY = {"TWILIO_BINDING_MQTT__URL": "mqtt://127.0.0.1:1", "TWILIO_BINDING_DATA_DIR": "/nowhere"}


@pytest.mark.parametrize(
    "line",
    [
        "send --json",
        "send --json +15557654321",
        "send nonsense hello --json",
        "send +15557654321 hello --json --timeout soon",
        "call --json",
        "call +15557654321 --voice x --twiml <Response/> --json",
        "alarm start --json",
        "alarm list --json surplus",
        "alarm nonsense --json",
        "things --json surplus",
        "events --json --since whenever",
        "events --json --last many",
        f"events --json --last {10**23}",
        "events --json --last -2",
        "discover --json --surplus",
        "doctor --json --wait long",
        "doctor --send nonsense --json",
        "things --json --config sub/",
        "data backup sub/ --json",
        "nonsense --json",
    ],
)
def test_wrong_usage(line: str) -> None:
    """Any wrong command line prints one object with the code `usage`, with exit code 2."""
    done = CliRunner().invoke(cli, line.split(), env=NOBODY)
    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert (told["ok"], told["error"]["code"]) == (False, "usage")
    assert told["error"]["message"] and told["error"]["message"] in done.stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("send +15557654321 hello --json", "not_asked"),
        ("things --json", "failed"),
        ("discover --json", "failed"),
        ("alarm list --json", "failed"),
        ("events --json", "failed"),
        ("things --json --config /nowhere.toml", "failed"),
    ],
)
def test_nobody_there(line: str, code: str) -> None:
    """A command that cannot be carried out does so, too, with exit code 1."""
    done = CliRunner().invoke(cli, line.split(), env=NOBODY)
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["ok"], told["error"]["code"]) == (False, code)
    assert told["error"]["message"] in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "things --config {}",
        "setup --non-interactive --config {}",
        "setup --non-interactive --mqtt-ca-file {}",
        "events",
    ],
)
@pytest.mark.parametrize("variable", ["UNUSED", "CONFIG", "DATA_DIR", "THINGS", "MQTT__CA_FILE"])
def test_names_that_no_file_can_have(line: str, variable: str) -> None:
    """A name that the operating system rejects, in an option or a setting, also ends in one line."""
    name = "a" * 5000
    env = NOBODY | {f"TWILIO_BINDING_{variable}": json.dumps([name]) if variable == "THINGS" else name}
    done = CliRunner().invoke(cli, line.format(name).split(), env=env)
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(("Error: ", "settings")), done.stderr


@pytest.mark.parametrize("number", ["0", f"{10**23}", "x"])
def test_events_that_cannot_be(number: str) -> None:
    """An impossible event number is refused before the journal is asked."""
    done = CliRunner().invoke(cli, ["replay", number], env=NOBODY)
    assert (done.exit_code, "EVENT_ID" in done.stderr) == (2, True)


@pytest.mark.parametrize("line", ["send --", "send -- --json", "things surplus"])
def test_people_are_told_on_standard_error_only(line: str) -> None:
    """Without the option there is no JSON; after `--` it is not the option."""
    done = CliRunner().invoke(cli, line.split(), env=NOBODY)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr
