"""The half that lives inside openHAB: what belongs into its conf folder, and bringing it there."""

from twilio_binding.installation.bundle import Bundle, bundle
from twilio_binding.installation.conf import ConfFolder, InstallationError, Step
from twilio_binding.installation.secret import kept_secret, read_secret

__all__ = ["Bundle", "ConfFolder", "InstallationError", "Step", "bundle", "kept_secret", "read_secret"]
