"""`twilio-binding setup`, on a terminal and in scripts without one."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pexpect
import pytest

from lab.standins.client import OpenHABStandIn, TwilioStandIn
from tests.certificates import Authority, TLSServer
from tests.terminal import clean, command
from tests.waiting import wait_until
from twilio_binding.sandbox.broker import BrokerProcess
from twilio_binding.sandbox.openhab import OpenHABOptions
from twilio_binding.sandbox.ports import free_port
from twilio_binding.sandbox.twilio import TwilioOptions
from twilio_binding.settings import load
from twilio_binding.setup import things_text

SID = "AC" + "7a" * 16
AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
API_TOKEN = "oh.setup.0123456789"
NUMBER = "+15551234567"


@dataclass(frozen=True, slots=True)
class Around:
    """The servers that the set-up finds."""

    openhab: OpenHABStandIn
    twilio: TwilioStandIn
    broker: BrokerProcess


@pytest.fixture(scope="module")
def _around(tmp_path_factory: pytest.TempPathFactory, broker: BrokerProcess) -> Iterator[Around]:
    with ExitStack() as cleanup:
        options = OpenHABOptions(items=tmp_path_factory.mktemp("items"), token=API_TOKEN, version="5.3")
        openhab = cleanup.enter_context(OpenHABStandIn(options))
        twilio = cleanup.enter_context(TwilioStandIn(TwilioOptions(account_sid=SID, auth_token=AUTH_TOKEN)))
        yield Around(openhab, twilio, broker)


@pytest.fixture
def around(_around: Around) -> Around:
    """The servers, reset."""
    _around.openhab.contents.unload_script()
    _around.openhab.faults.clear()
    _around.twilio.faults.clear()
    return _around


class User:
    """A user with an own home folder."""

    def __init__(self, home: Path, around: Around) -> None:
        self.home = home
        self.around = around
        self.file = home / ".config" / "twilio-binding" / "twilio-binding.toml"
        self.things = self.file.parent / "things" / "twilio.things"
        self.conf = home / "conf"
        (self.conf / "things").mkdir(parents=True)
        self.environment = clean(TWILIO__API_URL=around.twilio.url, ADMIN__LISTEN=f"127.0.0.1:{free_port()}")
        self.environment |= {"HOME": str(home), "NO_COLOR": "1", "COLUMNS": "300"}
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            self.environment.pop(name, None)
        # As root, the machine's file would be used.
        self.config: tuple[str, ...] = ("--config", str(self.file))

    def terminal(self, *options: str) -> pexpect.spawn[str]:
        """The assistant on a terminal."""
        words = ["-m", "twilio_binding", "setup", *self.config, *options]
        return pexpect.spawn(
            sys.executable,
            words,
            cwd=str(self.home),
            env=self.environment,
            encoding="utf-8",
            codec_errors="replace",
            timeout=60,
            dimensions=(50, 300),
        )

    def script(self, *options: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """The assistant without a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "twilio_binding", "setup", *self.config, *options],
            cwd=self.home,
            env=self.environment | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    def answers(self) -> list[tuple[str, str]]:
        """Each question with a good answer."""
        return [
            ("URL of openHAB", self.around.openhab.url),
            ("API token", API_TOKEN),
            ("URL of the broker", self.around.broker.url),
            ("Account SID", SID),
            ("Auth Token", AUTH_TOKEN),
            ("Numbers to use", "1"),
            ("Way to reach the service", "url"),
            ("Public URL", "https://home.example.com"),
            ("Write these changes\\?", "y"),
        ]

    def options(self) -> tuple[str, ...]:
        """The same as options, except the secrets."""
        openhab = ("--openhab-url", self.around.openhab.url, "--mqtt-url", self.around.broker.url)
        return ("--non-interactive", "--no-doctor", *openhab, "--account-sid", SID)

    def secrets(self) -> dict[str, str]:
        """The secrets as variables."""
        return {"TWILIO_BINDING_OPENHAB__TOKEN": API_TOKEN, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}

    def written(self) -> list[str]:
        """The names of all existing files."""
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*") if path.is_file())


@pytest.fixture
def user(tmp_path: Path, around: Around) -> User:
    """A user without any files."""
    return User(tmp_path, around)


def _play(terminal: pexpect.spawn[str], answers: list[tuple[str, str]]) -> str:
    """Answer each question in turn; returns everything shown."""
    shown = ""
    for question, answer in answers:
        terminal.expect(question)
        shown += str(terminal.before)
        # A hidden question switches the echo off first; text typed before that would be visible.
        if "oken" in question:
            terminal.expect("not shown: ")
            terminal.waitnoecho(5)
        terminal.sendline(answer)
    return shown


def _rest(terminal: pexpect.spawn[str]) -> str:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return str(terminal.before)


def _check_written(user: User) -> None:
    settings = load(user.file)
    assert settings.openhab.url == user.around.openhab.url
    assert settings.openhab.token.get_secret_value() == API_TOKEN
    things = things_text.read(user.things.read_text("utf-8"))
    (account,) = things.accounts.values()
    assert (account.account_sid, account.auth_token, account.public_url) == (
        SID,
        AUTH_TOKEN,
        "https://home.example.com",
    )
    assert [phone.phone_number for phone in things.phones.values()] == [NUMBER]
    for path in (user.file, user.things):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_from_nothing_to_the_doctor(user: User) -> None:
    """All questions, one after the other; then files that only the user can read, and the doctor. No secret is shown."""
    terminal = user.terminal()
    shown = _play(terminal, user.answers())
    shown += _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)
    for told in ("openHAB 5.3.0 at", "the token belongs to an administrator", "accepts the", f"1) {NUMBER}"):
        assert told in shown
    assert re.search(r"\d+ ok, \d+ warnings?, \d+ failed", shown)
    assert "twilio-binding run" in shown
    assert AUTH_TOKEN not in shown and API_TOKEN not in shown
    assert user.written() == [
        ".config/twilio-binding/things/twilio.things",
        ".config/twilio-binding/twilio-binding.toml",
    ]


