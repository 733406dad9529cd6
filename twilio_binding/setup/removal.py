"""Tasks that remove what an installation has left in openHAB and in its own folders.

Other services may use the same openHAB and the same machine. What belongs to one of them stays, and a note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from shlex import quote

from twilio_binding.dsl import DslError, parse_things
from twilio_binding.installation import ConfFolder, InstallationError, bundle, read_secret
from twilio_binding.openhab import OpenHABRequests, RestClient
from twilio_binding.openhab.delivery.relay_text import script_of
from twilio_binding.openhab.registries.rules import RULE_UID
from twilio_binding.settings import Settings, SettingsError
from twilio_binding.settings.places import SYSTEM_FILE, is_there
from twilio_binding.setup import machine
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.tasks import Task
from twilio_binding.store.folder import erase, may_be_data

USUAL_CONF = tuple(Path(folder) for folder in ("/etc/openhab", "/openhab/conf", "/opt/openhab/conf"))
"""The usual places of openHAB's configuration: packages, container, manual installation."""
_LIBRARY = Path("automation", "python", "lib", "openhab_twilio")


def relay_rule(settings: Settings, notes: list[str]) -> list[Task]:
    """The task to delete the relay rule in openHAB; raises `DependencyDownError` if openHAB does not answer."""
    with closing(OpenHABRequests(settings.openhab)) as requests:
        rule = RestClient(requests).rule(RULE_UID)
    if rule is None:
        return []
    if not _is_own(settings, lambda secret: secret in str(script_of(rule))):
        notes.append(_stays(settings, f"the rule {RULE_UID} in openHAB", "delete it in openHAB (Settings, Rules)"))
        return []

    def delete() -> None:
        with closing(OpenHABRequests(settings.openhab)) as requests:
            answer = requests.send("DELETE", f"/rules/{RULE_UID}")
        if answer.status != 404:
            answer.checked()

    return [Task(f"delete the rule {RULE_UID} in openHAB", delete)]


def scripts(settings: Settings, folders: Sequence[Path], notes: list[str]) -> Iterator[Task]:
    """The tasks to remove the script from openHAB's configuration folders, if it is there."""
    ours = bundle(secret="", mqtt_url="", base_topic="", service_url="")  # only the names count
    for folder in folders:
        if not _has_script(folder):
            continue
        try:
            if _is_own_script(settings, folder):
                yield Task(f"remove the script from {folder}", partial(ConfFolder(folder).remove, ours))
            else:
                how = f"remove it with `twilio-binding install --remove {quote(str(folder))}`"
                notes.append(_stays(settings, f"the script in {folder}", how))
        except InstallationError as error:
            notes.append(f"the script in {folder} stays: {error}")


def _has_script(folder: Path) -> bool:
    return (folder / _LIBRARY).is_dir()


def _is_own_script(settings: Settings, folder: Path) -> bool:
    """Whether an installed script has the secret of this service; one without a secret is nobody's. Raises `InstallationError`."""
    found = ConfFolder(folder).settings().get("secret")
    return not found or _is_own(settings, lambda secret: secret == found)


def _is_own(settings: Settings, matches: Callable[[str], bool]) -> bool:
    """Whether the secret of this service matches."""
    secret = _secret(settings)
    return bool(secret) and matches(str(secret))


def _secret(settings: Settings) -> str | None:
    """The secret of this service, "" if it has none; None if this user cannot read it."""
    try:
        return read_secret(settings.secret_file)
    except OSError:
        return None


def _stays(settings: Settings, what: str, how: str) -> str:
    """The note about something that has another secret than this service."""
    folder = settings.data_dir.resolve()
    if _secret(settings) is None:
        return f"{what} may belong to another service, and stays: this user cannot read the secret in {folder}; run this as root"
    return (
        f"{what} belongs to a service with another data folder than {folder}, and stays. If that service is gone, {how}"
    )


def has_unit(settings: Settings) -> bool:
    """Whether the unit runs a service with these settings, or with settings that are gone."""
    try:
        is_gone = not is_there(SYSTEM_FILE)
    except SettingsError:  # this user cannot see it
        is_gone = False
    return machine.is_installed() and (is_gone or _is_of_machine(settings))


def user(settings: Settings) -> list[Task]:
    """The task to remove the user, once nothing belongs to it."""
    return machine.removal_of_user() if has_unit(settings) or _is_of_machine(settings) else []


def _is_of_machine(settings: Settings) -> bool:
    return settings.file.resolve() == SYSTEM_FILE


def unit(settings: Settings, notes: list[str]) -> list[Task]:
    """The tasks to stop and remove the unit."""
    if machine.is_installed() and not has_unit(settings):
        notes.append(f"{machine.UNIT} runs the service with the settings {SYSTEM_FILE}, and stays")
        return []
    return machine.removal()


def data(folder: Path, notes: list[str]) -> list[Task]:
    """The task to delete the data folder, if there is one."""
    if not folder.is_dir():
        return []
    if not may_be_data(folder):
        notes.append(f"{folder.resolve()} contains no data of this service, and stays")
        return []

    def delete() -> None:
        if left := erase(folder):
            raise SetupError(f"not created by this service, and therefore kept: {', '.join(map(str, left))}")

    return [Task(f"delete the data in {folder.resolve()}", delete)]


def own_files(settings: Settings, folders: Sequence[Path], notes: list[str]) -> list[Task]:
    """The tasks to delete the settings file, the things beside it, and their folders if these are then empty.

    In these configuration folders of openHAB, it is the file of things that `setup` writes. Files with other things stay.
    """
    file = settings.file
    things = sorted((file.parent / "things").glob("*.things")) if file.is_file() else []
    things += [path for folder in folders if (path := folder / "things" / "twilio.things").is_file()]
    ours = {path: _is_ours(path) for path in things}
    notes += [f"{path.resolve()} contains more than things of Twilio, and stays" for path in ours if not ours[path]]
    files = [path for path in (file, *ours) if path.is_file() and ours.get(path, True)]
    if not files:
        return []

    def delete() -> None:
        for path in files:
            path.resolve().unlink(missing_ok=True)
            path.unlink(missing_ok=True)  # a link to it
        for folder in (file.parent / "things", file.parent):
            if folder.is_dir() and folder.resolve() != Path.cwd() and not any(folder.iterdir()):
                folder.rmdir()

    return [Task(f"delete {' and '.join(str(path.resolve()) for path in files)}", delete)]


def with_things(settings: Settings, folders: Sequence[Path], *, is_named: bool) -> list[Path]:
    """The configuration folders of openHAB in which this service has its things; `is_named`: the user names them."""

    def has_things(folder: Path) -> bool:
        if not _has_script(folder):
            return is_named or settings.things_in_openhab
        with suppress(InstallationError):
            return _is_own_script(settings, folder)
        return False

    return [folder for folder in folders if has_things(folder)]


def _is_ours(things: Path) -> bool:
    try:
        nodes = parse_things(things.read_text(encoding="utf-8"), things.name)
    except (OSError, UnicodeDecodeError, DslError):
        return False
    return bool(nodes) and all(node.uid.startswith("twilio:") for node in nodes)
