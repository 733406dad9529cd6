"""Tasks that remove what an installation has left in openHAB and in its own folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from twilio_binding.dsl import DslError, parse_things
from twilio_binding.installation import ConfFolder, bundle
from twilio_binding.openhab import OpenHABRequests
from twilio_binding.openhab.registries.rules import RULE_UID
from twilio_binding.settings import Settings
from twilio_binding.setup.errors import SetupError
from twilio_binding.setup.tasks import Task
from twilio_binding.store.folder import erase

USUAL_CONF = tuple(Path(folder) for folder in ("/etc/openhab", "/openhab/conf", "/opt/openhab/conf"))
"""The usual places of openHAB's configuration: packages, container, manual installation."""
_LIBRARY = Path("automation", "python", "lib", "openhab_twilio")


def relay_rule(settings: Settings) -> list[Task]:
    """The task to delete the relay rule in openHAB; raises `DependencyDownError` if openHAB does not answer."""
    if not _is_there("GET", settings):
        return []

    return [Task(f"delete the rule {RULE_UID} in openHAB", partial(_is_there, "DELETE", settings))]


def _is_there(method: str, settings: Settings) -> bool:
    with closing(OpenHABRequests(settings.openhab)) as requests:
        answer = requests.send(method, f"/rules/{RULE_UID}")
    if answer.status != 404:
        answer.checked()
    return answer.status != 404


def scripts(folders: Sequence[Path]) -> Iterator[Task]:
    """The tasks to remove the script from openHAB's configuration folders, if it is there."""
    ours = bundle(secret="", mqtt_url="", base_topic="", service_url="")  # only the names count
    for folder in folders:
        if (folder / _LIBRARY).is_dir():
            yield Task(
                f"remove the script from {folder}",
                partial(ConfFolder(folder).remove, ours),
            )


def data(folder: Path) -> list[Task]:
    """The task to delete the data folder, if there is one."""

    def delete() -> None:
        if left := erase(folder):
            raise SetupError(f"not created by this service, and therefore kept: {', '.join(map(str, left))}")

    return [Task(f"delete the data in {folder.resolve()}", delete)] if folder.is_dir() else []


def own_files(settings: Settings, folders: Sequence[Path]) -> list[Task]:
    """The tasks to delete the settings file, the things beside it, and their folders if these are then empty.

    In openHAB's configuration folders, it is the file of things that `setup` writes, if it contains no other things.
    """
    file = settings.file
    in_openhab = (folder / "things" / "twilio.things" for folder in folders)
    beside = sorted((file.parent / "things").glob("*.things")) if file.is_file() else []
    files = [path for path in (file, *beside, *(one for one in in_openhab if _is_ours(one))) if path.is_file()]
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


def _is_ours(things: Path) -> bool:
    try:
        nodes = parse_things(things.read_text(encoding="utf-8"), things.name)
    except (OSError, UnicodeDecodeError, DslError):
        return False
    return bool(nodes) and all(node.uid.startswith("twilio:") for node in nodes)