def test_run_again_with_enter_only(user: User) -> None:
    """Old answers are the defaults, also secrets, and nothing changes; a new answer is shown as a difference."""
    user.script(*user.options(), "--public-url", "https://home.example.com", **user.secrets())
    before = (user.file.read_text("utf-8"), user.things.read_text("utf-8"))
    terminal = user.terminal("--no-doctor")
    shown = _play(terminal, [(question, "") for question, _ in user.answers()[:-1]]) + _rest(terminal)
    assert "settings and things already match your answers" in shown
    assert (user.file.read_text("utf-8"), user.things.read_text("utf-8")) == before
    terminal = user.terminal("--no-doctor")
    again = [(question, "") for question, _ in user.answers()]
    again[-2:] = [("Public URL", "https://other.example.com"), ("Write these changes", "y")]
    shown = _play(terminal, again) + _rest(terminal)
    assert '-Bridge twilio:account:myaccount "Twilio Account"' in shown
    assert 'publicUrl="https://other.example.com"' in shown
    assert AUTH_TOKEN not in shown and API_TOKEN not in shown
    assert "https://other.example.com" in user.things.read_text("utf-8")
    assert user.file.read_text("utf-8") == before[0]


@pytest.mark.parametrize(
    ("place", "how"), [*((place, "ctrl-c") for place in range(9)), (0, "end"), (4, "end"), (8, "end")]
)
def test_cancelled_at_each_question(user: User, place: int, how: str) -> None:
    """Ctrl-C or the end of input at any question writes nothing, and says so."""
    terminal = (
        user.terminal("--no-doctor", "--openhab-url", user.around.openhab.url, "--mqtt-url", user.around.broker.url)
        if place not in (0, 2)
        else user.terminal("--no-doctor")
    )
    questions = (
        user.answers() if place in (0, 2) else [one for at, one in enumerate(user.answers()) if at not in (0, 2)]
    )
    at = next(number for number, one in enumerate(questions) if one == user.answers()[place])
    _play(terminal, questions[:at])
    terminal.expect(questions[at][0])
    if "oken" in questions[at][0]:
        terminal.waitnoecho(5)
    wait_until(lambda: Path(f"/proc/{terminal.pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "S")
    terminal.sendintr() if how == "ctrl-c" else terminal.sendeof()
    assert "Nothing was written." in _rest(terminal)
    assert terminal.exitstatus == 1
    assert user.written() == []


def test_cancelled_while_it_searches(user: User) -> None:
    """Ctrl-C while openHAB is searched ends the command like Ctrl-C at a question, whatever the search is doing."""
    terminal = user.terminal("--no-doctor")
    terminal.expect("\nopenHAB\r\n")
    terminal.sendintr()
    assert "Nothing was written." in _rest(terminal)
    assert (terminal.exitstatus, terminal.signalstatus) == (1, None)


def test_cancelled_at_a_follow_up_question(user: User) -> None:
    """Also where an answer could not be checked, and it is asked whether it is to be kept."""
    terminal = user.terminal("--no-doctor")
    terminal.expect("URL of openHAB")
    terminal.sendline(f"127.0.0.1:{free_port()}")
    terminal.expect("Keep this answer anyway")
    wait_until(lambda: Path(f"/proc/{terminal.pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "S")
    terminal.sendintr()
    assert "Nothing was written." in _rest(terminal)
    assert (terminal.exitstatus, user.written()) == (1, [])


def test_no_is_no(user: User) -> None:
    """A user who refuses the changes keeps the files."""
    terminal = user.terminal("--no-doctor")
    _play(terminal, [*user.answers()[:-1], ("Write these changes", "n")])
    assert "Nothing was written." in _rest(terminal)
    assert user.written() == []


def test_wrong_answers_are_asked_again(user: User) -> None:
    """Wrong answers are explained and asked again: addresses, tokens, SID, numbers, ways and URLs."""
    terminal = user.terminal("--no-doctor")
    nobody = f"127.0.0.1:{free_port()}"
    wrong = [
        ("URL of openHAB", "mqtt://openhab:8080"),
        ("not a web address.*URL of openHAB", "open hab:8080"),
        ("not a web address.*URL of openHAB", user.around.twilio.url),
        ("answers 404.*Keep this answer anyway", "n"),
        ("URL of openHAB", f"http://{nobody}"),
        ("openHAB does not answer.*Keep this answer anyway", "n"),
        ("URL of openHAB", user.around.openhab.url),
        ("API token", "oh.wrong.token"),
        ("openHAB refuses this token.*API token", API_TOKEN),
        ("URL of the broker", "ws://localhost:9001"),
        ("must have the form mqtt://.*URL of the broker", f"mqtt://{nobody}"),
        ("Keep this answer anyway", "n"),
        ("URL of the broker", user.around.broker.url),
        ("Account SID", "AC123"),
        ("it must be AC followed by 32 hex digits.*Account SID", SID),
        ("Auth Token", "wrong"),
        ("Invalid Account SID or Auth Token.*Auth Token", AUTH_TOKEN),
        ("Numbers to use", "7"),
        ("choose 1 from the list.*Numbers to use", "+4930123456"),
        ("the account does not have the number.*Numbers to use", ""),
        ("Way to reach the service", "cloud"),
        ("choose one of url, none.*Way to reach", "1"),
        ("Public URL", "ftp://home.example.com"),
        ("not a base URL.*Public URL", "https://192.168.1.5"),
        ("Twilio cannot reach 192.168.1.5.*Keep this answer", "n"),
        ("Public URL", "https://home.example.com"),
        ("Write these changes", "y"),
    ]
    terminal.delayafterread = None
    for question, answer in wrong:
        terminal.expect(re.compile(question, re.DOTALL))
        if re.search(r"(API token|Auth Token)\Z", question):
            terminal.waitnoecho(5)
        terminal.sendline(answer)
    _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)


def test_answers_with_quotes(user: User) -> None:
    """Quotes and blanks that were copied with an answer are removed, an Account SID gets small letters, and no secret is shown."""
    typed = [(question, f' "{answer}"') for question, answer in user.answers()[:-3]]
    typed[3] = ("Account SID", f"'{SID.upper()}'")
    terminal = user.terminal("--no-doctor")
    shown = _play(terminal, [*typed, ("Way to reach the service", "URL"), *user.answers()[-2:]])
    shown += _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)
    assert API_TOKEN not in shown
    assert AUTH_TOKEN not in shown


def test_back_from_every_question(user: User) -> None:
    """`back` at any question returns to the one before it, where Enter takes the last answer, also a secret."""
    terminal = user.terminal("--no-doctor")
    questions = user.answers()
    for (question, answer), (following, _) in pairwise(questions):
        _play(terminal, [(question, answer), (following, "back"), (question, "")])
    _play(terminal, questions[-1:])
    _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)


def test_back_from_the_first_question(user: User) -> None:
    """There is nothing before it, which is said, and it is asked again; also after a step that asks nothing."""
    terminal = user.terminal("--no-doctor")
    _play(terminal, [("URL of openHAB", "Back"), ("this is the first question", "")])
    terminal.expect("understood as|openHAB does not answer|openHAB .* at|is not openHAB")
    terminal.close(force=True)


def test_back_to_an_answer_of_an_option(user: User) -> None:
    """An answer that came as an option can be changed, too, and a changed account forgets its token and numbers."""
    terminal = user.terminal(
        "--no-doctor", "--account-sid", SID.replace("7a", "7b"), "--openhab-url", "openhab.invalid"
    )
    answers = [("Keep this answer anyway", "y"), ("API token", "back"), ("URL of openHAB", user.around.openhab.url)]
    _play(terminal, [*answers, *user.answers()[1:3], ("Auth Token", AUTH_TOKEN)])
    terminal.expect("Invalid Account SID or Auth Token")
    _play(terminal, [("Auth Token", "back"), ("Account SID", SID)])
    _play(terminal, user.answers()[4:])
    _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)


