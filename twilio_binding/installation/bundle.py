"""The files to install: the script, its library with the protocol modules of this version, and its settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

_PACKAGE = Path(__file__).resolve().parents[1]
_LIBRARY = PurePosixPath("lib/openhab_twilio")
SHARED = PurePosixPath("lib/twilio_binding")
"""The package that also runs inside openHAB, with its `protocol` only."""
SETTINGS = _LIBRARY / "settings.json"
OLD_SCRIPTS = (PurePosixPath("twilio_bridge.py"),)
"""Names of the script in earlier versions. openHAB would load an old one beside the new one."""
_MARK = b"from openhab_twilio.binding"


def is_script(path: PurePosixPath) -> bool:
    """Whether openHAB loads a file as a separate script; users' scripts are in the same folder."""
    return len(path.parts) == 1


def is_ours(content: bytes) -> bool:
    """Whether a script was written by `install`, in any version, or is empty."""
    return _MARK in content or not content.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Files by their path below `automation/python`; `settings` is the path of the file with secrets."""

    files: Mapping[PurePosixPath, bytes]

    @property
    def in_order(self) -> list[PurePosixPath]:
        """The paths in the order of writing: scripts last, because openHAB loads them immediately."""
        return sorted(self.files, key=lambda path: (is_script(path), path))


def bundle(
    *, secret: str, mqtt_url: str, base_topic: str, service_url: str, kept: Mapping[str, object] = MappingProxyType({})
) -> Bundle:
    """The files of this version.

    `mqtt_url` and `service_url` are the addresses as seen from openHAB's machine; `secret` is shared by service and
    script; `kept` are the other current settings of the script.
    """
    folder = _automation()
    files = {
        PurePosixPath(path.relative_to(folder).as_posix()): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    files |= {
        SHARED / path.relative_to(_PACKAGE).as_posix(): path.read_bytes()
        for path in (_PACKAGE / "__init__.py", *sorted((_PACKAGE / "protocol").glob("*.py")))
    }
    ours = {"secret": secret, "mqttUrl": mqtt_url, "baseTopic": base_topic, "sidecarUrl": service_url}
    settings = ours | {name: value for name, value in kept.items() if name not in ours}
    files[SETTINGS] = (json.dumps(settings, indent=2) + "\n").encode()
    return Bundle(files=files)


def _automation() -> Path:
    """The folder of the files: beside the package in a checkout, inside it when it is installed."""
    beside = _PACKAGE.parent / "automation" / "python"
    return beside if beside.is_dir() else _PACKAGE / "automation"
