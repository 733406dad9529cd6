"""The wheel, in an otherwise empty environment: it contains everything that its commands need.

`make dist` tests what it has built (`DIST` names the folder); otherwise the tests build their own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import clean
from twilio_binding import __version__
from twilio_binding.sandbox.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "dist.py"
LOCK = ROOT / "requirements.lock"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with wheel and source archive."""
    if "DIST" in os.environ:
        return ROOT / os.environ["DIST"]
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, str(TOOL), str(folder)], check=True, timeout=60, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    """The wheel."""
    (found,) = dist.glob("twilio_binding-*.whl")
    return found


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program in its own environment, with the pinned versions and nothing from the checkout."""
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True, timeout=60)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet", "--no-compile"]
    pinned = subprocess.run(
        [*pip, "--require-hashes", "--requirement", str(LOCK)], capture_output=True, text=True, check=False
    )
    if re.search("NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError", pinned.stderr):
        pytest.skip("the package index does not answer")
    assert pinned.returncode == 0, pinned.stderr
    # What the wheel requires is installed: without an index nothing else can be added.
    alone = [*pip, "--no-index", f"twilio-binding[demo] @ {wheel.as_uri()}"]
    subprocess.run(alone, check=True, timeout=60, env=os.environ | {"PIP_FIND_LINKS": ""})
    yield place / "bin" / "twilio-binding"
    shutil.rmtree(place)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def called(program: Path, home: Path, *arguments: str) -> str:
    """Run a command in that environment; it must succeed."""
    done = subprocess.run(
        [program, *arguments], cwd=home, env=alone(home), capture_output=True, text=True, timeout=55, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alone(home: Path) -> dict[str, str]:
    """Variables without any path to the checkout or to settings of this user."""
    return {name: value for name, value in clean().items() if name != "PYTHONPATH"} | {"HOME": str(home)}


def test_files_that_are_no_python(wheel: Path) -> None:
    """Every template, static file and grammar in the checkout is in the wheel."""
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = [
        path for path in (ROOT / "twilio_binding").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    tracked = [path for path in tracked if path.name != ".DS_Store"]
    assert {path.relative_to(ROOT).as_posix() for path in tracked} - names == set()
    packaging = {f"twilio_binding/packaging/{path.name}" for path in (ROOT / "packaging").iterdir() if path.is_file()}
    seeds = {f"twilio_binding/seeds/{name}" for name in ("things/twilio.things", "items/twilio.items")}
    assert (packaging | seeds | {"twilio_binding/automation/twilio.py", "openhab_twilio/__init__.py"}) - names == set()


def test_wheel_has_nothing_else(wheel: Path) -> None:
    """Tests, tools, the laboratory, caches, and a user's files in the checkout are not in the wheel."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"twilio_binding", "openhab_twilio", f"twilio_binding-{__version__}.dist-info"}
    assert [name for name in names if re.search(r"__pycache__|\.pyc$|\.toml$|\.db$|(^|/)data/", name)] == []


def test_source_archive_is_whole(dist: Path) -> None:
    """The archive has what a packager needs to build and to test, and nothing that Git ignores."""
    (archive,) = dist.glob("twilio_binding-*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    wanted = {
        "LICENSE",
        "Makefile",
        "requirements.lock",
        "requirements-dev.lock",
        "tests/conftest.py",
        "lab/__init__.py",
    }
    assert wanted - names == set()
    assert [name for name in names if re.match(r"(\.venv|dist|data|my)/|twilio-binding\.toml", name)] == []


def test_what_the_wheel_asks_for_is_pinned(wheel: Path) -> None:
    """Each dependency of the wheel is in requirements.lock, and tools of developers are not."""
    metadata = zipfile.ZipFile(wheel).read(f"twilio_binding-{__version__}.dist-info/METADATA").decode()
    asked = set(re.findall(r"^Requires-Dist: ([\w-]+)", metadata, re.MULTILINE))
    pinned = set(re.findall(r"^([\w.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    assert asked - pinned == set()
    assert pinned & {"pytest", "mypy", "ruff", "playwright", "hypothesis"} == set()


def test_version(program: Path, home: Path) -> None:
    """The program is there, and is the one of the wheel."""
    assert called(program, home, "--version").strip() == f"twilio-binding, version {__version__}"


def test_demo(program: Path, home: Path) -> None:
    """The whole scene is played from the wheel, and nothing is left where it was called."""
    told = called(program, home, "demo")
    assert "✗" not in told
    assert "openHAB restarts while texts come in 30 texts, none lost" in told
    assert list(home.iterdir()) == []


@pytest.fixture
def sandbox(program: Path, home: Path) -> Iterator[str]:
    """What a sandbox tells that was started in an empty folder."""
    ports = [f"--{name}-port={free_port()}" for name in ("openhab", "twilio", "broker")]
    process = subprocess.Popen(
        [program, "sandbox", *ports],
        cwd=home,
        env=alone(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] and not lines[-1].strip().endswith("/sandbox/call"):
            lines.append(process.stdout.readline())
        yield "".join(lines)
    finally:
        process.send_signal(signal.SIGINT)
        _, problem = process.communicate(timeout=20)
    assert (process.returncode, problem) == (0, "")


def test_sandbox_in_an_empty_folder(program: Path, home: Path, sandbox: str) -> None:
    """The sandbox has the items of the example, and tells how to get its things: `check` then finds nothing wrong with them."""
    (copy,) = re.findall(r"^mkdir -p things && cp .+ things/$", sandbox, re.MULTILINE)
    subprocess.run(["sh", "-ec", copy], cwd=home, check=True, timeout=10)
    assert "1 file, 1 account, 1 phone" in called(program, home, "check")
    assert "no items" not in sandbox


def test_install_into_a_conf_folder(program: Path, home: Path) -> None:
    """The script, its library and the protocol modules come from the wheel; installed twice, nothing differs."""
    conf = home / "conf"
    for name in ("automation", "things"):
        (conf / name).mkdir(parents=True)
    called(program, home, "install", str(conf))
    copied = {path.relative_to(conf / "automation" / "python").as_posix() for path in conf.rglob("*.py")}
    script = {
        path.relative_to(ROOT / "automation" / "python") for path in (ROOT / "automation" / "python").rglob("*.py")
    }
    protocol = {
        f"lib/twilio_binding/protocol/{path.name}" for path in (ROOT / "twilio_binding" / "protocol").glob("*.py")
    }
    assert {path.as_posix() for path in script} | protocol <= copied
    called(program, home, "install", "--check", str(conf))
