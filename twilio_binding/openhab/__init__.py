"""openHAB: the connection with its event stream, what openHAB has, and how events reach it.

Everything that talks HTTP with openHAB belongs here; the meaning of events does not. The items of alarms and of people
are imported from their own modules, and only if they are needed.
"""

from twilio_binding.openhab.answers import OpenHABRefusedError
from twilio_binding.openhab.connection import OpenHABConnection, ScriptInstallation
from twilio_binding.openhab.delivery.script import ScriptClient
from twilio_binding.openhab.http import OpenHABRequests
from twilio_binding.openhab.overview import item_types
from twilio_binding.openhab.pictures import OpenHABPictures
from twilio_binding.openhab.registries.links import ItemLink, ItemLinks
from twilio_binding.openhab.registries.things import OpenHABThings
from twilio_binding.openhab.release import Release, read_release
from twilio_binding.openhab.rest import RestClient
from twilio_binding.openhab.trial import OpenHABTrial

__all__ = [
    "ItemLink",
    "ItemLinks",
    "OpenHABConnection",
    "OpenHABPictures",
    "OpenHABRefusedError",
    "OpenHABRequests",
    "OpenHABThings",
    "OpenHABTrial",
    "Release",
    "RestClient",
    "ScriptClient",
    "ScriptInstallation",
    "item_types",
    "read_release",
]
