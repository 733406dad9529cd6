"""Reads the settings: a TOML file, overridden by the environment (`TWILIO_BINDING_<SECTION>__<NAME>`)."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from twilio_binding.settings.model import PREFIX, Settings
from twilio_binding.settings.places import SettingsPlace, find
from twilio_binding.settings.values import SettingsError


def load(file: Path | None = None) -> Settings:
    """Read the settings from this file, or from the usual places; a named file must exist.

    Raises `SettingsError`.
    """
    return load_from(find(file))


def load_from(place: SettingsPlace) -> Settings:
    """Read the settings from a place; the file need not exist. Raises `SettingsError`."""
    path = place.file
    values = place.anchored(_read(path))
    _check_variables()

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *_: PydanticBaseSettingsSource,
            **sources: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return sources["env_settings"], InitSettingsSource(settings_cls, values)

    try:
        return FromFile().read_from(path)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error, path))) from None
    except Exception as error:
        # pydantic-settings wraps parse errors in one that shows the value; its own error names the setting.
        raise _unparsable(error) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except PermissionError:
        raise SettingsError(f"{path} cannot be read; run this as root or as the user of the service") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: byte {error.start + 1} is not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None


def _unparsable(error: Exception) -> SettingsError:
    found = re.fullmatch(r'error parsing value for field "(\w+)".*', str(error), re.DOTALL)
    if not found:
        return SettingsError(f"the settings cannot be read ({type(error).__name__})")
    variable = f"{PREFIX}{found[1].upper()}"
    return SettingsError(f"""{variable}: not JSON; write a list as '["a", "b"]'""")


def _explain(error: ValidationError, path: Path) -> list[str]:
    """Each error and its place, without the values."""
    texts = []
    for one in error.errors(include_input=False, include_url=False):
        text = "unknown setting" if one["type"] == "extra_forbidden" else one["msg"]
        setting, text = ".".join(str(part) for part in one["loc"]), text.removeprefix("Value error, ")
        where = variable_of(*(str(part) for part in one["loc"]))
        explained = f"{setting} {text}" if text.startswith("must ") else f"{setting}: {text}"
        texts.append(f"{where if where in os.environ else path}: {explained}")
    return texts


def variable_of(*names: str) -> str:
    """The variable that overrides a setting, by section and name."""
    return PREFIX + "__".join(names).upper()


def _check_variables() -> None:
    """Report misspelt variables, which would otherwise have no effect without notice.

    Other variables with this prefix are ignored: Kubernetes and Docker set such variables for a container of this name.
    """
    for variable in os.environ:
        name = variable[len(PREFIX) :].lower()
        if variable.upper().startswith(PREFIX) and (_is_slip(name) or _has_one_underscore(name)):
            raise SettingsError(
                f"{variable:.80}: unknown setting; "
                f"join section and name with two underscores, as in {PREFIX}OPENHAB__TOKEN"
            )


def _is_slip(name: str) -> bool:
    return "__" in name and not _is_setting(name.split("__"))


def _has_one_underscore(name: str) -> bool:
    section, _, rest = name.partition("_")
    return bool(rest) and not rest.startswith("_") and _is_setting([section, rest]) and not _is_setting([name])


def _is_setting(names: list[str]) -> bool:
    model: object = Settings
    for name in names:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return True  # an entry of a table
        field = model.model_fields.get(name)
        if field is None:
            return False
        model = field.annotation
    return True
