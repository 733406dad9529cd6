"""The settings of the service: `load` reads a TOML file and the environment.

Add a section or a setting in `sections`, and a type of value in `values`. Nothing here knows what the settings are for.
"""

from twilio_binding.settings.loading import load, variable_of
from twilio_binding.settings.model import Settings
from twilio_binding.settings.sections import LimitsSettings, OpenHABSettings
from twilio_binding.settings.values import SettingsError, nearby_address, split_address, web_address

__all__ = [
    "LimitsSettings",
    "OpenHABSettings",
    "Settings",
    "SettingsError",
    "load",
    "nearby_address",
    "split_address",
    "variable_of",
    "web_address",
]