def test_wrong_account_sid(user: User) -> None:
    """Twilio does not say which of the two is wrong, so both are named, and `back` leads to the first."""
    terminal = user.terminal("--no-doctor")
    wrong = SID.replace("7a", "7b")
    answers = user.answers()
    _play(terminal, [*answers[:3], ("Account SID", wrong), answers[4]])
    terminal.expect(f"If {wrong} is not your Account SID, enter back to change it")
    _play(terminal, [("Auth Token", "back"), (f"Account SID.*{wrong}", SID), *answers[4:]])
    _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)


def test_public_url_that_nobody_has(user: User) -> None:
    """Who chose a public URL and has none can choose another way."""
    terminal = user.terminal("--no-doctor")
    answers = [
        *user.answers()[:7],
        ("Public URL", ""),
        ("Public URL.*", "back"),
        ("Way to reach", "none"),
    ]
    _play(terminal, [*answers, user.answers()[-1]])
    _rest(terminal)
    assert terminal.exitstatus == 0
    (account,) = things_text.read(user.things.read_text("utf-8")).accounts.values()
    assert account.public_url == ""


def test_broker_that_refuses_every_login(user: User) -> None:
    """Without a user at the broker, Enter leads back to its URL, also after an empty password."""
    with BrokerProcess(kind="mosquitto", more="allow_anonymous false\n") as closed:
        terminal = user.terminal("--no-doctor")
        _play(terminal, [*user.answers()[:2], ("URL of the broker", closed.url), ("User at the broker", "me")])
        terminal.expect("Password, not shown: ")
        terminal.waitnoecho(5)
        terminal.sendline("")
        _play(terminal, [("User at the broker, Enter for another broker", ""), *user.answers()[2:]])
        _rest(terminal)
    assert terminal.exitstatus == 0
    _check_written(user)


def test_addresses_that_are_not_whole(user: User) -> None:
    """Unambiguous input is accepted, shown as understood, and written in full: no scheme, a page's URL, blanks."""
    openhab = user.around.openhab.url.removeprefix("http://")
    broker = user.around.broker.url.removeprefix("mqtt://")
    terminal = user.terminal("--no-doctor")
    answers = [
        ("URL of openHAB", f" {openhab}/settings/things/?a#b "),
        ("API token", API_TOKEN),
        ("URL of the broker", broker),
        *user.answers()[3:7],
        ("Public URL", "home.example.com"),
        ("Write these changes", "y"),
    ]
    shown = _play(terminal, answers) + _rest(terminal)
    for url in (f"http://{openhab}/settings/things", f"mqtt://{broker}", "https://home.example.com"):
        assert f"understood as {url}\r\n" in shown
    assert f"openHAB 5.3.0 at http://{openhab}\r\n" in shown
    _check_written(user)
    assert load(user.file).mqtt.url.get_secret_value() == f"mqtt://{broker}"


