"""openHAB over REST and its event stream: links, states, trigger events, and who listens."""

from twilio_binding.openhab.connection import OpenHABConnection, ScriptInstallation
from twilio_binding.openhab.pictures import OpenHABPictures
from twilio_binding.openhab.registries.things import OpenHABThings
from twilio_binding.openhab.rest import RestClient

__all__ = ["OpenHABConnection", "OpenHABPictures", "OpenHABThings", "RestClient", "ScriptInstallation"]
