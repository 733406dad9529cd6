"""The script's files in openHAB's conf folder: compares, installs and removes them.

Only files are handled here; the script itself is in `automation/python`, and the command `install` in `cli`.
"""

from twilio_binding.installation.bundle import Bundle, bundle
from twilio_binding.installation.conf import ConfFolder, Step
from twilio_binding.installation.files import InstallationError
from twilio_binding.installation.secret import kept_secret, read_secret

__all__ = ["Bundle", "ConfFolder", "InstallationError", "Step", "bundle", "kept_secret", "read_secret"]
