"""openHAB's conf folder: updated to a version, compared with it, and cleaned."""

from __future__ import annotations

import resource
import stat
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import Announced
from twilio_binding.installation import Bundle, ConfFolder, InstallationError, Step, bundle, kept_secret
from twilio_binding.installation.bundle import SETTINGS, SHARED

OLD = b"from openhab_twilio.binding import old"
OLD_SCRIPT = "automation/python/twilio_bridge.py"
SCRIPT, LIBRARY = PurePosixPath("twilio.py"), PurePosixPath("lib/openhab_twilio/__init__.py")


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A conf folder with another Python script in it."""
    conf = tmp_path / "conf"
    (conf / "items").mkdir(parents=True)
    (conf / "automation" / "python" / "lib" / "other").mkdir(parents=True)
    (conf / "automation" / "python" / "lib" / "other" / "mine.py").write_text("mine", encoding="utf-8")
    (conf / "automation" / "python" / "mine.py").write_text("mine", encoding="utf-8")
    return conf


@pytest.fixture
def files() -> Bundle:
    """A small version of what is installed."""
    return Bundle(files={SCRIPT: b"from openhab_twilio.binding import new", LIBRARY: b"library", SETTINGS: b"{}"})


def listed(conf: Path) -> dict[str, bytes]:
    """All files below `automation/python`."""
    root = conf / "automation" / "python"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def todos(steps: list[Step]) -> list[tuple[str, str]]:
    """The tasks, and their files."""
    return [(step.todo, step.path.name) for step in steps if step.todo != "nothing"]


MINE = {"mine.py": b"mine", "lib/other/mine.py": b"mine"}


def test_install_into_a_fresh_folder(conf: Path, files: Bundle) -> None:
    """Everything is added, the script last; other files are not touched."""
    steps = ConfFolder(conf).install(files)
    assert [step.todo for step in steps] == ["add"] * 3
    assert steps[-1].path == PurePosixPath("automation/python/twilio.py")
    assert listed(conf) == MINE | {str(path): content for path, content in files.files.items()}


def test_modes(conf: Path, files: Bundle) -> None:
    """The settings contain secrets and are private; the rest is readable."""
    ConfFolder(conf).install(files)
    root = conf / "automation" / "python"
    assert stat.S_IMODE((root / SETTINGS).stat().st_mode) == 0o640
    assert stat.S_IMODE((root / SCRIPT).stat().st_mode) == 0o644


def test_install_twice(conf: Path, files: Bundle) -> None:
    """The second time there is nothing to do, and no file is written, because openHAB would reload the script."""
    folder = ConfFolder(conf)
    folder.install(files)
    before = (conf / "automation" / "python" / SCRIPT).stat()
    assert todos(folder.install(files)) == []
    after = (conf / "automation" / "python" / SCRIPT).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_another_version(conf: Path, files: Bundle) -> None:
    """Changed files are replaced, and old ones are removed first."""
    old = Bundle(files={**files.files, PurePosixPath("lib/openhab_twilio/old.py"): b"old", SCRIPT: OLD})
    folder = ConfFolder(conf)
    folder.install(old)
    wanted = [("remove", "old.py"), ("change", "twilio.py")]
    assert todos(folder.compare(files)) == wanted
    assert "lib/openhab_twilio/old.py" in listed(conf)
    assert todos(folder.install(files)) == wanted
    assert listed(conf) == MINE | {str(path): content for path, content in files.files.items()}


def test_remove(conf: Path, files: Bundle) -> None:
    """Everything of ours is removed, the script first, with our folders and Python's caches there."""
    folder = ConfFolder(conf)
    folder.install(files)
    cache = conf / "automation" / "python" / "lib" / "openhab_twilio" / "__pycache__"
    cache.mkdir()
    (cache / "x.pyc").write_bytes(b"")
    steps = folder.remove(files)
    assert steps[0] == Step(path=PurePosixPath("automation/python/twilio.py"), todo="remove")
    assert listed(conf) == MINE
    assert not (conf / "automation" / "python" / "lib" / "openhab_twilio").exists()
    assert folder.remove(files) == []


