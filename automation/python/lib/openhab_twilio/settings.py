"""The script's settings: `settings.json` beside this file, written by the installer."""

from __future__ import annotations

import json
import os

from twilio_binding.protocol.broker_url import BrokerAddress, BrokerURLError, read_broker_url
from twilio_binding.protocol.errors import TwilioBindingError
from twilio_binding.protocol.values import dataclass, field

FILE = os.path.join(os.path.dirname(__file__), "settings.json")
PATIENCE = 4.8
"""Seconds. If a rule waits longer than five, openHAB skips other rules of the same script file."""


class ScriptSettingsError(TwilioBindingError):
    """A setting that cannot be used; the text says which and what it must be."""

    code = "bad_setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSettings:
    """`secret` is shared with the service; `callbacks` is the service's webhook listener, "" for no proxy.

    `patience` is how long an action may take, in seconds.
    """

    secret: str = field(repr=False)
    broker: BrokerAddress
    base_topic: str = "twilio"
    callbacks: str = ""
    patience: float = PATIENCE


def load(path: str | os.PathLike[str] = FILE) -> ScriptSettings:
    """Read the settings; raises `ScriptSettingsError`."""
    name = os.path.basename(path)
    try:
        with open(path, encoding="utf-8") as file:
            found = json.loads(file.read())
    except (OSError, ValueError):
        raise ScriptSettingsError(f"{name} cannot be read; `twilio-binding install` writes it") from None
    if not isinstance(found, dict):
        raise ScriptSettingsError(f"{name} is not a JSON object")
    return ScriptSettings(
        secret=_secret(found.get("secret")),
        broker=_broker(_text(found, "mqttUrl", "mqtt://127.0.0.1:1883")),
        base_topic=_text(found, "baseTopic", "twilio"),
        callbacks=_text(found, "sidecarUrl", "").rstrip("/") if found.get("proxyCallbacks", True) else "",
        patience=_seconds(found.get("patience", PATIENCE)),
    )


def _text(found: dict[str, object], name: str, default: str) -> str:
    value = found.get(name, default)
    if not isinstance(value, str):
        raise ScriptSettingsError(f'"{name}" must be a string')
    return value


def _secret(value: object) -> str:
    if not isinstance(value, str) or len(value) < 32:
        raise ScriptSettingsError('"secret" must be a string of at least 32 characters')
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.1 <= value <= 60:
        raise ScriptSettingsError('"patience" must be a number of seconds from 0.1 to 60')
    return float(value)


def _broker(url: str) -> BrokerAddress:
    try:
        return read_broker_url(url)
    except BrokerURLError as error:
        raise ScriptSettingsError(error.told('"mqttUrl"')) from None
