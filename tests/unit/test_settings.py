"""Settings: file, environment, and errors that name the setting and show no secret."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from twilio_binding.settings import Settings, SettingsError, load, nearby_address, split_address

_SECRET = "my-secret-token"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings, and an environment without ours."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TWILIO_BINDING_")]:
        monkeypatch.delenv(name)


def _file(text: str, name: str = "twilio-binding.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults() -> None:
    """Without file and environment everything has its documented default."""
    settings = load()
    assert (settings.data_dir, settings.things) == (Path("data"), ["things/*.things"])
    assert (settings.openhab.url, settings.openhab.token.get_secret_value()) == ("http://127.0.0.1:8080", "")
    assert (settings.mqtt.url.get_secret_value(), settings.mqtt.base_topic) == ("mqtt://127.0.0.1:1883", "twilio")
    assert (settings.webhook.listen, settings.admin.listen) == ("127.0.0.1:8765", "127.0.0.1:8766")
    assert settings.twilio.api_url == "https://api.twilio.com"
    assert (settings.delivery.message_hours, settings.log.level, settings.log.format) == (24, "info", "text")


def test_file() -> None:
    """The values in the file count; the rest keeps its default."""
    _file('data_dir = "/var/x"\nthings = ["a/*.things", "b.things"]\n[mqtt]\nbase_topic = "home/twilio"\n')
    settings = load()
    assert (settings.data_dir, settings.things) == (Path("/var/x"), ["a/*.things", "b.things"])
    assert settings.mqtt.base_topic == "home/twilio"
    assert settings.webhook.listen == "127.0.0.1:8765"


def test_named_file() -> None:
    """A named file is used instead of the usual one."""
    _file('data_dir = "usual"')
    assert load(_file('data_dir = "named"', "other.toml")).data_dir == Path("named")


def test_named_file_that_is_not_there() -> None:
    """A named file must exist; the usual one need not."""
    with pytest.raises(SettingsError, match=r"the settings file nowhere\.toml does not exist"):
        load(Path("nowhere.toml"))
    assert load().data_dir == Path("data")


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment overrides the file, one setting at a time, lists as JSON."""
    _file('[openhab]\nurl = "http://file"\n[webhook]\nlisten = "127.0.0.1:1"\nmax_held = 7\n')
    monkeypatch.setenv("TWILIO_BINDING_OPENHAB__URL", "http://environment")
    monkeypatch.setenv("TWILIO_BINDING_OPENHAB__TOKEN", _SECRET)
    monkeypatch.setenv("TWILIO_BINDING_WEBHOOK__LISTEN", "0.0.0.0:2")
    monkeypatch.setenv("TWILIO_BINDING_THINGS", '["x/*.things"]')
    monkeypatch.setenv("twilio_binding_data_dir", "lower")
    settings = load()
    assert (settings.openhab.url, settings.openhab.token.get_secret_value()) == ("http://environment", _SECRET)
    assert (settings.webhook.listen, settings.webhook.max_held) == ("0.0.0.0:2", 7)
    assert (settings.things, settings.data_dir) == (["x/*.things"], Path("lower"))


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed settings show neither the token nor the password in the broker's URL."""
    monkeypatch.setenv("TWILIO_BINDING_OPENHAB__TOKEN", _SECRET)
    monkeypatch.setenv("TWILIO_BINDING_MQTT__URL", f"mqtt://user:{_SECRET}@broker")
    settings = load()
    assert _SECRET not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert _SECRET in settings.mqtt.url.get_secret_value()


def test_settings_do_not_change() -> None:
    """Nobody can change settings while they are used."""
    settings = load()
    with pytest.raises(ValueError, match="frozen"):
        settings.data_dir = Path("other")  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("no_such = 1", "twilio-binding.toml: no_such: unknown setting"),
        ("[no_such]\nx = 1", "twilio-binding.toml: no_such: unknown setting"),
        ("[openhab]\nuri = 'x'", "twilio-binding.toml: openhab.uri: unknown setting"),
        ("[openhab]\nTOKEN = 'x'", "twilio-binding.toml: openhab.TOKEN: unknown setting"),
        ("openhab = 'x'", "twilio-binding.toml: openhab: "),
        ("things = 'x'", "twilio-binding.toml: things: Input should be a valid list"),
        ("things = []", "twilio-binding.toml: things: give at least one pattern"),
        ("things = [1]", "twilio-binding.toml: things.0: Input should be a valid string"),
        ("data_dir = 5", "twilio-binding.toml: data_dir: "),
        ("data_dir = '~/data'", "twilio-binding.toml: data_dir: write the full path instead of ~"),
        ('data_dir = "a\\u0000b"', "twilio-binding.toml: data_dir: a path cannot have the character"),
        ("things = ['a', '~/*.things']", "twilio-binding.toml: things: write the full path instead of ~"),
        ("[mqtt]\nbase_topic = ''", "twilio-binding.toml: mqtt.base_topic: "),
        ("[mqtt]\nbase_topic = 'a/'", "twilio-binding.toml: mqtt.base_topic: "),
        ("[mqtt]\nbase_topic = 'a/#'", "twilio-binding.toml: mqtt.base_topic: "),
        ("[mqtt]\nbase_topic = 'a b'", "twilio-binding.toml: mqtt.base_topic: "),
        ("[webhook]\nmax_held = 0", "twilio-binding.toml: webhook.max_held: Input should be greater than 0"),
        ("[webhook]\nmax_held = 'many'", "twilio-binding.toml: webhook.max_held: Input should be a valid integer"),
        ("[delivery]\nmessage_hours = -1", "twilio-binding.toml: delivery.message_hours: Input should be greater"),
        ("[delivery]\nkeep_days = nan", "twilio-binding.toml: delivery.keep_days: "),
        ("[log]\nlevel = 'loud'", "twilio-binding.toml: log.level: "),
        ("[log]\nformat = 'xml'", "twilio-binding.toml: log.format: "),
        ("[log", "twilio-binding.toml: "),
        ("x = 1\nx = 2", "twilio-binding.toml: Cannot overwrite a value"),
        ("\x00", "twilio-binding.toml: "),
    ],
)
def test_bad_files(text: str, error: str) -> None:
    """The file and the setting are named, and what it must be."""
    _file(text)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value).startswith(error)
    assert caught.value.code == "bad_settings"