def test_broker_with_a_password(user: User) -> None:
    """If the broker refuses, user and password are asked; they are escaped in the URL and shown nowhere."""
    closed = BrokerProcess(kind="mosquitto", more="allow_anonymous false\npassword_file {folder}/passwords\n")
    passwords = closed.folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "me", "p@ss/word"], check=True, capture_output=True)
    passwords.chmod(0o644)
    with closed:
        terminal = user.terminal("--no-doctor", "--openhab-url", user.around.openhab.url)
        answers = user.answers()[1:]
        answers[1:2] = [
            ("URL of the broker", closed.url),
            ("User at the broker", "me"),
            ("Password", "p@ss/word"),
        ]
        shown = ""
        for question, answer in answers:
            terminal.expect(question)
            shown += str(terminal.before)
            if "oken" in question or "Password" in question:
                terminal.waitnoecho(5)
            terminal.sendline(answer)
        shown += _rest(terminal)
        assert terminal.exitstatus == 0
        assert f"mqtt://me:p%40ss%2Fword@127.0.0.1:{closed.port}" in user.file.read_text("utf-8")
        assert "p%40ss" not in shown and "p@ss" not in shown
        again = user.script("--non-interactive", "--no-doctor", "--dry-run")
        assert (again.returncode, again.stderr) == (0, "")
        assert "p%40ss" not in again.stdout


def test_script_is_offered_where_it_can_run(user: User) -> None:
    """With Python Scripting, the script is installed on request, and the account is written to openHAB's folder."""
    user.around.openhab.contents.load_script("a secret of another service")
    terminal = user.terminal("--conf", str(user.conf), "--no-doctor", "--openhab-url", user.around.openhab.url)
    answers = [*user.answers()[1:3], ("Install the script in", "y"), *user.answers()[3:6]]
    _play(terminal, [*answers, ("2\\) openHAB Cloud.*Way to reach the service", "cloud"), ("Write these changes", "y")])
    shown = _rest(terminal)
    assert terminal.exitstatus == 0, shown
    assert "+ automation/python/twilio.py" in shown
    assert load(user.file).things == ["openhab"]
    things = (user.conf / "things" / "twilio.things").read_text("utf-8")
    assert "useCloudWebhook=true" in things
    assert not user.things.exists()
    assert (user.conf / "automation" / "python" / "twilio.py").is_file()


def test_script_without_a_terminal(user: User) -> None:
    """Without questions, the output says what happens to the script, also with --dry-run; --no-script is silent."""
    user.around.openhab.contents.load_script("a secret of another service")
    told = f"Script in openHAB\n  ✓ the script will be installed in {user.conf}"
    options = (*user.options(), "--conf", str(user.conf), "--way", "none", "--dry-run")
    assert told in user.script(*options, **user.secrets()).stdout
    assert told in user.script(*options, "--script", **user.secrets()).stdout
    assert "Script in openHAB" not in user.script(*options, "--no-script", **user.secrets()).stdout
    assert user.script(*options[:-1], "--no-script", **user.secrets()).returncode == 0
    again = user.script(*options[:-1], **user.secrets())
    assert "! " not in again.stdout and "the script is not installed, as before" in again.stdout
    assert load(user.file).things != ["openhab"]
    assert [path.name for path in user.conf.rglob("*")] == ["things"]
    far = user.script(*user.options(), "--way", "none", "--dry-run", **user.secrets())
    assert "! Python Scripting is installed, but openHAB's configuration folder is not on this machine" in far.stdout


def test_script_that_is_given_up(user: User) -> None:
    """A user who refuses the script that the settings need is asked for the account, and gets a file of things."""
    user.around.openhab.contents.load_script("a secret of another service")
    user.file.parent.mkdir(parents=True, mode=0o700)
    user.file.write_text('things = ["openhab"]\n', encoding="utf-8")
    terminal = user.terminal("--conf", str(user.conf), "--no-doctor")
    answers = [*user.answers()[:3], ("Install the script in .*Y/n", "n"), *user.answers()[3:]]
    _play(terminal, answers)
    _rest(terminal)
    assert terminal.exitstatus == 0
    assert load(user.file).things == [str(user.things)]
    _check_written(user)


def test_narrow_terminal(user: User) -> None:
    """Lines fit the terminal, and a terminal that can only print lines gets no changing line."""
    user.environment |= {"TERM": "dumb"}
    user.environment.pop("COLUMNS")
    terminal = user.terminal()
    terminal.setwinsize(24, 44)
    shown = _play(terminal, user.answers()[:7]) + str(terminal.after)
    assert "  ✓ the token belongs to an administrator\r\n" in shown
    _play(terminal, user.answers()[7:])
    told = _rest(terminal)
    assert "…" not in told and "\x1b" not in told
    long = [line for line in (shown + told).splitlines() if len(line) > 44 and line.startswith("  ")]
    assert [line for line in long if "/" not in line] == [], "paths and addresses stay whole"


def test_doctor_waits_for_the_script(user: User) -> None:
    """The set-up waits while openHAB loads the script, and the doctor then finds the things."""
    contents = user.around.openhab.contents
    terminal = user.terminal("--conf", str(user.conf), "--script", "--openhab-url", user.around.openhab.url)
    answers = [
        *user.answers()[1:3],
        *user.answers()[3:6],
        ("Way to reach the service", "none"),
        ("Write these changes", "y"),
    ]
    _play(terminal, answers)
    terminal.expect("Waiting until openHAB has loaded the script")
    account = {"accountSid": SID, "authToken": AUTH_TOKEN}
    contents.put_thing("twilio:account:ui", {"thingTypeUID": "twilio:account", "configuration": account})
    number = {"phoneNumber": NUMBER}
    contents.put_thing(
        "twilio:phone:ui:one",
        {"thingTypeUID": "twilio:phone", "bridgeUID": "twilio:account:ui", "configuration": number},
    )
    try:
        terminal.expect("openHAB has loaded the script, and lists the account")
        shown = _rest(terminal)
    finally:
        contents.remove_thing("twilio:phone:ui:one")
        contents.remove_thing("twilio:account:ui")
    assert "openHAB lists no Twilio phone" not in shown
    assert "1 account, 1 phone" in shown
    assert "Next\r\n  Start or restart the service:\r\n    twilio-binding run\r\n" in shown


