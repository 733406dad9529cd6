"""openHAB: the connection with its event stream, what openHAB has, and how events reach it.

What speaks to openHAB over HTTP stands here; what an event means does not.
"""

from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.connection import OpenHABConnection, ScriptInstallation
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.items import OpenHABItems
from twilio_binding.openhab.pictures import OpenHABPictures
from twilio_binding.openhab.registries.things import OpenHABThings
from twilio_binding.openhab.rest import RestClient

__all__ = [
    "OpenHABConnection",
    "OpenHABItems",
    "OpenHABPictures",
    "OpenHABRefusedError",
    "OpenHABRequests",
    "OpenHABThings",
    "RestClient",
    "ScriptInstallation",
]
