"""Where the settings file is searched, and the base of its relative paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.certificates import Authority
from twilio_binding.settings import Settings, SettingsError, load, places


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user and a machine without settings."""
    for name in [name for name in os.environ if name.startswith(("TWILIO_BINDING_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(places, "SYSTEM_FILE", tmp_path / "etc" / "twilio-binding.toml")
    monkeypatch.setattr(places, "SYSTEM_DATA", tmp_path / "var")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def _write(path: Path, topic: str, more: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{more}\n[mqtt]\nbase_topic = "{topic}"\n', encoding="utf-8")
    return path


def _used(file: Path | None = None) -> str:
    return load(file).mqtt.base_topic


def test_order_of_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's file is found, then that of the user, the working folder's, the one of the environment, the named one."""
    assert _used() == "twilio"
    _write(tmp_path / "etc" / "twilio-binding.toml", "machine")
    assert _used() == "machine"
    _write(tmp_path / "home" / ".config" / "twilio-binding" / "twilio-binding.toml", "user")
    assert _used() == "user"
    _write(tmp_path / "xdg" / "twilio-binding" / "twilio-binding.toml", "xdg")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert _used() == "xdg"
    _write(Path("twilio-binding.toml"), "folder")
    assert _used() == "folder"
    monkeypatch.setenv("TWILIO_BINDING_CONFIG", str(_write(tmp_path / "e.toml", "environment")))
    assert _used() == "environment"
    assert _used(_write(tmp_path / "n.toml", "named")) == "named"


def test_file_that_the_environment_names_and_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other file is taken in its place; an empty variable names none."""
    _write(Path("twilio-binding.toml"), "folder")
    monkeypatch.setenv("TWILIO_BINDING_CONFIG", "gone.toml")
    with pytest.raises(
        SettingsError, match=r"^the settings file gone\.toml does not exist; TWILIO_BINDING_CONFIG points to it$"
    ):
        load()
    monkeypatch.setenv("TWILIO_BINDING_CONFIG", "")
    assert _used() == "folder"


@pytest.mark.parametrize("config_home", ["relative", ""])
def test_variables_of_the_desktop_that_are_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_home: str
) -> None:
    """A relative XDG_CONFIG_HOME does not count, as its specification says."""
    _write(tmp_path / "home" / ".config" / "twilio-binding" / "twilio-binding.toml", "user")
    monkeypatch.setenv("XDG_CONFIG_HOME", config_home)
    assert _used() == "user"


def _paths(settings: Settings) -> tuple[Path, list[str]]:
    return settings.data_dir, settings.things


def test_paths_without_a_word_of_the_file(tmp_path: Path) -> None:
    """Each place has its usual data folder, however the file was found; things are beside the file."""
    system = _write(tmp_path / "etc" / "twilio-binding.toml", "xx")
    expected = (tmp_path / "var", [f"{tmp_path}/etc/things/*.things"])
    assert _paths(load()) == _paths(load(system)) == expected
    user = _write(tmp_path / "home" / ".config" / "twilio-binding" / "twilio-binding.toml", "xx")
    things = [f"{user.parent}/things/*.things"]
    assert _paths(load()) == (tmp_path / "home" / ".local" / "share" / "twilio-binding", things)
    own = _write(tmp_path / "own" / "own.toml", "xx")
    assert _paths(load(own)) == (tmp_path / "own" / "data", [f"{tmp_path}/own/things/*.things"])
    _write(Path("twilio-binding.toml"), "xx")
    assert _paths(load()) == (Path("data"), ["things/*.things"])


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    """Whatever the working folder is, the same file means the same folders; absolute paths and `openhab` stand as they are."""
    said = 'data_dir = "d"\nthings = ["a/*.things", "/abs/*.things", "openhab"]'
    file = _write(tmp_path / "o[1]" / "own.toml", "xx", said)
    folder = f"{tmp_path}/o[[]1]"
    settings = load(file)
    assert settings.things == [f"{folder}/a/*.things", "/abs/*.things", "openhab"]
    assert settings.data_dir == tmp_path / "o[1]" / "d"


def test_relative_certificates_count_from_the_file(tmp_path: Path) -> None:
    """A `ca_file` beside the settings is found from every working folder; one that is nowhere is named."""
    (tmp_path / "etc").mkdir()
    authority = Authority(tmp_path / "etc")
    name = Path(authority.file).name
    system = tmp_path / "etc" / "twilio-binding.toml"
    system.write_text(f'[openhab]\nca_file = "{name}"\n[mqtt]\nca_file = "{name}"\n', encoding="utf-8")
    assert load().openhab.ca_file == load().mqtt.ca_file == str(tmp_path / "etc" / name)
    system.write_text('[openhab]\nca_file = "none.pem"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"openhab\.ca_file: the file or folder"):
        load()


def test_named_file_of_a_user_from_before(tmp_path: Path) -> None:
    """Data and things that stand in the working folder only are used from there, as before; those beside the file win."""
    named = _write(tmp_path / "own" / "own.toml", "xx")
    Path("data").mkdir()
    Path("things").mkdir()
    Path("things/twilio.things").touch()
    assert _paths(load(named)) == (Path("data"), ["things/*.things"])
    (tmp_path / "own" / "data").mkdir()
    assert _paths(load(named)) == (tmp_path / "own" / "data", ["things/*.things"])


def test_paths_of_the_environment_count_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said in a shell is meant from where the shell is."""
    _write(tmp_path / "etc" / "twilio-binding.toml", "xx", 'data_dir = "d"')
    monkeypatch.setenv("TWILIO_BINDING_DATA_DIR", "mine")
    monkeypatch.setenv("TWILIO_BINDING_THINGS", '["t/*.things"]')
    assert _paths(load()) == (Path("mine"), ["t/*.things"])


def test_origin(tmp_path: Path) -> None:
    """The settings tell where they come from."""
    assert load().origin == "environment and defaults, without a settings file"
    file = _write(tmp_path / "etc" / "twilio-binding.toml", "xx")
    assert load().origin == f"settings file {file}"


def test_file_in_another_encoding() -> None:
    """The byte that is wrong is named, and what to do."""
    Path("twilio-binding.toml").write_bytes(b'data_dir = "\xff"')
    with pytest.raises(SettingsError, match=r"^twilio-binding\.toml: byte 13 is not UTF-8"):
        load()


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """A folder of that name is not a settings file: the next place counts, and one that is named is an error."""
    Path("twilio-binding.toml").mkdir()
    with pytest.raises(SettingsError, match="the settings file"):
        load(Path("twilio-binding.toml"))
    _write(tmp_path / "etc" / "twilio-binding.toml", "machine")
    assert _used() == "machine"