def test_waiting_for_the_script_can_be_ended(user: User) -> None:
    """Ctrl-C ends only the wait; the doctor follows."""
    terminal = user.terminal("--conf", str(user.conf), "--script", "--openhab-url", user.around.openhab.url)
    _play(terminal, [*user.answers()[1:6], ("Way to reach the service", "none"), ("Write these changes", "y")])
    terminal.expect("Ctrl-C ends it")
    terminal.sendintr()
    assert re.search(
        r"openHAB lists no Twilio account yet.*openHAB lists no Twilio phone.*\d+ ok, \d+ warnings?, \d+ failed",
        _rest(terminal),
        re.DOTALL,
    )
    assert terminal.exitstatus == 0


def test_certificates_of_an_own_authority(user: User, tmp_path_factory: pytest.TempPathFactory) -> None:
    """If openHAB and the broker have untrusted certificates, a PEM file is asked for, and written to the settings."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    of_openhab = TLSServer(int(user.around.openhab.url.rpartition(":")[2]), *authority.certificate("openhab"))
    of_broker = TLSServer(int(user.around.broker.url.rpartition(":")[2]), *authority.certificate("broker"))
    with of_openhab, of_broker:
        at = {"openhab": f"https://127.0.0.1:{of_openhab.port}", "mqtt": f"mqtts://127.0.0.1:{of_broker.port}"}
        terminal = user.terminal("--no-doctor")
        answers = [
            ("URL of openHAB", at["openhab"]),
            ("comes from an authority that is not trusted.*PEM file to trust", "nowhere.pem"),
            ("the file or folder .*nowhere.pem.*PEM file to trust", str(authority.file)),
            ("openHAB 5.3.0 at https:.*API token.*not shown: ", API_TOKEN),
            ("URL of the broker", at["mqtt"]),
            ("not trusted.*PEM file to trust", ""),
            ("its certificate is not trusted.*Keep this answer anyway", "n"),
            ("URL of the broker", at["mqtt"]),
            ("not trusted.*PEM file to trust", str(authority.file)),
            ("accepts the login.*Account SID", SID),
            ("Auth Token.*not shown: ", AUTH_TOKEN),
            *user.answers()[5:],
        ]
        for question, answer in answers:
            terminal.expect(re.compile(question, re.DOTALL))
            if "oken" in question:
                terminal.waitnoecho(5)
            terminal.sendline(answer)
        _rest(terminal)
        assert terminal.exitstatus == 0
        settings = load(user.file)
        assert (settings.openhab.ca_file, settings.mqtt.ca_file) == (str(authority.file), str(authority.file))
        again = user.script("--non-interactive", "--no-doctor", "--number", NUMBER)
        assert (again.returncode, "settings and things already match your answers" in again.stdout) == (0, True), (
            again.stdout
        )
        new = user.home / "elsewhere" / "new.toml"
        made = user.script("--non-interactive", "--no-doctor", "--number", NUMBER, "--config", str(new))
        assert made.returncode == 0, made.stdout + made.stderr
        assert (load(new).openhab.ca_file, load(new).mqtt.ca_file) == (str(authority.file), str(authority.file))
        urls = ("--openhab-url", at["openhab"], "--mqtt-url", at["mqtt"])
        certificates = ("--openhab-ca-file", str(authority.file), "--mqtt-ca-file", "")
        done = user.script("--non-interactive", "--no-doctor", "--dry-run", *urls, *certificates)
        assert "+openhab" not in done.stdout and f'-ca_file = "{authority.file}"' in done.stdout
        assert re.findall(r"! (--\S+): .* TLS certificate", done.stdout) == ["--mqtt-url"]


def test_without_a_terminal(user: User) -> None:
    """Without a terminal nothing hangs: questions need one, options do not."""
    asked = user.script()
    assert (asked.returncode, user.written()) == (1, [])
    assert (
        asked.stderr
        == "Error: this command asks questions, but there is no terminal; use --non-interactive with options\n"
    )
    done = user.script(*user.options(), "--public-url", "https://home.example.com", **user.secrets())
    assert (done.returncode, done.stderr) == (0, "")
    _check_written(user)
    assert AUTH_TOKEN not in done.stdout and API_TOKEN not in done.stdout
    again = user.script("--non-interactive", "--no-doctor")
    assert again.returncode == 0
    assert "settings and things already match your answers" in again.stdout


@pytest.mark.parametrize(
    ("more", "variables", "told"),
    [
        ((), {"TWILIO_BINDING_OPENHAB__TOKEN": ""}, "API token is missing; set it with --openhab-token-file"),
        ((), {"TWILIO_AUTH_TOKEN": ""}, "Auth Token is missing; set it with --auth-token-file"),
        ((), {"TWILIO_AUTH_TOKEN": "wrong"}, "--auth-token-file: "),
        ((), {"TWILIO_BINDING_OPENHAB__TOKEN": "oh.wrong"}, "--openhab-token-file: openHAB refuses this token"),
        (("--account-sid", "AC1"), {}, "--account-sid: not an Account SID"),
        (("--number", "+4930123456"), {}, "--number: the account does not have the number"),
        (("--public-url", "home"), {}, "--public-url: not a base URL"),
        (("--way", "cloud"), {}, "--way: choose one of url, none"),
        (("--way", "none", "--public-url", "https://home.example.com"), {}, "--public-url works only with --way url"),
        (("--script",), {}, "--script: openHAB's configuration folder is not on this machine"),
        (("--mqtt-url", "ws://localhost:9001"), {}, "--mqtt-url: "),
        (("--mqtt-url", "me:p@ss@localhost"), {}, "write @ as %40"),
        (("--openhab-url", "ftp://localhost"), {}, "--openhab-url: not a web address"),
        (("--openhab-url", "admin:secret@localhost"), {}, "--openhab-url: remove user and password"),
        (("--auth-token-file", "nowhere"), {}, "--auth-token-file: nowhere cannot be read"),
        (("--auth-token-file", "-"), {}, "--auth-token-file: standard input is empty"),
        (("--auth-token-file", sys.executable), {}, "is not UTF-8"),
        (("--openhab-ca-file", "nowhere.pem"), {}, "--openhab-ca-file: the file or folder /"),
        (("--mqtt-ca-file", "conf"), {}, "--mqtt-ca-file: /"),
    ],
)
def test_options_that_are_wrong(user: User, more: tuple[str, ...], variables: dict[str, str], told: str) -> None:
    """The wrong option is named, no secret is repeated, and nothing is written."""
    done = user.script(*user.options(), *more, **user.secrets() | variables)
    assert done.returncode == 1
    assert told in done.stderr
    assert AUTH_TOKEN not in done.stdout + done.stderr
    assert user.written() == []


def test_secrets_from_files_and_standard_input(user: User) -> None:
    """Secrets come from a file, or one line each of standard input, and never from the command line."""
    (user.home / "token").write_text(f"{API_TOKEN}\n", encoding="utf-8")
    options = (*user.options(), "--public-url", "https://home.example.com", "--openhab-token-file", "token")
    done = user.script(*options, "--auth-token-file", "-", stdin=f"{AUTH_TOKEN}\n")
    assert (done.returncode, done.stderr) == (0, "")
    _check_written(user)


def test_nothing_around_answers(user: User) -> None:
    """While openHAB, broker and Twilio are down, options are used as given, and unchecked ones are reported."""
    nobody = f"127.0.0.1:{free_port()}"
    options = (
        *user.options(),
        "--openhab-url",
        f"http://{nobody}",
        "--mqtt-url",
        f"mqtt://{nobody}",
        "--number",
        NUMBER,
    )
    done = user.script(*options, **user.secrets(), TWILIO_BINDING_TWILIO__API_URL=f"http://{nobody}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n  ! ") == 4
    assert load(user.file).openhab.url == f"http://{nobody}"


def test_what_people_wrote_stays(user: User) -> None:
    """Comments and other settings in the TOML file, and contacts and comments in the things, are kept."""
    user.file.parent.mkdir(parents=True)
    user.file.write_text(
        '# mine\n[mqtt]  # the broker\nurl = "mqtt://old:1883" # in the attic\nbase_topic = "home"\n\n'
        "[limits]\nmessages_per_day = 5\n",
        encoding="utf-8",
    )
    user.things.parent.mkdir()
    user.things.write_text(
        f"""// my account