@pytest.mark.parametrize("setting", ["data_dir = '~/data'", "things = ['~/data']"])
def test_a_folder_named_tilde_is_found_again(tmp_path: Path, setting: str) -> None:
    """Whoever used a folder named ~ without noticing is told where it is, also if it was beside a file elsewhere."""
    for name, folder in (("twilio-binding.toml", tmp_path), (str(tmp_path / "etc" / "x.toml"), tmp_path / "etc")):
        folder.mkdir(exist_ok=True)
        with pytest.raises(SettingsError) as caught:
            load(_file(setting, name))
        assert f"earlier versions used {folder}/~/data: move what is there" in str(caught.value)


@pytest.mark.parametrize("name", ["PORT", "PORT_8765_TCP", "SERVICE_HOST", "VERSION", "TOKEN"])
def test_variables_of_others(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Similar variables that Kubernetes and Docker set for a container of this name do no harm."""
    monkeypatch.setenv(f"TWILIO_BINDING_{name}", "tcp://10.0.0.1:8765")
    assert load().data_dir == Path("data")


def test_everything_that_is_wrong_is_told() -> None:
    """All errors are reported at once."""
    _file("no_such = 1\n[log]\nlevel = 'loud'\n[openhab]\nurl = 'h:8080'")
    with pytest.raises(SettingsError) as caught:
        load()
    assert sorted(str(caught.value).splitlines()) == [
        "twilio-binding.toml: log.level: String should match pattern '^(debug|info|warning|error)$'",
        "twilio-binding.toml: no_such: unknown setting",
        "twilio-binding.toml: openhab.url: not a web address; use the form http://192.168.1.5:8080",
    ]


@pytest.mark.parametrize(
    "url", ["", "h", "h:8080", "ftp://h", "http://", "http:///x", "http://h:x", "http://h:0", "mqtt://h"]
)
def test_what_is_no_web_address(url: str) -> None:
    """A host alone is not a URL; it would fail forever."""
    _file(f"[twilio]\napi_url = '{url}'")
    with pytest.raises(SettingsError, match="not a web address"):
        load()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("OPENHAB_TOKEN", "TWILIO_BINDING_OPENHAB_TOKEN: unknown setting; join section and name with two"),
        ("NO__SUCH", "TWILIO_BINDING_NO__SUCH: unknown setting"),
        ("LOG__LEVEL__X", ""),
        ("THINGS", 'TWILIO_BINDING_THINGS: not JSON; write a list as \'["a", "b"]\''),
        ("MEDIA__CREDENTIALS__CAMERA__USER", ""),
    ],
)
def test_variables_that_name_no_setting(monkeypatch: pytest.MonkeyPatch, name: str, error: str) -> None:
    """A misspelt variable is reported by name, never with its value."""
    monkeypatch.setenv(f"TWILIO_BINDING_{name}", _SECRET)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value).startswith(error)
    assert _SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"[openhab]\ntoken = ['{_SECRET}']",
        f"[openhab]\ntoken = '{_SECRET}\n",
        f"[openhab]\ntokem = '{_SECRET}'",
        f"[mqtt]\nurl = {{ url = 'mqtt://u:{_SECRET}@h' }}",
        f"[mqtt]\nurl = 'mqtt://u:{_SECRET}@h'\nbase_topic = ' '",
        f"openhab = '{_SECRET}'",
        f"'{_SECRET}'",
        f"[openhab]\ntoken = {_SECRET}",
    ],
)
def test_errors_show_no_secret(text: str) -> None:
    """Errors of a file do not repeat its content."""
    _file(text)
    with pytest.raises(SettingsError) as caught:
        load()
    assert _SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THINGS", _SECRET),
        ("OPENHAB", _SECRET),
        ("OPENHAB", f'{{"tokem": "{_SECRET}"}}'),
        ("OPENHAB__TOKEM", _SECRET),
        ("MQTT", f'{{"url": ["{_SECRET}"]}}'),
        ("WEBHOOK__MAX_HELD", _SECRET),
    ],
)
def test_bad_environment(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """An invalid variable is an error of the settings that does not show its value."""
    monkeypatch.setenv(f"TWILIO_BINDING_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert _SECRET not in str(caught.value)


def test_file_that_is_not_utf8() -> None:
    """A file in another encoding is an error of the settings."""
    Path("twilio-binding.toml").write_bytes(b'data_dir = "\xff"')
    with pytest.raises(SettingsError):
        load()


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:8765", ("127.0.0.1", 8765)),
        ("0.0.0.0:0", ("0.0.0.0", 0)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_addresses(listen: str, address: tuple[str, int]) -> None:
    """Host and port, also of IPv6."""
    assert split_address(listen) == address


@pytest.mark.parametrize(
    "listen",
    [
        "",
        "8765",
        ":8765",
        "host",
        "host:",
        "host:x",
        "host:65536",
        "host:-1",
        "host:\N{ARABIC-INDIC DIGIT THREE}",
        "[]:80",
        "host:" + "9" * 5000,
    ],
)
def test_what_is_no_address(listen: str) -> None:
    """Anything else is refused with an example, and in the settings with the name of the setting."""
    with pytest.raises(ValueError, match=r"is not an address; use the form 127\.0\.0\.1:8765"):
        split_address(listen)
    for section in ("webhook", "admin"):
        Path("twilio-binding.toml").write_text(f"[{section}]\nlisten = {json.dumps(listen)}\n", encoding="utf-8")
        with pytest.raises(SettingsError, match=rf"{section}\.listen: .* is not an address; use the form"):
            load()


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("0.0.0.0:8766", ("127.0.0.1", 8766)),
        ("[::]:8766", ("::1", 8766)),
        ("192.168.1.5:8766", ("192.168.1.5", 8766)),
    ],
)
def test_where_programs_here_reach_a_listener(listen: str, address: tuple[str, int]) -> None:
    """A listener on all addresses is reached on loopback."""
    assert nearby_address(listen) == address


def test_every_setting_is_described() -> None:
    """Each setting says what it is for."""
    for name, field in Settings.model_fields.items():
        sections = getattr(field.annotation, "model_fields", None)
        for inner, described in (sections or {name: field}).items():
            assert described.description, f"{name}.{inner}"


@pytest.mark.parametrize("setting", ["OPENHAB__TOKEN", "ADMIN__TOKEN"])
def test_token_from_a_file(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    """Blanks and line ends around a token are ignored, because files contain them; others in it are named."""
    monkeypatch.setenv(f"TWILIO_BINDING_{setting}", f" {_SECRET}\r\n")
    settings = load()
    section = settings.openhab if setting.startswith("OPENHAB") else settings.admin
    assert section.token.get_secret_value() == _SECRET
    for strange in ("\u200b", " ", "\n", "\u00e4"):
        monkeypatch.setenv(f"TWILIO_BINDING_{setting}", f"my-secret{strange}-token")
        with pytest.raises(SettingsError, match="character 10 of 16 is blank, invisible or not ASCII") as caught:
            load()
        assert setting.lower().replace("__", ".") in str(caught.value)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://me:pass-word@openhab:8080", "https://me@openhab", "http://:pass-word@openhab"])
def test_credentials_of_openhab(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """User and password in openHAB's URL are reported, and not shown."""
    monkeypatch.setenv("TWILIO_BINDING_OPENHAB__URL", url)
    with pytest.raises(SettingsError, match=r"openhab\.url: remove user and password") as caught:
        load()
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize("url", ["mqtt://me:my#secret@b", "mqtt://:secret@b", "mqtt://me:my/secret@b", "mqtt://b:port"])
def test_broker_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """An invalid broker URL is reported immediately, with the setting and without the password."""
    monkeypatch.setenv("TWILIO_BINDING_MQTT__URL", url)
    with pytest.raises(SettingsError, match=r"mqtt\.url: ") as caught:
        load()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("setting", ["openhab", "mqtt"])
def test_certificates_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str) -> None:
    """A `ca_file` that does not exist, contains no certificate, or is an empty folder is named at the start."""
    empty, nonsense = tmp_path / "empty", tmp_path / "nonsense.pem"
    empty.mkdir()
    nonsense.write_text("-----BEGIN NOTHING-----")
    binary = tmp_path / "binary.der"
    binary.write_bytes(bytes(range(256)))
    for path, told in (
        (tmp_path / "missing", "does not exist"),
        (empty, "contains no certificate"),
        (nonsense, "contains no certificate"),
        (binary, "contains no certificate"),
    ):
        monkeypatch.setenv(f"TWILIO_BINDING_{setting.upper()}__CA_FILE", str(path))
        with pytest.raises(SettingsError, match=rf"{setting}\.ca_file: .*{told}"):
            load()