def test_script_under_its_old_name(conf: Path, files: Bundle) -> None:
    """The script of an earlier version is removed before the new one is written, so that openHAB never runs both."""
    (conf / OLD_SCRIPT).write_bytes(OLD)
    folder = ConfFolder(conf)
    assert folder.compare(files)[0] == Step(path=PurePosixPath(OLD_SCRIPT), todo="remove")
    steps = folder.install(files)
    assert todos(steps)[0] == ("remove", "twilio_bridge.py")
    assert todos(steps)[-1] == ("add", "twilio.py")
    assert not (conf / OLD_SCRIPT).exists()
    (conf / OLD_SCRIPT).write_bytes(OLD)
    assert todos(folder.remove(files))[:2] == [("remove", "twilio_bridge.py"), ("remove", "twilio.py")]
    assert listed(conf) == MINE


@pytest.mark.parametrize("content", [b"from openhab_twilio import on_sms", b"import twilio", b"#"])
def test_scripts_of_users_stay(conf: Path, files: Bundle, content: bytes) -> None:
    """A user's own script of the same name is neither overwritten nor removed; one with the old name does no harm."""
    own = conf / "automation" / "python" / SCRIPT
    own.write_bytes(content)
    folder = ConfFolder(conf)
    before = listed(conf)
    for act in (folder.compare, folder.install):
        with pytest.raises(InstallationError, match=r"twilio\.py is a script of your own.*rename yours"):
            act(files)
        assert listed(conf) == before
    assert folder.remove(files) == []
    own.rename(conf / OLD_SCRIPT)
    folder.install(files)
    folder.remove(files)
    assert listed(conf) == MINE | {"twilio_bridge.py": content}


def test_script_that_a_full_disk_left_empty(conf: Path, files: Bundle) -> None:
    """An empty file belongs to nobody, and is replaced."""
    (conf / "automation" / "python" / SCRIPT).touch()
    assert ("change", "twilio.py") in todos(ConfFolder(conf).install(files))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda _: None, "does not exist"),
        (lambda path: path.write_text("x"), "does not exist"),
        (lambda path: path.mkdir(), "is not openHAB's conf folder: it contains no items, things or rules folder"),
    ],
)
def test_no_conf_folder(tmp_path: Path, make: object, told: str) -> None:
    """Only a conf folder is written to."""
    assert callable(make)
    make(tmp_path / "conf")
    with pytest.raises(InstallationError, match=told):
        ConfFolder(tmp_path / "conf")


def test_file_in_the_way(conf: Path, files: Bundle) -> None:
    """A file in place of a folder is named."""
    (conf / "automation" / "python" / "lib" / "openhab_twilio").write_text("x", encoding="utf-8")
    with pytest.raises(InstallationError, match="openhab_twilio"):
        ConfFolder(conf).install(files)


def test_half_written_file_of_a_crash(conf: Path, files: Bundle) -> None:
    """An incomplete file from a crash does no harm, and is removed later."""
    beside = conf / "automation" / "python" / f".{SCRIPT}.new"
    beside.write_bytes(b"half")
    ConfFolder(conf).install(files)
    assert not beside.exists()


def test_bundle_has_the_shared_modules() -> None:
    """The protocol modules that run inside openHAB have this version, and the settings contain our address."""
    files = bundle(secret="s", mqtt_url="mqtt://h", base_topic="twilio", service_url="http://h:1").files
    package = Path(kept_secret.__code__.co_filename).parents[1]
    own = {file.relative_to(package).as_posix(): file.read_bytes() for file in (package / "protocol").glob("*.py")}
    own["__init__.py"] = (package / "__init__.py").read_bytes()
    assert own == {
        path.relative_to(SHARED).as_posix(): content for path, content in files.items() if path.is_relative_to(SHARED)
    }
    assert b'"mqttUrl": "mqtt://h"' in files[SETTINGS]
    assert not any("__pycache__" in path.parts for path in files)


def test_secret_is_made_once(tmp_path: Path) -> None:
    """The secret does not change, and only its owner can read it."""
    file = tmp_path / "relay-secret"
    secret = kept_secret(file)
    assert len(secret) == 48
    assert kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secret_that_found_no_room(tmp_path: Path, announced: Announced) -> None:
    """A full disk leaves nothing, and an empty file is no secret: a new one is created, and that is logged."""
    announced("secret.made_anew")
    file = tmp_path / "relay-secret"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            kept_secret(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    file.touch()
    secret = kept_secret(file)
    assert len(secret) == 48
    assert kept_secret(file) == secret