Bridge twilio:account:home "Mine" [ accountSid="{SID}", authToken="old", publicUrl="https://home.example.com", autoConfigureWebhooks=false ] {{
    Thing phone office "Office" [ phoneNumber="+49301111111" ] // of work
}}
""",
        encoding="utf-8",
    )
    done = user.script(*user.options(), "--number", NUMBER, **user.secrets())
    assert (done.returncode, done.stderr) == (0, "")
    text = user.file.read_text("utf-8")
    assert text == (
        f'# mine\n[mqtt]  # the broker\nurl = "{user.around.broker.url}" # in the attic\nbase_topic = "home"\n\n'
        f'[limits]\nmessages_per_day = 5\n\n[openhab]\nurl = "{user.around.openhab.url}"\ntoken = "{API_TOKEN}"\n'
        f'\n[twilio]\napi_url = "{user.around.twilio.url}"\n'
    )
    things = user.things.read_text("utf-8").splitlines()
    assert things[0] == "// my account"
    assert f'authToken="{AUTH_TOKEN}", publicUrl="https://home.example.com", autoConfigureWebhooks=false ]' in things[1]
    assert things[2] == '    Thing phone office "Office" [ phoneNumber="+49301111111" ] // of work'
    assert f'[ phoneNumber="{NUMBER}" ]' in things[3]
    assert "authToken" in done.stdout and '"old"' not in done.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mqtt\n", "twilio-binding.toml: "),
        ("[mqtt]\nurl = 'x'\n", "mqtt.url"),
        ("nope = 1\n", "unknown setting"),
    ],
)
def test_settings_that_cannot_be_read(user: User, text: str, told: str) -> None:
    """Invalid settings are named and not changed."""
    user.file.parent.mkdir(parents=True)
    user.file.write_text(text, encoding="utf-8")
    done = user.script(*user.options(), **user.secrets())
    assert (done.returncode, user.file.read_text("utf-8")) == (1, text)
    assert told in done.stderr


def test_what_the_environment_overrides(user: User) -> None:
    """A variable that overrides an answer is named; an invalid variable is named instead of the file."""
    variables = user.secrets() | {
        "TWILIO_BINDING_MQTT__URL": "mqtt://elsewhere:1",
        "TWILIO_BINDING_OPENHAB__URL": "http://x",
    }
    done = user.script(*user.options(), "--dry-run", **variables)
    assert "! TWILIO_BINDING_MQTT__URL in the environment overrides this answer" in done.stdout
    assert "! TWILIO_BINDING_OPENHAB__URL in the environment overrides this answer" in done.stdout
    assert done.stdout.count("overrides") == 2
    done = user.script(*user.options(), **user.secrets() | {"TWILIO_BINDING_OPENHAB__TOKEN": "oh.wr\u00f6ng"})
    assert done.stderr.startswith("Error: TWILIO_BINDING_OPENHAB__TOKEN: openhab.token: character 6 of 8")


def test_file_from_another_system(user: User) -> None:
    """A file with a byte order mark, as on Windows, is read like any other."""
    user.file.parent.mkdir(parents=True)
    user.file.write_bytes(b'\xef\xbb\xbf# mine\r\n[mqtt]\r\nbase_topic = "home"\r\n')
    done = user.script(*user.options(), **user.secrets())
    assert (done.returncode, done.stderr) == (0, "")
    assert user.file.read_text("utf-8").startswith('# mine\n[mqtt]\nbase_topic = "home"\nurl = ')


def test_things_that_cannot_be_read(user: User) -> None:
    """A broken `.things` file is named with its folder, line and column, and not changed."""
    user.things.parent.mkdir(parents=True)
    user.things.write_text('// mine\nBridge twilio:account:home "Mine" [ accountSid= ]\n', encoding="utf-8")
    user.file.write_text("", encoding="utf-8")
    done = user.script(*user.options(), **user.secrets())
    assert (done.returncode, f"Error: {user.things}:2:" in done.stderr) == (1, True), done.stderr
    two = (f'Bridge twilio:account:{name} [ accountSid="{SID}", authToken="t" ]\n' for name in ("a", "b"))
    user.things.write_text("".join(two), encoding="utf-8")
    done = user.script(*user.options(), "--number", NUMBER, "--way", "none", **user.secrets())
    assert (done.returncode, f"Error: {user.things}: it contains several accounts" in done.stderr) == (1, True)


def test_settings_file_that_a_variable_names(user: User) -> None:
    """A first set-up creates the file in TWILIO_BINDING_CONFIG; a folder in its place is refused."""
    user.config = ()
    named = user.home / "mine" / "twilio.toml"
    done = user.script(*user.options(), "--way", "none", **user.secrets(), TWILIO_BINDING_CONFIG=str(named))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "twilio-binding run\n" in done.stdout, "the same variable leads the service to it"
    assert load(named).openhab.url == user.around.openhab.url
    assert (named.parent / "things" / "twilio.things").is_file()
    other = user.home / "other.toml"
    done = user.script(*user.options(), "--way", "none", "--config", str(other), **user.secrets())
    assert f"twilio-binding run --config {other}\n" in done.stdout, "nothing else leads the service to it"
    third = user.home / "third" / "new.toml"
    arguments = ("--non-interactive", "--no-doctor", "--way", "none", "--config", str(third))
    done = user.script(*arguments, TWILIO_BINDING_CONFIG=str(named))
    assert (done.returncode, done.stderr) == (0, ""), "the answers are those of the file that the variable names"
    assert load(third).openhab.token == load(named).openhab.token
    done = user.script(*user.options(), **user.secrets(), TWILIO_BINDING_CONFIG=str(user.home))
    assert (done.returncode, f"{user.home}" in done.stderr, "is a folder" in done.stderr) == (1, True, True)


def test_a_folder_is_no_settings_file(user: User) -> None:
    """A folder given as the settings file is refused as such."""
    user.file.mkdir(parents=True)
    assert f"{user.file} is a folder" in user.script(*user.options(), **user.secrets()).stderr


@pytest.mark.parametrize("name", ["sub/", "sub/.", "new", ".."])
@pytest.mark.parametrize("is_variable", [True, False])
def test_a_missing_folder_is_no_settings_file(user: User, name: str, *, is_variable: bool) -> None:
    """The name of a folder that does not exist does not become that of a file, in the option and in the variable."""
    user.config = () if is_variable else ("--config", name)
    variables = {"TWILIO_BINDING_CONFIG": name} if is_variable else {}
    done = user.script(*user.options(), "--way", "none", **user.secrets(), **variables)
    assert done.returncode in (1, 2)
    assert "give the file" in done.stderr
    assert name != "new" or "looks like a folder: it has no ending such as .toml" in done.stderr
    assert user.written() == []


def test_letters_that_the_locale_does_not_have(user: User) -> None:
    """With an ASCII locale and without Python's UTF-8 mode, paths, answers and signs are as anywhere else."""
    user.config = ("--config", "jürgen/größe.toml")
    (user.home / "jürgen").mkdir()
    plain = {"PYTHONUTF8": "0", "LC_ALL": "C"}
    done = user.script(*user.options(), "--way", "none", **user.secrets(), **plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ jürgen/größe.toml is written" in done.stdout
    assert user.written() == ["jürgen/größe.toml", "jürgen/things/twilio.things"]


def test_letters_that_the_terminal_does_not_have(user: User) -> None:
    """Bytes that are not UTF-8, typed visibly or as a secret, are reported, and the question is asked again."""
    terminal = user.terminal("--no-doctor")
    for question in ("URL of openHAB", "API token"):
        terminal.expect(question)
        if "oken" in question:
            terminal.expect("not shown: ")
            terminal.waitnoecho(5)
        os.write(terminal.child_fd, b"\xe4\n")
        terminal.expect("this is not UTF-8; set your terminal to UTF-8")
        _play(terminal, [next(one for one in user.answers() if one[0] == question)])
    terminal.expect("URL of the broker")
    terminal.close(force=True)


def test_a_pipe_is_no_settings_file(user: User) -> None:
    """A pipe or a device is refused, and not replaced by a file."""
    user.file.parent.mkdir(parents=True)
    os.mkfifo(user.file)
    done = user.script(*user.options(), "--way", "none", **user.secrets())
    assert (done.returncode, f"the settings file {user.file}" in done.stderr) == (1, True)
    assert user.file.is_fifo()


def test_folder_that_may_not_be_written(user: User) -> None:
    """If one file cannot be written, none is, and the reason is given."""
    user.file.parent.mkdir(parents=True)
    (user.file.parent / "things").touch()
    done = user.script(*user.options(), "--way", "none", **user.secrets())
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert not user.file.exists()
    assert [path.name for path in user.file.parent.iterdir()] == ["things"]


@pytest.mark.parametrize(
    ("place", "above"), [("/dev/null/x.toml", "/dev/null"), ("/etc/passwd/x/y.toml", "/etc/passwd")]
)
def test_place_where_no_file_can_be(user: User, place: str, above: str) -> None:
    """A settings file that cannot be written is refused before the first question."""
    user.config = ("--config", place)
    shown = _rest(user.terminal())
    assert f"the settings file {place} cannot be written: no file can be made in {above}" in shown
    assert "URL of openHAB" not in shown


def test_name_that_a_shell_would_split(user: User) -> None:
    """The command that is printed at the end can be pasted; `uninstall` deletes what a link points to, too."""
    user.config = ("--config", "my link.toml")
    (user.home / "my link.toml").symlink_to("real/ü.toml")
    done = user.script(*user.options(), "--way", "none", **user.secrets())
    assert "twilio-binding run --config 'my link.toml'" in done.stdout
    assert user.written() == ["my link.toml", "real/ü.toml", "things/twilio.things"]
    left = command(user.home, "uninstall", *user.config, "--yes", ADMIN__LISTEN="127.0.0.1:9")
    assert (left.returncode, user.written()) == (0, []), left


def test_dry_run(user: User) -> None:
    """The files are shown without secrets, and not written."""
    done = user.script(*user.options(), "--dry-run", **user.secrets())
    assert done.returncode == 0
    assert "overrides" not in done.stdout
    assert '+token = "********"' in done.stdout
    assert 'authToken="********"' in done.stdout
    assert user.written() == []
    assert [path.name for path in user.home.iterdir()] == ["conf"]


def test_place_of_the_settings_is_told_first(user: User) -> None:
    """The settings file is named before the first question, and `back` is explained once."""
    terminal = user.terminal("--no-doctor")
    shown = _play(terminal, [("URL of openHAB", "mqtt://openhab:8080"), ("URL of openHAB", user.around.openhab.url)])
    terminal.close(force=True)
    assert shown.count(f"Settings file: {user.file}\r\n") == shown.count("type back to return") == 1
    assert "or back" not in shown


def test_answers_to_follow_up_questions(user: User) -> None:
    """Each refused answer is followed by the possible ones; `back` at a follow-up question returns to its question."""
    nobody = f"127.0.0.1:{free_port()}"
    terminal = user.terminal("--no-doctor")
    _play(terminal, [("URL of openHAB", nobody), ("Keep this answer anyway", "maybe")])
    _play(
        terminal, [("enter y, n or back.*Keep this answer anyway", "back"), ("URL of openHAB", user.around.openhab.url)]
    )
    _play(terminal, [*user.answers()[1:5], ("Numbers to use", "5")])
    _play(terminal, [("choose 1 from the list, all, or write a number .*with \\+.*Numbers to use", "+1 555 nobody")])
    _play(terminal, [("choose 1 from the list.*Numbers to use", "1"), ("Way to reach", "3")])
    _play(
        terminal,
        [("choose one of url, none, or a number from 1 to 2.*Way to reach", "2"), ("Write these changes", "ok")],
    )
    _play(terminal, [("enter y, n or back.*Write these changes", "n")])
    assert "Nothing was written." in _rest(terminal)


def test_stand_in_for_twilio_is_kept(user: User) -> None:
    """A URL of Twilio's API that only the environment has is written: the credentials were checked there."""
    done = user.script(*user.options(), "--way", "none", **user.secrets())
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Twilio is asked at {user.around.twilio.url} (twilio.api_url)" in done.stdout
    assert load(user.file).twilio.api_url == user.around.twilio.url
    del user.environment["TWILIO_BINDING_TWILIO__API_URL"]
    again = user.script("--non-interactive", "--no-doctor")
    assert "already match your answers" in again.stdout


def test_commands_at_the_end_name_the_settings_file(user: User) -> None:
    """Each command that is printed works with the file that was written."""
    user.config = ("--config", "other.toml")
    done = user.script(*user.options()[:1], *user.options()[2:], "--way", "none", **user.secrets())
    commands = re.findall(r"twilio-binding (?:run|doctor|setup --systemd)\b.{0,20}", done.stdout)
    assert len(commands) >= 2
    assert all("--config other.toml" in one for one in commands), commands
    user.environment |= {"COLUMNS": "40", **user.secrets()}
    user.config = ("--config", "my long name of a settings file.toml")
    terminal = user.terminal(*user.options(), "--way", "none")
    assert "    twilio-binding run --config 'my long name of a settings file.toml'\r\n" in _rest(terminal)


def test_dry_run_without_changes(user: User) -> None:
    """The output says that nothing would change, and that a dry run writes nothing."""
    first = user.script(*user.options(), "--way", "none", "--dry-run", **user.secrets())
    assert first.stdout.endswith("✓ --dry-run: nothing is written\n")
    user.script(*user.options(), "--way", "none", **user.secrets())
    again = user.script("--non-interactive", "--dry-run")
    assert again.stdout.endswith("Files\n  ✓ settings and things already match your answers\n")
